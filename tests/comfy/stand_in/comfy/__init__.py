"""Stands in for the parts of ComfyUI's ``comfy`` that the engine's nodes use. Not ComfyUI: it records, on the CPU."""
