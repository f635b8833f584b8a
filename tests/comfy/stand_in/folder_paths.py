"""Stands in for ComfyUI's ``folder_paths``: folders below one that a test chooses."""

from pathlib import Path

base = Path()
models_dir = "models"


def get_temp_directory() -> str:
    """Where nodes put what the page shows."""
    return str(base / "temp")


def get_directory_by_type(type_name: str) -> str | None:
    """The folder of "input", "output" or "temp"."""
    return str(base / type_name) if type_name in ("input", "output", "temp") else None


def get_input_directory() -> str:
    """Where Load Image looks."""
    return str(base / "input")


def get_output_directory() -> str:
    """Where nodes save."""
    return str(base / "output")


def get_save_image_path(filename_prefix: str, output_dir: str) -> tuple[str, str, int, str, str]:
    """Folder, name, first free number, subfolder and prefix; as ComfyUI, it refuses to leave the output folder."""
    place = Path(output_dir) / filename_prefix
    if not place.resolve().is_relative_to(Path(output_dir).resolve()):
        raise ValueError("Saving outside the output folder is not allowed.")
    place.parent.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.name[len(place.name) + 1 :].split("_")[0]) for path in place.parent.glob(f"{place.name}_*")]
    return str(place.parent), place.name, max(numbers, default=0) + 1, str(Path(filename_prefix).parent), filename_prefix


def get_folder_paths(folder_name: str) -> list[str]:
    """Where the models of a kind lie."""
    return [str(base / "models" / folder_name)]


def get_filename_list(folder_name: str) -> list[str]:
    """The model files of a kind."""
    folder = base / "models" / folder_name
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def get_full_path_or_raise(folder_name: str, filename: str) -> str:
    """Where a model file lies."""
    path = base / "models" / folder_name / filename
    if not path.is_file():
        raise FileNotFoundError(f"Model in folder '{folder_name}' with filename '{filename}' not found.")
    return str(path)


def add_model_folder_path(folder_name: str, full_folder_path: str, is_default: bool = False) -> None:
    """Makes a folder of models known; here all lie below one."""
