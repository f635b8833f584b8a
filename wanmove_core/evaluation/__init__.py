"""Measuring whether a video followed its tracks."""
