"""The link types that this pack brings."""

from comfy_api.v0_0_2 import io

WanMoveModel = io.Custom("WANMOVE_MODEL")
"""a ``hosted_model.HostedModel``"""
WanMoveGuide = io.Custom("WANMOVE_GUIDE")
"""a ``guide.Guide``"""
