"""The sections of ``benchmarks.gpu`` on the diffusion network: attention, forwards, a step, streaming."""

import sys
from collections.abc import Callable
from unittest.mock import patch

import torch
import torch.nn.functional as F

from benchmarks.gpu_bench import Bench, Json, fewer_layers, relative
from benchmarks.random_model import make_model
from wanmove_core.errors import RequestError
from wanmove_core.generation.memory_choice import Size, context_layers, working_bytes
from wanmove_core.host import SilentHost
from wanmove_core.models import dit
from wanmove_core.models.attention import Attention, sdpa
from wanmove_core.models.attention_backends import BACKENDS, random_inputs, relative_error
from wanmove_core.models.attention_choice import choose_attention, use_attention
from wanmove_core.models.dit import WanDiT
from wanmove_core.models.fp8_products import find_row_wise, quantise_rows, use_fp8_products
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.pipeline import GenerateRequest, Models, Prompt, Sampling, make_condition, sample
from wanmove_core.residency.block_streamer import BlockStreamer
from wanmove_core.residency.one_on_device import OneOnDevice
from wanmove_core.residency.plan import ResidencyPlan
from wanmove_core.residency.sizes import network_sizes, parts_of
from wanmove_core.residency.staging import open_staging
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.variants import WAN_MOVE

STREAMED_LAYERS = 8
STEPS = 3


def attention(bench: Bench) -> Json:
    """Each kernel at the network's full shape, and which one the product chooses (it measures fewer heads)."""
    shape = (1, bench.tokens, bench.config.heads, bench.config.head_dim)
    work = 4 * bench.tokens**2 * bench.config.dim
    q, k, v = random_inputs(shape, bench.device, torch.bfloat16)
    kernels: Json = {}
    for name, backend in BACKENDS.items():
        try:
            attend = backend.open()
            error = relative_error(attend(q, k, v), q, k, v)
            seconds = bench.time(lambda call=attend: call(q, k, v), 5)
        except (ImportError, RuntimeError, ValueError, AssertionError) as refused:
            kernels[name] = {"refused": str(refused).strip()[:200]}
        else:
            kernels[name] = {"ms": seconds * 1e3, "tflops": work / seconds / 1e12, "error": error, "exact": backend.exact}
    choice = choose_attention(bench.device, torch.bfloat16, shape)
    measured = {name: seconds * 1e3 for name, seconds in choice.seconds.items()}
    return {"shape": shape, "kernels": kernels, "chosen": choice.name, "chosen_by_ms": measured, "left_out": choice.left_out}


def forward(bench: Bench) -> Json:
    """A forward in bf16 and fp8 against what no implementation can leave out: the products and the attention alone."""
    attend = _chosen(bench)
    floor = bench.time(_bare(bench, attend), 2)
    result: Json = {"tokens": bench.tokens, "floor_s": floor, "products": _products(bench)}
    for precision in ("bfloat16", "fp8"):
        result |= _forwards(bench, precision, attend, floor)
    return result


def _chosen(bench: Bench) -> Attention:
    shape = (1, bench.tokens, bench.config.heads, bench.config.head_dim)
    return choose_attention(bench.device, torch.bfloat16, shape).attention


def _forwards(bench: Bench, precision: str, attend: Attention, floor: float) -> Json:
    network = bench.network(precision)
    if network is None:
        return {precision: "does not fit on this GPU; see the section plans"}
    use_attention(network, attend)
    given = bench.inputs(network)

    def run() -> torch.Tensor:
        return network(*given)

    entry = _timed(bench, run, floor) | {
        "planned_bytes": working_bytes(network, torch.bfloat16, Size(bench.tokens, 1)),  # with the prompts' keys and values
        "prompts_s": bench.time(lambda: bench.inputs(network), 1),
    }
    if precision == "fp8":
        return {precision: entry, "fp8, products in 8 bits": _eight_bits(bench, network, run, floor)}
    with patch.object(dit, "_rows_at_once", lambda layer, device: sys.maxsize):
        return {precision: entry, f"{precision}, all patches at once": _timed(bench, run, floor)}


