"""Stands in for the part of ComfyUI's ``comfy_api`` that the nodes use. Not ComfyUI: it records, and runs nothing."""
