"""A network larger than the memory that it may take gives what it gives without a limit, to the last bit."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.deep_files import DEEP, WRITERS, deep_state, velocity
from tests.core.live_bytes import LiveBytes
from tests.core.lora_files import SPELLINGS, pair_tensors, spelled, write
from tests.core.tiny_pipeline import CONFIG, WatchingHost, make_models, make_request, run, sampling
from wanmove_core.errors import RequestError
from wanmove_core.generation.memory_choice import Size, working_bytes
from wanmove_core.loading.checkpoint import LoadedDiT, load_dit
from wanmove_core.loading.lora import read_lora
from wanmove_core.loading.lora_applying import apply_loras
from wanmove_core.loading.lora_beside import AppliedLoras
from wanmove_core.models.dit import WanDiT
from wanmove_core.pipeline import Models, Prompt, decode
from wanmove_core.rendering.video_file import VideoWriter
from wanmove_core.residency.block_streamer import BlockStreamer
from wanmove_core.residency.one_on_device import OneOnDevice
from wanmove_core.residency.plan import ResidencyPlan, plan_residency
from wanmove_core.residency.sizes import NetworkSizes, blocks_of, lay_out, network_sizes, parts_of, tensors_of
from wanmove_core.residency.staging import Staging
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.variants import I2V_A14B

TIMESTEPS = (900.0, 600.0, 100.0)
GPU = pytest.param(
    "cuda", marks=[pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")]
)


def total(sizes: NetworkSizes) -> int:
    return sizes.base + sum(sizes.blocks)


def plan_of(network: WanDiT, times: float = 3.0) -> ResidencyPlan:
    """Of a network so many times as large as what its weights may take."""
    sizes = network_sizes(network)
    return plan_residency(sizes, 0, int(total(sizes) / times))


def homes(network: WanDiT) -> list[int]:
    return [tensor.data_ptr() for tensor in tensors_of(network)]


def load(folder: Path, kind: str) -> LoadedDiT:
    if "GGUF" in kind:
        pytest.importorskip("gguf")
    return load_dit(WRITERS[kind](folder, deep_state()))


def hang_lora(network: WanDiT, folder: Path, *strengths: float) -> AppliedLoras:
    layers = tuple(f"blocks.{place}.{layer}" for place in (0, 5, 6, 13) for layer in ("self_attn.q", "ffn.0", "cross_attn.o"))
    files = [
        write(folder, spelled(pair_tensors(plain(), layers, seed), SPELLINGS["ComfyUI, lora_down"]), f"{seed}.safetensors")
        for seed in range(len(strengths))
    ]
    return apply_loras(network, [(read_lora(file, network), each) for file, each in zip(files, strengths, strict=True)], "side")


def plain() -> WanDiT:
    with torch.device("meta"):
        model = WanDiT(DEEP)
    model.load_state_dict({name: value.clone() for name, value in deep_state().items()}, assign=True)
    return model.eval().requires_grad_(False)


@pytest.mark.parametrize("device", ["cpu", GPU])
@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("with_lora", [False, True])
def test_a_model_three_times_too_large_gives_the_same_to_the_last_bit(tmp_path: Path, kind: str, with_lora: bool, device: str):
    loaded = load(tmp_path, kind)
    if with_lora:
        hang_lora(loaded.model, tmp_path, 0.8, -0.3)
    whole = OneOnDevice([loaded.model], device)
    whole(loaded.model)
    expected = [velocity(loaded.model, each, loaded.dtype) for each in TIMESTEPS]
    whole(None)
    before, plan = homes(loaded.model), plan_of(loaded.model)
    assert plan.peak * 3 <= total(plan.sizes) and len(plan.streamed) >= 9
    mover = OneOnDevice([loaded.model], device, [plan])
    mover(loaded.model)
    assert all(
        torch.equal(velocity(loaded.model, each, loaded.dtype), want) for each, want in zip(TIMESTEPS, expected, strict=True)
    )
    assert mover.peak_weight_bytes <= plan.weights
    mover(None)
    assert homes(loaded.model) == before and mover.weight_bytes == 0


@pytest.mark.parametrize("begin", [4, 8, 36])
def test_weights_that_lie_askew_are_added_up_in_the_same_order(begin: int):
    """A CPU's product of a matrix and one vector (the time embedding) depends on where the matrix begins; a file says where."""
    network = plain()
    for tensor in tensors_of(network):
        room = torch.empty(tensor.numel() * 4 + 128, dtype=torch.uint8)
        offset = -room.data_ptr() % 64 + begin
        tensor.data = room[offset : offset + tensor.numel() * 4].view(torch.float32).view(tensor.shape).copy_(tensor.data)
    expected = [velocity(network, each) for each in TIMESTEPS]
    mover = OneOnDevice([network], "cpu", [plan_of(network)])
    mover(network)
    assert all(torch.equal(velocity(network, each), want) for each, want in zip(TIMESTEPS, expected, strict=True))


def test_blocks_are_on_their_way_before_they_are_needed():
    network = plain()
    streamer = BlockStreamer(list(network.blocks), Staging(max(network_sizes(network).blocks), torch.device("cpu")))
    for timestep in TIMESTEPS:
        velocity(network, timestep)
    assert streamer.restarts == 0
    streamer.close()
    streamer.close()


