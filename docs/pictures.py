"""The README's picture from what ``make demo`` wrote: ``python docs/pictures.py output/demo docs/images/demo.png``."""

import sys
from pathlib import Path

from wanmove_core.rendering.images import contact_sheet, evenly_spaced, fit_image, save_image
from wanmove_core.rendering.video_file import read_video

ROWS = (("draft.mp4", "draft, no model"), ("guided.mp4", "demo model, guided"), ("unguided.mp4", "demo model, no tracks"))
COLUMNS = 5
TILE = (300, 173)


def main() -> None:
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    tiles, labels = [], []
    for name, label in ROWS:
        frames = list(read_video(folder / name))
        for index in evenly_spaced(len(frames), COLUMNS):
            tiles.append(fit_image(frames[index], *TILE, "crop"))
            labels.append(f"{label}, frame {index}")
    save_image(target, contact_sheet(tiles, COLUMNS, labels))


if __name__ == "__main__":
    main()