def _timed(bench: Bench, run: Callable[[], torch.Tensor], floor: float) -> Json:
    seconds = bench.time(run)
    return {"s": seconds, "of_floor": seconds / floor, "activation_bytes": bench.peak_bytes(run)}


def _eight_bits(bench: Bench, network: WanDiT, run: Callable[[], torch.Tensor], floor: float) -> Json | str:
    try:
        row_wise = find_row_wise(bench.device) if bench.on_gpu else True  # a CPU computes it slowly, to see that it runs
    except RequestError as refused:
        return str(refused)
    exact = run()
    changed = use_fp8_products(network, row_wise)
    entry = _timed(bench, run, floor) | {"layers": changed, "row_wise": row_wise, "error": relative(run(), exact)}
    bench.forget()  # nobody else shall get it
    return entry


def _bare(bench: Bench, attend: Attention) -> Callable[[], None]:
    config, tokens = bench.config, bench.tokens
    with torch.device(bench.device):
        wide, inner = (torch.randn(tokens, width, dtype=torch.bfloat16) for width in (config.dim, config.ffn_dim))
        one = torch.randn(config.dim, config.dim, dtype=torch.bfloat16) * 0.02
        up, down = (torch.randn(shape, dtype=torch.bfloat16) * 0.02 for shape in _feed_forward(bench))
        q, k, v = random_inputs((1, tokens, config.heads, config.head_dim), bench.device, torch.bfloat16)
        sides = [k[:, :length].contiguous() for length in (config.text_length, 257)]

    def run() -> None:
        for _ in range(config.layers):
            for _ in range(6):
                F.linear(wide, one)
            F.linear(wide, up)
            F.linear(inner, down)
            attend(q, k, v)
            for side in sides:
                sdpa(q, side, side)

    return run


def _feed_forward(bench: Bench) -> tuple[tuple[int, int], tuple[int, int]]:
    return (bench.config.ffn_dim, bench.config.dim), (bench.config.dim, bench.config.ffn_dim)


def _products(bench: Bench) -> Json:
    """TFLOP/s of the network's products in 16 and in 8 bits, and what rounding the activations costs beside them."""
    config, found = bench.config, {}
    for rows, columns in ((config.dim, config.dim), *_feed_forward(bench)):
        x = torch.randn(bench.tokens, columns, device=bench.device).bfloat16()
        weight = (torch.randn(rows, columns, device=bench.device) * 0.02).bfloat16()
        work = 2 * bench.tokens * rows * columns / 1e12
        entry: Json = {"bfloat16_tflops": work / bench.time(lambda x=x, weight=weight: F.linear(x, weight), 5)}
        for fast in (True, False):
            try:
                entry[f"fp8_{'fast' if fast else 'full'}_sums_tflops"] = work / bench.time(
                    _eight_bit_product(x, weight, fast), 5
                )
            except (RuntimeError, ValueError) as refused:
                entry["fp8_refused"] = str(refused).strip()[:200]
        entry["rounding_ms"] = bench.time(lambda x=x: quantise_rows(x), 5) * 1e3
        found[f"{columns}x{rows}"] = entry
    return found


def _eight_bit_product(x: torch.Tensor, weight: torch.Tensor, fast: bool) -> Callable[[], object]:
    (values, scale), (of_weight, weight_scale) = quantise_rows(x), quantise_rows(weight)
    sides = {"scale_a": scale, "scale_b": weight_scale.t().contiguous()}
    return lambda: torch._scaled_mm(  # pyright: ignore[reportPrivateImportUsage]
        values, of_weight.t(), **sides, out_dtype=torch.bfloat16, use_fast_accum=fast
    )


