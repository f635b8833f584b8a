"""A generation that is stopped, at any question and during any piece of work: at once, and nothing stays behind."""

import gc
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.core.tiny_pipeline import STEPS, WatchingHost, make_models, make_request, sampling
from wanmove_core.host import SilentHost
from wanmove_core.pipeline import GenerateRequest, Models, generate
from wanmove_core.rendering.video_file import VideoWriter
from wanmove_core.sampling.guidance_scale import GuidanceScale


@pytest.fixture(scope="module")
def models() -> Models:
    """Its parameters want gradients, as freshly built ones do."""
    return make_models()


class Stopped(BaseException):
    """As a host's own."""


class StoppingHost(WatchingHost):
    """Stops at its n-th question, or as soon as it is asked after ``pressed``."""

    def __init__(self, stop_at: int = 0) -> None:
        super().__init__(previewing=True)
        self.questions, self.stop_at, self.pressed = 0, stop_at, False

    def check_interrupted(self) -> None:
        self.questions += 1
        if self.pressed or self.questions == self.stop_at:
            raise Stopped


@dataclass
class Work:
    """Counts the network's forwards and the VAE's chunks as they begin, and tells of each."""

    models: Models
    begun: int = 0
    tell: Callable[[int], None] = lambda number: None

    def __enter__(self) -> "Work":
        vae = self.models.vae
        self.hooks = [part.register_forward_pre_hook(self._begin) for part in (self.models.dit, vae.encoder.conv1, vae.decoder)]
        return self

    def __exit__(self, *raised: object) -> None:
        for hook in self.hooks:
            hook.remove()

    def _begin(self, module: torch.nn.Module, given: object) -> None:
        self.begun += 1
        self.tell(self.begun)


GUIDED_TWICE = sampling(scale=GuidanceScale(5.0, motion=2.0))
ALL_WORK = 3 + STEPS * 3 + 3
"""chunks to encode, forwards, chunks to decode"""


def live_tensors() -> tuple[int, int]:
    """How many tensors there are, and their bytes."""
    gc.collect()
    tensors = [thing for thing in gc.get_objects() if issubclass(type(thing), torch.Tensor)]
    return len(tensors), sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def write_clip(models: Models, request: GenerateRequest, host: SilentHost, path: Path) -> None:
    with VideoWriter(path) as writer:
        for frame in generate(models, request, host):
            writer.write(frame)


@pytest.mark.parametrize("tile", [None, 4])
def test_a_stop_at_any_question_ends_at_once_and_leaves_no_file_and_no_memory(
    models: Models, tmp_path: Path, tile: int | None
) -> None:
    request = make_request(sampling=GUIDED_TWICE, tile=tile)
    write_clip(models, request, SilentHost(), tmp_path / "clip.mp4")  # what torch itself keeps from a first run
    (tmp_path / "clip.mp4").unlink()
    before, stop_at = live_tensors(), 0
    while not (tmp_path / "clip.mp4").exists():
        stop_at += 1
        host = StoppingHost(stop_at)
        try:
            write_clip(models, request, host, tmp_path / "clip.mp4")
        except Stopped:
            assert host.questions == stop_at
            assert list(tmp_path.iterdir()) == []
        assert live_tensors() == before
    # before the first chunk and after each, before each stage and forward, after each step
    assert stop_at - 1 == (4 + 1 + STEPS * 4 + (4 if tile is None else 6))


@pytest.mark.parametrize("number", range(1, ALL_WORK + 1))
def test_a_stop_during_any_piece_of_work_is_the_end_of_that_piece(models: Models, tmp_path: Path, number: int) -> None:
    host = StoppingHost()

    def press(begun: int) -> None:
        host.pressed = begun >= number

    with Work(models, tell=press) as work, pytest.raises(Stopped):
        write_clip(models, make_request(sampling=GUIDED_TWICE), host, tmp_path / "clip.mp4")
    assert work.begun == number
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("taken", [1, 4, 5])
def test_a_stop_between_two_frames_costs_one_chunk_at_most(models: Models, taken: int) -> None:
    host = StoppingHost()
    with Work(models) as work:
        frames = generate(models, make_request(), host)
        for _ in range(taken):
            next(frames)
        begun, host.pressed = work.begun, True
        with pytest.raises(Stopped):
            list(frames)
    assert work.begun <= begun + 1


def test_frames_that_are_no_longer_wanted_free_what_they_hold(models: Models) -> None:
    held: list[weakref.ref[torch.Tensor]] = []

    class Holding(WatchingHost):
        def preview(self, latent: torch.Tensor) -> None:
            held.append(weakref.ref(latent))

    before = live_tensors()
    frames: Iterator[NDArray[np.uint8]] = generate(models, make_request(), Holding(previewing=True))
    next(frames)
    assert live_tensors() > before
    del frames
    assert live_tensors() == before
    assert [reference() for reference in held] == [None] * STEPS
