"""Names of files in ComfyUI's input, output and temp folders: found there, or not at all."""

from pathlib import Path

import folder_paths

from ..wanmove_core.errors import TrackError

KINDS = ("input", "output", "temp")


def find_file(kind: str, name: str) -> Path | None:
    """The file of this name in a folder of ComfyUI's; None if there is none or the name leads out of the folder."""
    folder = folder_paths.get_directory_by_type(kind) if kind in KINDS else None
    if not folder or not name or "\0" in name:
        return None
    base = Path(folder).resolve()
    path = (base / name).resolve()
    return path if path.is_relative_to(base) and path.is_file() else None


def named_file(text: str, *suffixes: str) -> Path:
    """The file that somebody typed: its name in the input folder, or with " [output]" behind it in the output folder.

    Args:
        suffixes: in small letters; the name must end in one of them.

    Raises:
        TrackError: there is none, or it ends otherwise.
    """
    name, kind = text.strip(), "input"
    for other in KINDS:
        if name.endswith(f"[{other}]"):
            name, kind = name.removesuffix(f"[{other}]").rstrip(), other
    path = find_file(kind, name)
    if path is None or path.suffix.lower() not in suffixes:
        wanted = suffixes[0] if len(suffixes) == 1 else "track"
        raise TrackError(f'There is no {wanted} file "{name}" in ComfyUI\'s {kind} folder{_others(kind, suffixes)}.')
    return path


def _others(kind: str, suffixes: tuple[str, ...]) -> str:
    folder = Path(folder_paths.get_directory_by_type(kind) or "")
    files = folder.iterdir() if folder.is_dir() else ()
    names = sorted(path.name for path in files if path.suffix.lower() in suffixes)[:8]
    return f"; there are {', '.join(names)}" if names else "; put it there"
