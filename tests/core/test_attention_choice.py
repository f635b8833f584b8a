"""The kernel of attention: the fastest of those that work and are exact, by a stopwatch that the tests hold."""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest
import torch

from tests.core.tiny_pipeline import CONFIG
from wanmove_core.cli import build_parser
from wanmove_core.errors import RequestError
from wanmove_core.generation.kernels import KernelChoice, check_kernels, use_kernels
from wanmove_core.generation.model_files import demo_files, load_models
from wanmove_core.host import SilentHost
from wanmove_core.models import attention_choice
from wanmove_core.models.attention import Attention, sdpa
from wanmove_core.models.attention_backends import BACKENDS, AttentionBackend, open_backend, random_inputs, relative_error
from wanmove_core.models.attention_choice import AttentionChoice, choose_attention, find_attention, measured_shape
from wanmove_core.models.dit import WanDiT

CPU = torch.device("cpu")
SHAPE = (1, 40, 2, 16)


class Stopwatch:
    """Says what each backend takes, and counts."""

    def __init__(self, **seconds: list[float]) -> None:
        self._seconds = {name: iter(values) for name, values in seconds.items()}
        self.now = ""
        self.calls: list[str] = []

    def backend(self, name: str, answer: Attention = sdpa, exact: bool = True) -> AttentionBackend:
        def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
            self.now = name
            return answer(q, k, v)

        return AttentionBackend(name.upper(), lambda: attend, exact=exact)

    def __call__(self, call: Callable[[], object], device: torch.device) -> float:
        call()
        self.calls.append(self.now)
        return next(self._seconds[self.now])


def choose(watch: Stopwatch, **backends: AttentionBackend) -> AttentionChoice:
    return choose_attention(CPU, torch.float32, SHAPE, backends, watch)


def test_the_fastest_by_the_median_is_taken_and_told():
    watch = Stopwatch(slow=[0.2, 0.1, 0.3], fast=[0.11, 0.9, 0.12], hopeless=[1.0])
    choice = choose(watch, **{name: watch.backend(name) for name in ("slow", "fast", "hopeless")})
    assert (choice.name, choice.seconds) == ("fast", {"slow": 0.2, "fast": 0.12, "hopeless": 1.0})
    assert watch.calls == ["slow"] * 3 + ["fast"] * 3 + ["hopeless"]
    assert choice.note == "Attention: FAST, measured: fast 120.0 ms for 40 patches and 2 heads, slow 200.0, hopeless 1000.0."
    q, k, v = random_inputs(SHAPE, CPU, torch.float32)
    assert torch.equal(choice.attention(q, k, v), sdpa(q, k, v))


def test_of_equals_chance_does_not_choose():
    watch = Stopwatch(first=[0.103] * 3, second=[0.1] * 3, third=[0.099] * 3)
    assert choose(watch, **{name: watch.backend(name) for name in ("first", "second", "third")}).name == "first"


