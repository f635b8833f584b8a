"""What a generation is asked for and with which networks, and what can be wrong with it before anything runs."""
