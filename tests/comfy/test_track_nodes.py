"""The nodes that make, change, show, read and write tracks, over the stand-in for ComfyUI's Python."""

import json
import shutil
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from tests.comfy.pack_nodes import node_named
from tests.core.test_interchange import GOLDEN
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.interchange_formats import FORMATS
from wanmove_core.tracks.presets import PRESETS
from wanmove_core.tracks.sampling import bake

IMAGE = torch.rand(1, 32, 64, 3, generator=torch.Generator().manual_seed(0))
COORDINATES = json.dumps([[{"x": x, "y": 8} for x in (8, 10, 12, 14, 16)], [{"x": 40, "y": y} for y in (8, 9, 10, 11, 12)]])
RECTANGLE = {"region": "rectangle", "left": 8, "top": 8, "across": 16, "down": 16}


def run(pack: ModuleType, node_id: str, **inputs: Any) -> tuple[Any, ...]:
    """What the node gives; inputs left out take their defaults."""
    node = node_named(pack, node_id)
    slots = {slot.id: slot for slot in node.define_schema().inputs}
    choices = {name: slot.said["options"][0] for name, slot in slots.items() if slot.said.get("options")}
    defaults = {name: slot.default for name, slot in slots.items() if slot.default is not None}
    return node.execute(**{**choices, **defaults, **inputs}).args


def preset_tracks(pack: ModuleType, preset: dict[str, Any], region: dict[str, Any], **inputs: Any) -> tuple[Any, str]:
    given = {"length": 5, "width": 64, "height": 32, "fit": "crop", **inputs}
    return run(pack, "WanMovePresetTracks", preset=preset, region=region, **given)  # type: ignore[return-value]


def imported(pack: ModuleType) -> dict[str, Any]:
    return run(pack, "WanMoveImportTracks", source={"source": "JSON", "coordinates": COORDINATES}, width=64, height=32)[0]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_moves_a_rectangle_with_its_defaults(pack: ModuleType, name: str) -> None:
    values = {parameter.name: parameter.default for parameter in PRESETS[name].parameters}
    tracks, document = preset_tracks(pack, {"preset": name, **values}, RECTANGLE, length=9)
    baked = bake(parse_document(document), 9, 64, 32)
    assert torch.equal(tracks["track_path"], torch.from_numpy(baked.positions))
    assert tracks["track_visibility"].all() and tracks["track_visibility"].shape == tracks["track_path"].shape[:2]
    assert (tracks["track_path"] != tracks["track_path"][0]).any()


@pytest.mark.parametrize(
    ("region", "pinned", "kinds"),
    [
        ({"region": "whole picture"}, True, ["frame"]),
        (RECTANGLE, False, ["rectangle"]),
        (RECTANGLE, True, ["rest", "rectangle"]),
        ({"region": "mask", "mask": torch.ones(1, 16, 32)}, False, ["mask"]),
    ],
)
def test_a_preset_moves_the_picture_a_rectangle_or_a_mask(pack: ModuleType, region, pinned, kinds) -> None:
    _, document = preset_tracks(pack, {"preset": "pan", "x": 8.0, "y": 0.0}, region, pin_rest=pinned)
    assert [layer["region"]["kind"] for layer in json.loads(document)["layers"]] == kinds


def test_a_mask_is_fitted_as_the_picture_is(pack: ModuleType) -> None:
    mask = torch.zeros(1, 32, 128)
    mask[:, :, 48:64] = 1
    tracks, _ = preset_tracks(pack, {"preset": "pan", "x": 8.0, "y": 0.0}, {"region": "mask", "mask": mask})
    assert set(tracks["track_path"][0, :, 0].tolist()) == {20.0, 28.0}, "a third of the picture is cut off on either side"


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ({"region": "mask"}, "no mask is connected"),
        ({"region": "mask", "mask": torch.zeros(1, 32, 64)}, "mask is empty"),
        ({**RECTANGLE, "left": 400}, "outside the picture"),
    ],
)
def test_a_region_that_holds_nothing_is_refused_with_the_way_out(pack: ModuleType, region, said: str) -> None:
    with pytest.raises(Exception, match=said):
        preset_tracks(pack, {"preset": "pan"}, region)


def test_imported_coordinates_are_tracks_in_pixels_all_visible(pack: ModuleType) -> None:
    tracks, length, note = run(
        pack, "WanMoveImportTracks", source={"source": "JSON", "coordinates": COORDINATES}, width=64, height=32
    )
    assert note.splitlines()[0] == "lists of x and y: 2 tracks, 5 frames"
    assert tracks["track_path"].shape == (5, 2, 2) and tracks["track_path"].dtype == torch.float32 and length == 5
    assert tracks["track_path"][4].tolist() == [[16, 8], [40, 12]]


