"""What each command does, from its parsed options to a dictionary for people or machines."""