class _StepHost(SilentHost):
    """Notes when each step is over, and forbids waiting for the device between the first and the last."""

    def __init__(self, device: torch.device) -> None:
        super().__init__(device)
        self.events: list[torch.cuda.Event] = []

    def progress(self, stage: str, step: int, total: int) -> None:
        if self.device.type == "cuda" and step > 0:
            self.events.append(torch.cuda.Event(enable_timing=True))
            self.events[-1].record()
            torch.cuda.set_sync_debug_mode("error" if step < total else "default")


def step(bench: Bench) -> Json:
    """Whole steps with text guidance: seconds, and that none of them waits for the device."""
    network = bench.network("bfloat16")
    if network is None:
        return {"skipped": "the bf16 network does not fit on this GPU"}
    use_attention(network, _chosen(bench))
    config, (width, height, frames) = bench.config, bench.video
    prompt = Prompt(torch.randn(20, config.text_dim), torch.randn(9, config.text_dim), torch.randn(257, config.image_dim))
    picture, scale = torch.rand(height, width, 3), GuidanceScale(5.0)
    request = GenerateRequest(picture, frames, Sampling(STEPS, 3.0, scale=scale), prompt=prompt)
    condition = make_condition(WAN_MOVE, torch.randn(16, *bench.grid), request)
    host, models = _StepHost(bench.device), Models(network, WanVAE21(VAEConfig(8)), WAN_MOVE, torch.bfloat16)
    waited = ""
    try:
        sample(models, condition, request, host)
    except RuntimeError as error:
        if not bench.on_gpu:
            raise
        waited = str(error)[:300]
    finally:
        if bench.on_gpu:
            torch.cuda.set_sync_debug_mode("default")
    if not bench.on_gpu:
        return {"steps": STEPS, "needs_cuda": "seconds of a step, and whether it waits for the device"}
    torch.cuda.synchronize(bench.device)
    seconds = [one.elapsed_time(other) / 1e3 for one, other in zip(host.events, host.events[1:], strict=False)]
    return {"step_s": seconds, "waits": bool(waited), "waited": waited}


def streaming(bench: Bench) -> Json:
    """Blocks that all pass through two buffers, against the same blocks on the device: time hidden, and equal bits."""
    result: Json = {}
    for precision in ("bfloat16", "fp8"):
        bench.forget()
        network = make_model(fewer_layers(bench.config, STREAMED_LAYERS), precision)
        sizes = network_sizes(network, parts_of(context_layers(network)))
        working = working_bytes(network, torch.bfloat16, Size(bench.tokens, 1))
        plan = ResidencyPlan(2**62, sizes, working, tuple(range(len(sizes.blocks))))
        whole, expected = _moved(bench, network, None)
        streamed, answer = _moved(bench, network, plan)
        copying = _copy_seconds(bench, network, plan)
        result[precision] = {
            "layers": len(sizes.blocks), "whole_s": whole, "streamed_s": streamed, "copy_s": copying,
            "copy_gb_per_s": plan.streamed_bytes / copying / 1e9, "hidden": 1 - (streamed - whole) / copying,
            "equal": torch.equal(answer, expected),
        }  # fmt: skip
    return result


def _moved(bench: Bench, network: WanDiT, plan: ResidencyPlan | None) -> tuple[float, torch.Tensor]:
    """Seconds of a forward with the weights brought by this plan, and its answer."""
    mover = OneOnDevice([network], bench.device, plan and [plan], context_layers)
    with mover.around(context_layers(network)):
        given = bench.inputs(network)
    mover(network)
    seconds = bench.time(lambda: network(*given), 5)
    answer = network(*given).cpu()
    mover(None)
    return seconds, answer


def _copy_seconds(bench: Bench, network: WanDiT, plan: ResidencyPlan) -> float:
    """The blocks through the buffers with nothing computed beside it."""
    streamer = BlockStreamer(list(network.blocks), open_staging(plan.buffer, bench.device), parts_of(context_layers(network)))

    def run() -> None:
        for place in range(len(network.blocks)):
            streamer.enter(place)
            streamer.leave(place)

    seconds = bench.time(run, 2)
    streamer.close()
    return seconds
