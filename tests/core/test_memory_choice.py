"""``wanmove generate --memory``: what it says, what it plans, and the same video."""

import argparse
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.deep_files import DEEP, deep_state
from tests.core.tiny_pipeline import make_request
from wanmove_core.cli import build_parser
from wanmove_core.errors import RequestError
from wanmove_core.generation.memory_choice import MemoryChoice, Size, is_limited, read_memory, size_of
from wanmove_core.generation.model_files import ModelFiles, load_models
from wanmove_core.host import SilentHost
from wanmove_core.loading.memory_estimate import activation_bytes
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.pipeline import Models, Prompt, generate
from wanmove_core.residency import free_memory
from wanmove_core.residency.free_memory import allowed_bytes
from wanmove_core.residency.plan import plan_residency
from wanmove_core.residency.sizes import NetworkSizes, network_sizes
from wanmove_core.variants import I2V_A14B, T2V_14B, WAN_MOVE

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
FULL = DiTConfig(dim=5120, ffn_dim=13824, layers=40, image_tokens=257)


@pytest.mark.parametrize(
    ("text", "choice"),
    [("auto", "auto"), ("off", "off"), ("16GB", 16 * 10**9), ("7.5 gb", 75 * 10**8), ("800M", 8 * 10**8), ("1000", 1000)],
)
def test_a_size_is_read(text: str, choice: MemoryChoice):
    assert read_memory(text) == choice
    assert build_parser().parse_args(["generate", "--out", "a.mp4", "--memory", text]).memory == choice


@pytest.mark.parametrize("text", ["", "all", "-1GB", "0", "0GB", "1e9", "12 parsecs", "9999999GB", "1.2345GB"])
def test_what_is_no_size_is_refused(text: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(ValueError, match="no size of memory"):
        read_memory(text)
    with pytest.raises(SystemExit):
        build_parser().parse_args(["generate", "--out", "a.mp4", f"--memory={text}"])
    assert "is no size of memory; write it as 16GB, or auto or off" in capsys.readouterr().err


def test_without_a_word_there_is_a_limit_on_cuda_only():
    options: argparse.Namespace = build_parser().parse_args(["generate", "--out", "a.mp4"])
    assert is_limited(options.memory, CUDA) and not is_limited(options.memory, CPU)
    assert not is_limited("off", CUDA) and is_limited(5, CPU)


def test_of_a_gpu_what_is_free_and_allowed_may_be_taken(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (10 * 10**9, 24 * 10**9))
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 10**9)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 3 * 10**9)
    kept = (100 - free_memory._KEPT_PERCENT) / 100
    assert allowed_bytes(CUDA, None) == 12 * 10**9 * kept  # free, and kept unused by the allocator
    assert allowed_bytes(CUDA, 8 * 10**9) == 7 * 10**9 * kept
    assert allowed_bytes(CUDA, 10**8) == 0
    assert (allowed_bytes(CPU, None), allowed_bytes(CPU, 7)) == (None, 7)


def test_a_token_stands_for_four_cells_of_four_frames():
    request = make_request(size=(64, 32), image=None, length=9)
    assert size_of(T2V_14B, DEEP, request) == Size(3 * 2 * 4, 1)
    assert size_of(WAN_MOVE, DEEP, None) == Size(32760, 2)


def test_the_8_gb_plan_of_the_full_model_in_8_bits():
    """As computed by hand: 16.2 GB of blocks, most of which are streamed through 2 x 0.4 GB."""
    with torch.device("meta"):
        sizes = network_sizes(WanDiT(replace(FULL, layers=1)).to(torch.float8_e4m3fn))
    plan = plan_residency(NetworkSizes(sizes.base, sizes.blocks * 40), activation_bytes(FULL, 32760), 8 * 10**9)
    assert 2.7e9 < plan.activations < 2.9e9  # 10 bytes of width a token, 28 for each of 8,192 beside
    assert 0.40e9 < plan.buffer < 0.41e9 and 16.1e9 < sum(plan.sizes.blocks) < 16.3e9
    assert 7.5e9 < plan.peak <= 8e9


def deep_models(folder: Path, memory: MemoryChoice, host: SilentHost, low: bool = False) -> Models:
    from safetensors.torch import save_file

    from tests.core.checkpoint_files import tiny_vae

    for name, seed in (("high", 2), ("low", 3)):
        save_file(deep_state(seed), folder / f"{name}.safetensors")
    save_file(tiny_vae().state_dict(), folder / "vae.safetensors")
    variant = I2V_A14B if low else WAN_MOVE
    files = ModelFiles(
        folder / "high.safetensors", folder / "low.safetensors" if low else None, folder / "vae.safetensors",
        variant, DEEP, None, memory=memory,
    )  # fmt: skip
    return load_models(files, host, make_request())


class Noting(SilentHost):
    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def test_two_experts_in_little_memory_make_the_same_video(tmp_path: Path):
    request, host = make_request(prompt=Prompt(torch.ones(2, 32))), Noting()
    unlimited = np.stack(list(generate(deep_models(tmp_path, "off", host, low=True), request, host)))
    host.notes.clear()
    limited = np.stack(list(generate(deep_models(tmp_path, 11 * 10**6, host, low=True), request, host)))
    assert np.array_equal(limited, unlimited)
    (told,) = [note for note in host.notes if "blocks" in note]
    assert re.match(r"Of 14 blocks \d stay on the device and 1\d \(\d\.\d+ MB\) pass through 2 buffers of 0\.6\d MB", told)


def test_too_little_memory_says_what_to_change(tmp_path: Path):
    with pytest.raises(
        RequestError, match=r"may take 1\.00 MB and needs .* Make the video smaller or shorter, use an 8-bit or GGUF"
    ):
        deep_models(tmp_path, 10**6, SilentHost(), low=True)
