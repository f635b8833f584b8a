"""What encoders gave, kept for as long as ComfyUI keeps anything of this pack that holds it.

Loaded models hold it, and so does the object that ComfyUI makes of Load Wan-Move: the first are gone as soon as another LoRA is
chosen, the second stays while workflows have that node. When ComfyUI frees memory it drops both. In a folder it is kept where
the user has named one (``WANMOVE_CACHE``): ComfyUI's own temporary folder is emptied at each start, and would gain nothing.
"""

import weakref

from ..wanmove_core.generation.encode_cache import EncodeCache, open_cache

_living: weakref.ref[EncodeCache] | None = None


def kept_encodes() -> EncodeCache:
    """The cache that somebody holds, or else a new one.

    Raises:
        RequestError: the folder in the environment cannot be.
    """
    global _living
    cache = None if _living is None else _living()
    if cache is None:
        cache = open_cache()
        _living = weakref.ref(cache)
    return cache