def test_exported_files_are_read_back_and_another_export_takes_another_number(pack: ModuleType, tmp_path: Path) -> None:
    tracks = imported(pack)
    tracks["track_visibility"][2, 0] = False
    run(pack, "WanMoveExportTracks", tracks=tracks, filename_prefix="here/tracks")
    coordinates, length, note = run(pack, "WanMoveExportTracks", tracks=tracks, filename_prefix="here/tracks")
    assert note.splitlines()[0] == "here/tracks_00002_tracks.npy [output]"
    assert json.loads(coordinates) == json.loads(COORDINATES) and length == 5
    names = sorted(path.name for path in (tmp_path / "output" / "here").iterdir())
    assert names == [f"tracks_0000{number}_{what}.npy" for number in (1, 2) for what in ("tracks", "visibility")]
    source = {
        "source": "npy files",
        "tracks_file": "here/tracks_00002_tracks.npy [output]",
        "visibility_file": "here/tracks_00002_visibility.npy [output]",
    }
    back, *_ = run(pack, "WanMoveImportTracks", source=source, width=64, height=32)
    assert torch.equal(back["track_path"], tracks["track_path"])
    assert torch.equal(back["track_visibility"], tracks["track_visibility"])


@pytest.mark.parametrize(("write", "files"), [("JSON file", ["tracks_00001_tracks.json"]), ("nothing", [])])
def test_an_export_writes_what_it_is_asked_to(pack: ModuleType, tmp_path: Path, write: str, files: list[str]) -> None:
    run(pack, "WanMoveExportTracks", tracks=imported(pack), write=write, filename_prefix="tracks")
    folder = tmp_path / "output"
    assert files == ([path.name for path in folder.iterdir()] if folder.is_dir() else [])


@pytest.mark.parametrize("name", ["../tracks.npy", "/etc/passwd", "secret.txt", "", "nowhere.npy", "tracks.npy [models]"])
def test_an_import_sees_only_npy_files_in_comfyuis_folders(pack: ModuleType, tmp_path: Path, name: str) -> None:
    (tmp_path / "input").mkdir()
    np.save(tmp_path / "tracks.npy", np.zeros((5, 1, 2)))
    (tmp_path / "input" / "secret.txt").write_text("secret")
    source = {"source": "npy files", "tracks_file": name, "visibility_file": ""}
    with pytest.raises(Exception, match=r"There is no \.npy file"):
        run(pack, "WanMoveImportTracks", source=source, width=64, height=32)


def test_an_export_stays_in_the_output_folder(pack: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="outside the output folder"):
        run(pack, "WanMoveExportTracks", tracks=imported(pack), filename_prefix="../tracks")
    assert list(tmp_path.iterdir()) == []


