"""ComfyUI-WanMove as ComfyUI finds it: a folder in ``custom_nodes``. Imports nothing, so that Python without ComfyUI can.

The engine is the package ``wanmove_core`` beside this file. The nodes come with a later issue and export themselves here,
behind ``importlib.util.find_spec("comfy_api")``.
"""
