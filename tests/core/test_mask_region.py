"""A mask of pixels as a region."""

import numpy as np
import pytest

from wanmove_core.errors import RequestError
from wanmove_core.tracks.document import Layer, TrackDocument, parse_document, serialise_document
from wanmove_core.tracks.mask_region import mask_region
from wanmove_core.tracks.regions import region_mask


def test_a_mask_along_even_pixels_is_the_same_pixels_as_a_region() -> None:
    marked = np.zeros((33, 65), np.bool_)
    marked[8:20, 10:30] = True
    marked[26:32, 40:64] = True
    layer = Layer("thing", mask_region(marked))
    document = parse_document(serialise_document(TrackDocument(65, 33, (layer,))))
    assert np.array_equal(region_mask(document, document.layers[0]), marked)


@pytest.mark.parametrize(("marked", "runs"), [(np.ones((2, 4), np.bool_), (0, 2)), (np.eye(1, 8, 5) > 0, (2, 1, 1))])
def test_a_mask_of_everything_or_of_one_pixel_is_a_region_too(marked, runs) -> None:
    assert mask_region(marked).runs == runs


def test_a_mask_too_fine_for_a_document_is_read_in_coarser_cells() -> None:
    noise = np.random.default_rng(0).random((512, 1024)) > 0.5
    region = mask_region(noise)
    assert region.cell > 2 and sum(region.runs) == region.columns * region.rows
    serialise_document(TrackDocument(1024, 512, (Layer("noise", region),)))


def test_an_empty_mask_says_what_is_missing() -> None:
    with pytest.raises(RequestError, match="mask is empty"):
        mask_region(np.zeros((4, 4), np.bool_))
