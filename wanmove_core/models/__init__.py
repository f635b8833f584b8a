"""The networks, with the parameter names of the released Wan checkpoints."""
