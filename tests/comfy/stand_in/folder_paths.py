"""Stands in for ComfyUI's ``folder_paths``: three folders below one that a test chooses."""

from pathlib import Path

base = Path()


def get_temp_directory() -> str:
    """Where nodes put what the page shows."""
    return str(base / "temp")


def get_directory_by_type(type_name: str) -> str | None:
    """The folder of "input", "output" or "temp"."""
    return str(base / type_name) if type_name in ("input", "output", "temp") else None
