"""Which weights lie on the device and which pass through it: planned from the memory there is, and carried out."""