def test_a_changed_file_is_read_anew(pack: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    node = node_named(pack, "WanMoveImportTracks")
    source = {"source": "npy files", "tracks_file": "tracks.npy", "visibility_file": ""}
    np.save(tmp_path / "input" / "tracks.npy", np.zeros((5, 1, 2)))
    first = node.fingerprint_inputs(source, 64, 32)
    assert node.fingerprint_inputs(source, 64, 32) == first
    np.save(tmp_path / "input" / "tracks.npy", np.zeros((9, 1, 2)))
    assert node.fingerprint_inputs(source, 64, 32) != first


FORMS = [row for row in FORMATS.values() if row.is_written]


@pytest.mark.parametrize("name", [row.name for row in FORMS])
def test_every_format_is_exported_and_imported(pack: ModuleType, tmp_path: Path, name: str) -> None:
    tracks = imported(pack)
    tracks["track_visibility"][2, 0] = False
    given = {"write": "as format says", "format": name, "filename_prefix": "here/t"}
    _, _, note = run(pack, "WanMoveExportTracks", tracks=tracks, **given)
    files = [line.removesuffix(" [output]") for line in note.splitlines() if line.endswith(" [output]")]
    assert files[0].startswith("here/t_00001_tracks.") and all((tmp_path / "output" / file).is_file() for file in files)
    again = run(pack, "WanMoveExportTracks", tracks=tracks, **given)[2]
    assert again.startswith("here/t_00002_tracks."), "another number"
    source = {"source": "any track file", "file": f"{files[0]} [output]", "format": name}
    back, length, note = run(pack, "WanMoveImportTracks", source=source, width=64, height=32, length=5)
    assert (length == 5 and "2 tracks" in note.splitlines()[0]) or name == "mask"
    if name != "mask":
        assert (back["track_path"] - tracks["track_path"])[tracks["track_visibility"]].abs().max() <= 1e-3
        assert FORMATS[name].shows_hidden is not bool(back["track_visibility"].all())
    assert back["wanmove_size"] == (64, 32)


def test_a_file_is_understood_without_being_told_its_format(pack: ModuleType, tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "input")
    source = {"source": "any track file", "file": "ati.pth"}
    tracks, length, note = run(pack, "WanMoveImportTracks", source=source, width=64, height=48, fps=16.0)
    assert length == 81 and note.splitlines() == [
        "ATI, array [3, 121, 1, 3] times 8: 3 tracks, 81 frames",
        "axis: frames first (as the format has it)",
        "scale: pixels (as the format has it)",
        "visibility: its third column",
        "rate: 24 frames a second (the file says so)",
        "121 frames at 24 a second were resampled to 81 at 16 a second",
    ]
    assert not tracks["track_visibility"].all()


def test_a_drawing_keeps_its_own_size_and_takes_the_length(pack: ModuleType, tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "input")
    source = {"source": "any track file", "file": "drawing.svg"}
    tracks, length, _ = run(pack, "WanMoveImportTracks", source=source, length=9)
    assert length == 9 and tracks["wanmove_size"] == (64, 48)
    text = (GOLDEN / "drawing.svg").read_text()
    pasted, _, _ = run(pack, "WanMoveImportTracks", source={"source": "JSON", "coordinates": text}, length=9)
    assert torch.equal(pasted["track_path"], tracks["track_path"])


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"file": "drawing.svg"}, "have no number of frames; give it with length"),
        ({"file": "uneven.json"}, "give uneven stretch"),
        ({"file": "missing.svg"}, r'no track file "missing.svg" in ComfyUI\'s input folder; there are ati.pth'),
        ({"file": "../input/ati.pth/../../x.npy"}, "There is no track file"),
        ({"file": "kjnodes.json", "format": "svg"}, "leave format out"),
    ],
)
def test_what_a_file_does_not_say_is_asked_for_by_the_nodes_inputs(
    pack: ModuleType, tmp_path: Path, source: dict[str, str], said: str
) -> None:
    shutil.copytree(GOLDEN, tmp_path / "input")
    with pytest.raises(Exception, match=said) as caught:
        run(pack, "WanMoveImportTracks", source={"source": "any track file", **source})
    assert "--" not in str(caught.value)


def test_an_answer_is_heard(pack: ModuleType, tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "input")
    source = {"source": "any track file", "file": "uneven.json", "uneven": "end", "axis": "as it looks"}
    tracks, _, _ = run(pack, "WanMoveImportTracks", source=source, width=64, height=48)
    assert tracks["track_visibility"].sum(dim=0).tolist() == [5, 2, 3]


@pytest.mark.parametrize("text", ["", "hello", "tracks.json"])
def test_text_that_is_no_tracks_is_refused(pack: ModuleType, text: str) -> None:
    with pytest.raises(Exception, match="neither JSON nor SVG"):
        run(pack, "WanMoveImportTracks", source={"source": "JSON", "coordinates": text})


def test_an_export_that_needs_the_picture_says_how_to_give_it(pack: ModuleType) -> None:
    foreign = {"track_path": torch.zeros(5, 3, 2)}
    with pytest.raises(Exception, match="put Transform Tracks before, with from_width and from_height set"):
        run(pack, "WanMoveExportTracks", tracks=foreign, write="as format says", format="svg")


def test_of_merged_tracks_the_last_input_lies_on_top(pack: ModuleType) -> None:
    first, second = imported(pack), preset_tracks(pack, {"preset": "pan", "x": 8.0, "y": 0.0}, RECTANGLE)[0]
    (merged,) = run(pack, "WanMoveMergeTracks", tracks={"tracks0": first, "tracks1": second})
    assert torch.equal(merged["track_path"], torch.cat([first["track_path"], second["track_path"]], dim=1))
    assert merged["wanmove_size"] == (64, 32)


def test_tracks_of_other_packs_merge_though_they_say_no_size(pack: ModuleType) -> None:
    foreign = {"track_path": torch.zeros(5, 3, 2), "track_visibility": torch.ones(9, 1, dtype=torch.bool)}
    (merged,) = run(pack, "WanMoveMergeTracks", tracks={"tracks0": foreign})
    assert merged["track_visibility"].shape == (5, 3) and "wanmove_size" not in merged
    (merged,) = run(pack, "WanMoveMergeTracks", tracks={"tracks0": foreign, "tracks1": imported(pack)})
    assert merged["track_path"].shape == (5, 5, 2) and merged["wanmove_size"] == (64, 32)


