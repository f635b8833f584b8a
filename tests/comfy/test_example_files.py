"""What the pack puts into ComfyUI's input folder for its example workflows."""

import asyncio
from pathlib import Path
from types import ModuleType

import pytest

SHIPPED = Path(__file__).parents[2] / "wanmove_core" / "demo"


def test_picture_and_clip_are_put_where_load_image_and_load_video_look(pack: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    asyncio.run(pack.comfy_entrypoint())
    assert {path.name: path.read_bytes() for path in (tmp_path / "input").iterdir()} == {
        "wan_move_example.jpg": (SHIPPED / "picture.jpg").read_bytes(),
        "wan_move_example.mp4": (SHIPPED / "clip.mp4").read_bytes(),
    }


def test_a_file_of_that_name_is_the_users(pack: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    own = tmp_path / "input" / "wan_move_example.jpg"
    own.write_bytes(b"own")
    asyncio.run(pack.comfy_entrypoint())
    assert own.read_bytes() == b"own"


def test_without_a_folder_to_write_to_the_pack_loads_all_the_same(
    pack: ModuleType, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    (tmp_path / "input").write_text("not a folder")
    extension = asyncio.run(pack.comfy_entrypoint())
    assert asyncio.run(extension.get_node_list())
    assert "wan_move_example.jpg" in caplog.text
