"""ComfyUI nodes: schema, convert, one call, convert back. The arithmetic is in ``wanmove_core``."""
