"""Model files: recognising them, reading them safely, fitting them to the networks."""