def test_tracks_without_visibility_are_all_visible(pack: ModuleType) -> None:
    (merged,) = run(pack, "WanMoveMergeTracks", tracks={"tracks0": {"track_path": torch.zeros(5, 3, 2)}})
    assert merged["track_visibility"].all() and merged["track_visibility"].shape == (5, 3)


def test_transformed_tracks_are_retimed_moved_and_fitted(pack: ModuleType) -> None:
    (changed,) = run(
        pack, "WanMoveTransformTracks", tracks=imported(pack), motion=2.0, move_x=4.0, length=3, width=128, height=64
    )
    assert changed["track_path"][:, 0].tolist() == [[24, 16], [40, 16], [56, 16]]
    assert changed["wanmove_size"] == (128, 64)


def test_untouched_transform_leaves_the_tracks(pack: ModuleType) -> None:
    tracks = imported(pack)
    (same,) = run(pack, "WanMoveTransformTracks", tracks=tracks)
    assert torch.equal(same["track_path"], tracks["track_path"])


def test_a_transform_asks_for_the_size_where_tracks_do_not_say_it(pack: ModuleType) -> None:
    foreign = {"track_path": torch.zeros(5, 3, 2)}
    with pytest.raises(Exception, match="set the width and height of that picture"):
        run(pack, "WanMoveTransformTracks", tracks=foreign)
    (changed,) = run(pack, "WanMoveTransformTracks", tracks=foreign, from_width=64, from_height=32, move_x=2.0)
    assert changed["track_path"][0, 0].tolist() == [2, 0]


@pytest.mark.parametrize("with_document", [False, True])
def test_a_preview_begins_with_the_picture_and_moves_it(pack: ModuleType, with_document: bool) -> None:
    tracks, document = preset_tracks(pack, {"preset": "pan", "x": 16.0, "y": 0.0}, RECTANGLE)
    given = {"document": document} if with_document else {}
    frames, video = run(pack, "WanMovePreviewTracks", image=IMAGE, tracks=tracks, **given)
    assert frames.shape == (5, 32, 64, 3) and frames.dtype == torch.float32
    assert torch.allclose(frames[0], IMAGE[0], atol=0.5 / 255)
    assert not torch.allclose(frames[4], frames[0], atol=0.1)
    assert video.get_components().frame_rate == Fraction(16)
    assert torch.equal(video.get_components().images, frames)


@pytest.mark.parametrize("count", [1, 5])
def test_an_overlay_draws_on_one_picture_or_on_as_many_as_there_are_frames(pack: ModuleType, count: int) -> None:
    images = IMAGE.repeat(count, 1, 1, 1)
    (drawn,) = run(pack, "WanMoveOverlayTracks", images=images, tracks=imported(pack))
    assert drawn.shape == (5, 32, 64, 3)
    changed = (drawn[0] - IMAGE[0]).abs().amax(-1) > 1 / 255
    assert changed[8, 8] and changed[8, 40] and not changed[30, 20]


def test_an_overlay_refuses_pictures_that_are_not_as_many(pack: ModuleType) -> None:
    with pytest.raises(Exception, match="There are 3 pictures, the tracks have 5 frames"):
        run(pack, "WanMoveOverlayTracks", images=IMAGE.repeat(3, 1, 1, 1), tracks=imported(pack))


@pytest.mark.parametrize(("view", "shape"), [
    ("tracks", (5, 32, 64, 3)), ("cells", (2, 64, 128, 3)), ("error curves", (1, 640, 1000, 3)), ("side by side", None),
])  # fmt: skip
def test_an_overlay_has_views(pack: ModuleType, view: str, shape: tuple[int, ...] | None) -> None:
    tracks = imported(pack)
    achieved = tracks | {"track_path": tracks["track_path"] + 3}
    (drawn,) = run(pack, "WanMoveOverlayTracks", images=IMAGE, tracks=tracks, achieved=achieved, view=view)
    assert shape is None or drawn.shape == shape
    assert drawn.shape[0] == {"cells": 2, "error curves": 1}.get(view, 5) and drawn.shape[2] >= 64


def test_error_curves_without_achieved_tracks_are_refused(pack: ModuleType) -> None:
    with pytest.raises(Exception, match="Error curves need achieved tracks"):
        run(pack, "WanMoveOverlayTracks", images=IMAGE, tracks=imported(pack), view="error curves")


def test_what_is_no_tracks_is_refused(pack: ModuleType) -> None:
    with pytest.raises(Exception, match="has no track_path"):
        run(pack, "WanMoveOverlayTracks", images=IMAGE, tracks={})
