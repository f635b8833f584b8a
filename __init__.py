"""ComfyUI-WanMove as ComfyUI finds it: a folder in ``custom_nodes``. Python without ComfyUI imports it and gets nothing.

The engine is the package ``wanmove_core`` beside this file, the editor is in ``js``.
"""

from importlib.util import find_spec

WEB_DIRECTORY = "./js"

if find_spec("comfy_api"):
    from .nodes.extension import comfy_entrypoint

    __all__ = ["WEB_DIRECTORY", "comfy_entrypoint"]
