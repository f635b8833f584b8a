"""The picture and the clip of the example workflows, put into ComfyUI's input folder, where Load Image and Load Video look."""

import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path

import folder_paths

_SHIPPED = Path(__file__).parents[1] / "wanmove_core" / "demo"
EXAMPLES = {"picture.jpg": "wan_move_example.jpg", "clip.mp4": "wan_move_example.mp4"}
"""file of the pack → its name in the input folder"""


def offer_examples() -> None:
    """Copy what is not there yet. A folder that cannot be written to is left as it is: only the examples miss something."""
    folder = Path(folder_paths.get_input_directory())
    for source, name in EXAMPLES.items():
        target, half = folder / name, folder / f".{name}.{os.getpid()}"
        if target.exists():
            continue
        try:
            shutil.copyfile(_SHIPPED / source, half)
            half.replace(target)
        except OSError as error:
            with suppress(OSError):
                half.unlink()
            logging.info("Wan-Move: %s for the example workflows is not in the input folder: %s", name, error)
