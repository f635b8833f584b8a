"""Track documents and what they bake to."""