def test_a_slow_copy_is_waited_for_and_no_buffer_is_filled_while_it_is_computed_with():
    class Slow(Staging):
        """Is late, and remembers what is being computed with."""

        filled_while_used = False
        used: int | None = None

        def fill(self, slot: int, homes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
            time.sleep(0.002)
            self.filled_while_used |= self.used == slot or threading.current_thread() is threading.main_thread()
            return super().fill(slot, homes)

        def wait(self, slot: int) -> None:
            self.used = slot

        def release(self, slot: int) -> None:
            assert self.used == slot
            self.used = None

    network = plain()
    expected = velocity(network)
    staging = Slow(max(network_sizes(network).blocks), torch.device("cpu"))
    streamer = BlockStreamer(list(network.blocks), staging)
    assert torch.equal(velocity(network), expected) and not staging.filled_while_used
    streamer.close()


def cross_keys(network: torch.nn.Module) -> list[torch.nn.Module]:
    """What a prompt's keys and values are made with."""
    return [block.get_submodule(f"cross_attn.{name}") for block in blocks_of(network) for name in ("k", "v", "norm_k")]


@pytest.mark.parametrize("times", [1.0, 3.0])
def test_modules_apart_are_neither_brought_nor_planned_for(tmp_path: Path, times: float):
    network = plain()
    loras = hang_lora(network, tmp_path, 0.5)
    expected, sizes = velocity(network), network_sizes(network, parts_of(cross_keys(network)))
    left_out = sum(lay_out(tensors_of(module))[1] for module in cross_keys(network))
    assert total(sizes) == total(network_sizes(network)) - left_out and left_out > 14 * 2 * 128 * 128 * 4
    plan = plan_residency(sizes, 0, int(total(sizes) / times))
    mover = OneOnDevice([network], "cpu", [plan], cross_keys)
    away = [tensor.data_ptr() for module in cross_keys(network) for tensor in module.parameters()]
    mover(network)
    assert mover.weight_bytes <= plan.weights <= total(sizes) / times
    assert [tensor.data_ptr() for module in cross_keys(network) for tensor in module.parameters()] == away
    assert torch.equal(velocity(network), expected)
    mover(None)
    loras.remove()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_modules_apart_are_on_the_device_for_so_long_as_they_are_needed():
    network = plain()
    before, keys = homes(network), cross_keys(network)
    mover = OneOnDevice([network], "cuda", [plan_of(network)], cross_keys)
    mover(network)
    with pytest.raises(RuntimeError), mover.around(keys[:1]):
        assert [module.weight.device.type for module in keys[:2]] == ["cuda", "cpu"]
        raise RuntimeError
    assert keys[0].weight.device.type == "cpu"
    mover(None)
    assert homes(network) == before


@pytest.mark.parametrize("kind", ["float32", "bfloat16", "scaled fp8"])
@torch.no_grad()
def test_the_tensors_that_are_alive_keep_to_the_plan(tmp_path: Path, kind: str):
    loaded = load(tmp_path, kind)
    network, latent = loaded.model, torch.randn(1, 36, 4, 16, 16).to(loaded.dtype)
    working = working_bytes(network, loaded.dtype, Size(256, 1))
    sizes = network_sizes(network)
    plan = plan_residency(sizes, working, working + total(sizes) // 3)
    assert len(plan.streamed) >= 9
    mover, text = OneOnDevice([network], "cpu", [plan]), torch.zeros(1, 8, 32).to(loaded.dtype)
    with LiveBytes() as live:
        mover(network)
        for _ in range(2):
            network(latent, torch.tensor([500.0]), text)
        mover(None)
    assert plan.weights < live.peak <= 1.05 * plan.peak


def test_a_clip_is_decoded_into_its_file_in_memory_that_does_not_grow_with_it(tmp_path: Path):
    vae, peaks = make_models().vae, []
    for length in (4, 16):
        latent = torch.randn(16, length, 8, 8)
        with LiveBytes() as live, VideoWriter(tmp_path / "clip.mp4") as writer:
            for frame in decode(vae, latent, WatchingHost()):
                writer.write(frame)
        peaks.append(live.peak - 2 * latent.nbytes)  # normalised and not
    assert peaks[1] <= 1.02 * peaks[0]


def test_a_lora_switched_between_two_forwards_is_seen(tmp_path: Path):
    network, alone = plain(), plain()
    loras, theirs = hang_lora(network, tmp_path, 0.8, 0.5), hang_lora(alone, tmp_path, 0.8, 0.5)
    loras.strengths = theirs.strengths = (0.0, 0.5)
    mover = OneOnDevice([network], "cpu", [plan_of(network)])
    mover(network)
    for strengths in ((0.0, 0.5), (0.8, 0.5), (0.0, 0.0), (-1.0, 2.0)):
        loras.strengths = theirs.strengths = strengths
        assert torch.equal(velocity(network), velocity(alone))
    mover(None)


class Stop(BaseException):
    """As a host's own."""


@pytest.mark.parametrize("place", [0, 4, 5, 13])
def test_after_a_forward_that_was_broken_off_all_is_usable(place: int):
    network = plain()
    expected, before = velocity(network), homes(network)

    def stop(module: torch.nn.Module, given: object) -> None:
        raise Stop

    mover = OneOnDevice([network], "cpu", [plan_of(network)])
    mover(network)
    hook = network.blocks[place].get_submodule("ffn").register_forward_pre_hook(stop)
    with pytest.raises(Stop):
        velocity(network)
    hook.remove()
    assert torch.equal(velocity(network), expected)
    mover(None)
    assert homes(network) == before and torch.equal(velocity(network), expected)


def test_a_forward_broken_off_gives_the_weights_back_though_none_follows():
    network = plain()
    threads, before = threading.active_count(), homes(network)
    mover = OneOnDevice([network], "cpu", [plan_of(network)])
    mover(network)
    hook = network.blocks[3].register_forward_hook(lambda module, given, result: (_ for _ in ()).throw(Stop))
    with pytest.raises(Stop):
        velocity(network)
    hook.remove()
    mover(None)
    assert homes(network) == before and threading.active_count() == threads


def test_what_cannot_be_read_is_said_where_the_block_is_needed():
    class Failing(Staging):
        def fill(self, slot: int, homes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
            raise OSError("gone")

    network = plain()
    before = homes(network)
    streamer = BlockStreamer(list(network.blocks), Failing(1, torch.device("cpu")))
    with pytest.raises(OSError, match="gone"):
        velocity(network)
    streamer.close()
    assert homes(network) == before


def make_pair() -> Models:
    torch.manual_seed(4)
    deep = replace(CONFIG, layers=12)
    return replace(make_models(I2V_A14B, deep), low_noise=WanDiT(deep).eval())


def test_two_experts_are_streamed_one_after_the_other():
    models = make_pair()
    assert models.low_noise is not None
    networks = [models.dit, models.low_noise]
    plans = [plan_of(network, 2.0) for network in networks]
    mover = OneOnDevice(networks, "cpu", plans)
    plan = sampling(steps=6, shift=5.0, scale=GuidanceScale(3.5), scale_high=GuidanceScale(2.5))
    request = make_request(prompt=Prompt(torch.ones(2, 8)), sampling=plan)
    expected = run(models, request)
    assert np.array_equal(run(replace(models, bring=mover), request), expected)
    assert mover.moves == 2 and mover.peak_weight_bytes <= max(plan.weights for plan in plans) and mover.weight_bytes == 0


def test_a_generation_that_is_stopped_leaves_streamed_networks_as_they_were():
    class Stopping(WatchingHost):
        def progress(self, stage: str, step: int, total: int) -> None:
            if (stage, step) == ("sample", 1):
                raise KeyboardInterrupt

    models = make_pair()
    before = homes(models.dit)
    mover = OneOnDevice([models.dit, models.low_noise or models.dit], "cpu", [plan_of(models.dit, 2.0)] * 2)
    request = make_request(prompt=Prompt(torch.ones(2, 8)))
    with pytest.raises(KeyboardInterrupt):
        run(replace(models, bring=mover), request, Stopping())
    assert homes(models.dit) == before
    assert np.array_equal(run(replace(models, bring=mover), request), run(models, request))


SIZES = NetworkSizes(100, (50,) * 10)


@pytest.mark.parametrize(
    ("allowance", "streamed", "weights"),
    [
        (620, (), 600),
        (619, (1, 5, 8), 550),
        (569, (1, 3, 6, 8), 500),
        (220, tuple(range(10)), 200),
        (269, tuple(range(10)), 200),
        (270, (0, 1, 2, 3, 5, 6, 7, 8, 9), 250),
    ],
)
def test_as_few_blocks_as_possible_are_streamed(allowance: int, streamed: tuple[int, ...], weights: int):
    plan = plan_residency(SIZES, 20, allowance)
    assert (plan.streamed, plan.weights, plan.peak) == (streamed, weights, weights + 20)
    assert plan.resident_blocks == 10 - len(streamed) and plan.streamed_bytes == 50 * len(streamed)


def test_two_buffers_that_do_not_fit_are_refused():
    sizes = NetworkSizes(int(0.2e9), (int(0.8e9),) * 40)
    words = r"may take 3.00 GB and needs 3.70 GB at the least: 1.90 GB to compute in, 2 buffers of 0.80 GB .* 0.20 GB of other"
    with pytest.raises(RequestError, match=words):
        plan_residency(sizes, int(1.9e9), int(3e9))


def test_a_plan_says_what_it_does():
    plan = plan_residency(NetworkSizes(int(0.2e9), (int(0.4e9),) * 40), int(2e9), int(8e9))
    assert str(plan) == (
        "Of 40 blocks 12 stay on the device and 28 (11.20 GB) pass through 2 buffers of 0.40 GB in each forward: at most "
        "7.80 GB of 8.00 GB, 2.00 GB to compute in."
    )
    assert str(plan_residency(SIZES, 20, 1000)).startswith("The whole network stays on the device: at most")
