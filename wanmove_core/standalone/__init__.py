"""The editor as a page of its own, served to this machine only."""
