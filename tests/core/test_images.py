"""Pictures: loading what people have, refusing what is hostile, fitting as tracks are fitted, contact sheets."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wanmove_core.errors import MediaError, RequestError
from wanmove_core.rendering import images
from wanmove_core.rendering.images import contact_sheet, crop_box, evenly_spaced, fit_image, load_image, save_image


def _noise(height: int = 20, width: int = 30, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_a_png_comes_back_exactly(tmp_path: Path) -> None:
    save_image(tmp_path / "a.png", _noise())
    assert np.array_equal(load_image(tmp_path / "a.png"), _noise())


def test_a_photograph_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    picture = np.zeros((8, 16, 3), np.uint8)
    picture[:, :8] = 255
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(picture).save(tmp_path / "a.png", exif=exif)
    found = load_image(tmp_path / "a.png")
    assert found.shape == (16, 8, 3)
    assert found[:8].min() == 255
    assert found[8:].max() == 0


def test_transparent_pixels_show_the_paper(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png")[0, 0].tolist() == [255, 255, 255]
    assert load_image(tmp_path / "a.png", paper=(0, 0, 9))[0, 0].tolist() == [0, 0, 9]


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "LA"])
def test_every_common_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    suffix = "tif" if mode == "CMYK" else "png"
    Image.new("RGB", (6, 4), (255, 255, 255)).convert("L" if mode == "LA" else "RGB").convert(mode).save(
        tmp_path / f"a.{suffix}"
    )
    found = load_image(tmp_path / f"a.{suffix}")
    assert found.shape == (4, 6, 3)
    assert found.min() == 255


def test_sixteen_bit_greys_are_scaled_not_clipped(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 32896, np.uint16)).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png")[0, 0].tolist() == [128, 128, 128]


def test_damaged_files_give_the_projects_own_error(tmp_path: Path) -> None:
    save_image(tmp_path / "a.png", _noise(64, 64))
    data = (tmp_path / "a.png").read_bytes()
    for size in range(0, len(data) - 60, 997):
        (tmp_path / "b.png").write_bytes(data[:size])
        with pytest.raises(MediaError, match=r"b\.png"):
            load_image(tmp_path / "b.png")


def test_a_picture_over_the_limit_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_image(tmp_path / "a.png", _noise(20, 30))
    monkeypatch.setattr(images, "MAX_PIXELS", 500)
    with pytest.raises(MediaError, match="30x20"):
        load_image(tmp_path / "a.png")


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no picture file"):
        load_image(tmp_path / "a.png")


def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"\.png, \.jpg"):
        save_image(tmp_path / "a.bmp", _noise())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("size", "target", "box"),
    [
        ((100, 100), (50, 50), (0, 0, 100, 100)),
        ((200, 100), (50, 50), (50, 0, 150, 100)),
        ((100, 200), (50, 50), (0, 50, 100, 150)),
        ((101, 50), (50, 50), (25.5, 0, 75.5, 50)),
    ],
)
def test_a_crop_keeps_the_middle_to_the_fraction_of_a_pixel(
    size: tuple[int, int], target: tuple[int, int], box: tuple[float, ...]
) -> None:
    assert crop_box(*size, *target) == box


def test_stretching_and_cropping_move_a_mark_where_tracks_go() -> None:
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[18:22, 48:52] = 255
    stretched, cropped = fit_image(picture, 40, 40), fit_image(picture, 40, 40, "crop")
    assert _middle(stretched) == pytest.approx((25, 20), abs=0.1)
    assert _middle(cropped) == pytest.approx((30, 20), abs=0.1)
    assert _middle(fit_image(picture, 160, 80, "crop")) == pytest.approx((100, 40), abs=0.1)


def _middle(picture: np.ndarray) -> tuple[float, float]:
    weight = picture[..., 0].astype(float)
    ys, xs = np.mgrid[: weight.shape[0], : weight.shape[1]]
    return float((weight * (xs + 0.5)).sum() / weight.sum()), float((weight * (ys + 0.5)).sum() / weight.sum())


def test_evenly_spaced_frames_hold_the_first_and_the_last() -> None:
    assert evenly_spaced(81, 5) == [0, 20, 40, 60, 80]
    assert evenly_spaced(3, 9) == [0, 1, 2]
    assert evenly_spaced(10, 1) == [0]


def test_a_contact_sheet_holds_every_frame_untouched() -> None:
    frames = [_noise(seed=seed) for seed in range(5)]
    sheet = contact_sheet(frames, columns=3, title="draft, no model")
    places = [
        np.argwhere((np.lib.stride_tricks.sliding_window_view(sheet, (20, 30, 3)) == frame).all(axis=(-3, -2, -1)))
        for frame in frames
    ]
    assert [len(found) for found in places] == [1] * 5
    assert places[0][0][0] == places[2][0][0] < places[3][0][0]


def test_a_contact_sheet_refuses_frames_of_two_sizes() -> None:
    with pytest.raises(RequestError, match="2 different sizes"):
        contact_sheet([_noise(), _noise(10, 10)])