def test_without_memory_to_measure_it_is_pytorchs_own(monkeypatch: pytest.MonkeyPatch):
    def full(*asked: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(attention_choice, "random_inputs", full)
    choice = choose_attention(CPU, torch.float32, SHAPE, BACKENDS, Stopwatch())
    assert choice.name == "sdpa" and "no memory is left to measure" in choice.note


def test_one_that_raises_is_missing_or_wrong_is_left_out():
    watch = Stopwatch(good=[5.0] * 3, wrong=[0.1] * 3, nan=[0.1] * 3)

    def broken(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("no kernel image")

    def missing() -> Attention:
        raise ModuleNotFoundError("No module named 'fast_attention'")

    choice = choose(
        watch,
        broken=watch.backend("broken", broken),
        missing=AttentionBackend("MISSING", missing),
        wrong=watch.backend("wrong", lambda q, k, v: sdpa(q, k, v) * 1.1),
        nan=watch.backend("nan", lambda q, k, v: v * torch.nan),
        good=watch.backend("good"),
    )
    assert choice.name == "good" and set(choice.seconds) == {"good"}
    assert choice.left_out == {
        "broken": "does not work here", "missing": "not installed",
        "wrong": "its answer is off by 10.0%", "nan": "its answer is off by nan%",
    }  # fmt: skip


def test_an_approximate_one_is_never_measured():
    watch = Stopwatch(exact=[5.0] * 3)
    choice = choose(watch, rough=watch.backend("rough", exact=False), exact=watch.backend("exact"))
    assert choice.name == "exact" and "rough" not in choice.seconds
    assert not BACKENDS["sage"].exact and not BACKENDS["sage"].measured


def test_where_none_works_it_is_pytorchs_own():
    choice = choose_attention(CPU, torch.float32, SHAPE, {}, Stopwatch())
    assert choice.name == "sdpa" and choice.attention is sdpa and "no single kernel works" in choice.note


def test_on_the_cpu_nothing_is_measured(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attention_choice, "random_inputs", None)
    assert choose_attention(CPU, torch.float32, SHAPE) == AttentionChoice("sdpa", sdpa, "", {}, {})


def test_a_device_is_measured_once_for_each_shape_and_type(monkeypatch: pytest.MonkeyPatch):
    asked = []

    def measure(device: torch.device, *rest: object) -> AttentionChoice:
        asked.append((device, *rest[:2]))
        return AttentionChoice("flash", sdpa, "", {}, {})

    monkeypatch.setattr(attention_choice, "_measure", measure)
    monkeypatch.setattr(attention_choice, "_known", {})
    cuda = torch.device("cuda")
    for dtype, shape in [
        (torch.float16, SHAPE),
        (torch.float16, SHAPE),
        (torch.bfloat16, SHAPE),
        (torch.float16, (1, 9, 2, 16)),
    ]:
        choose_attention(cuda, dtype, shape)
    assert asked == [(cuda, torch.float16, SHAPE), (cuda, torch.bfloat16, SHAPE), (cuda, torch.float16, (1, 9, 2, 16))]


def test_only_as_many_heads_are_measured_as_keep_a_gpu_busy():
    assert measured_shape((1, 32760, 40, 128)) == (1, 32760, 9, 128)
    assert measured_shape((1, 1024, 12, 128)) == (1, 1024, 12, 128)
    assert measured_shape((2, 2**20, 40, 128)) == (1, 2**20, 1, 128)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_formula_and_pytorch_agree(dtype: torch.dtype):
    q, k, v = random_inputs(SHAPE, CPU, dtype)
    assert relative_error(sdpa(q, k, v), q, k, v) < (1e-6 if dtype is torch.float32 else 1e-2)


def test_a_backend_by_name_is_used_for_the_patches_alone():
    network, notes = WanDiT(CONFIG), Notes()
    use_kernels(KernelChoice("flash"), [network], torch.float32, 24, notes)
    block = network.get_submodule("blocks.0")
    assert block.get_submodule("self_attn").attention is not sdpa
    assert block.get_submodule("cross_attn").attention is sdpa
    assert notes.told == ["Attention: PyTorch's FlashAttention."]
    q, k, v = random_inputs(SHAPE, CPU, torch.float32)
    assert relative_error(open_backend("flash", CPU, torch.float32, 16)(q, k, v), q, k, v) < 1e-6


def test_without_a_word_the_cpu_computes_as_ever():
    network, notes = WanDiT(CONFIG), Notes()
    use_kernels(KernelChoice(), [network], torch.float32, 24, notes)
    assert network.get_submodule("blocks.0.self_attn").attention is sdpa and notes.told == []


def test_a_model_is_loaded_with_what_was_asked_for():
    notes, files = Notes(), replace(demo_files(None), kernels=KernelChoice("flash"))
    models = load_models(files, notes)
    assert "Attention: PyTorch's FlashAttention." in notes.told
    assert models.dit.get_submodule("blocks.0.self_attn").attention is not sdpa


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fastest", r'no attention backend "fastest"; give auto or one of sdpa, cudnn'),
        (
            "cudnn",
            r'"cudnn" \(cuDNN\) does not work on cpu with float32: PyTorch has no such kernel there\. Leave',
        ),
        ("fa3", r'"fa3" needs the package flash_attn_interface .* not installed'),
        ("sage", r'"sage" needs the package sageattention \(Apache-2\.0.* not installed'),
    ],
)
def test_what_cannot_be_used_is_said_at_once(name: str, words: str):
    with pytest.raises(RequestError, match=words):
        find_attention(name, CPU, torch.float32, SHAPE)


@pytest.mark.parametrize("choice", [KernelChoice("sage"), KernelChoice(fp8_matmul=True)])
def test_what_is_missing_is_said_before_anything_is_encoded(choice: KernelChoice):
    check_kernels(KernelChoice("flash"), CPU)
    with pytest.raises(RequestError, match=r"sageattention|has no 8-bit products"):
        check_kernels(choice, CPU)


def test_packages_are_called_in_their_own_way(monkeypatch: pytest.MonkeyPatch):
    flash, sage = ModuleType("flash_attn_interface"), ModuleType("sageattention")
    flash.__dict__["flash_attn_func"] = lambda q, k, v: (sdpa(q, k, v), None)

    def sageattn(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, tensor_layout: str, is_causal: bool) -> torch.Tensor:
        assert tensor_layout == "NHD" and not is_causal
        return sdpa(q, k, v)

    sage.__dict__["sageattn"] = sageattn
    monkeypatch.setitem(sys.modules, "flash_attn_interface", flash)
    monkeypatch.setitem(sys.modules, "sageattention", sage)
    q, k, v = random_inputs(SHAPE, CPU, torch.float32)
    exact, rough = (find_attention(name, CPU, torch.float32, SHAPE) for name in ("fa3", "sage"))
    assert torch.equal(exact.attention(q, k, v), sdpa(q, k, v)) and "approximate" not in exact.note
    assert torch.equal(rough.attention(q, k, v), sdpa(q, k, v)) and "approximate" in rough.note


def test_the_command_line_takes_a_name():
    parser = build_parser()
    assert parser.parse_args(["generate", "--out", "a.mp4"]).attention == "auto"
    assert parser.parse_args(["generate", "--out", "a.mp4", "--attention", "sage"]).attention == "sage"
    with pytest.raises(SystemExit):
        parser.parse_args(["generate", "--out", "a.mp4", "--attention", "best"])


class Notes(SilentHost):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def note(self, message: str) -> None:
        self.told.append(message)
