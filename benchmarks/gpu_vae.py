"""The sections of ``benchmarks.gpu`` on the VAE: encoding a still picture whole and as far as needed, decoding."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import torch

from benchmarks.encode import measure
from benchmarks.gpu_bench import Bench, Json, relative
from wanmove_core.models.attention_choice import seconds_of
from wanmove_core.models.vae21 import VAEConfig, WanVAE21

KINDS = {"float32": (torch.float32, False), "float32 in TF32": (torch.float32, True), "bfloat16": (torch.bfloat16, True)}
"""type of weights and pictures, and whether products may be TF32 (PyTorch's default for convolutions)"""


def encode(bench: Bench) -> Json:
    """The picture and the grey frames behind it, by the whole encoder and as far as needed; equal to the last bit?"""
    vae, (width, height, frames) = _network(bench), bench.video
    result: Json = {}
    for kind in ("float32", "float32 in TF32"):
        with _convolving(KINDS[kind][1]):
            result[kind] = asdict(measure(vae, f"{height}x{width}x{frames}", str(bench.device), torch.float32))
        del result[kind]["whole_processor_s"], result[kind]["ours_processor_s"], result[kind]["processor_faster"]
    return result


def decode(bench: Bench) -> Json:
    """All frames of a latent, in each type: seconds, memory, and how far from float32."""
    latent = torch.randn(1, 16, *bench.grid, generator=torch.Generator().manual_seed(1)).to(bench.device)
    vae, result, expected = _network(bench), {}, None
    for kind, (dtype, tf32) in KINDS.items():
        if result and bench.left < 30:
            result[kind] = "skipped: no time left"
            continue
        vae = vae.to(dtype)
        given = latent.to(dtype).contiguous(memory_format=torch.channels_last_3d)
        with _convolving(tf32, deterministic=False):
            frames, taken = _frames(vae, given), []
            memory = bench.peak_bytes(lambda vae=vae, given=given, taken=taken: taken.append(_seconds(bench, vae, given)))
        expected = frames if expected is None else expected
        seconds = taken[0] if taken else _seconds(bench, vae, given)
        result[kind] = {"s": seconds, "activation_bytes": memory, "error": relative(frames, expected)}
    return result


def _network(bench: Bench) -> WanVAE21:
    bench.forget()
    torch.manual_seed(0)
    with torch.device(bench.device):
        return WanVAE21(VAEConfig(8 if bench.small else 96)).eval().requires_grad_(False)


def _frames(vae: WanVAE21, latent: torch.Tensor) -> torch.Tensor:
    return torch.cat([part.float().cpu() for part in vae.decode_frames(latent)], dim=2)


def _seconds(bench: Bench, vae: WanVAE21, latent: torch.Tensor) -> float:
    return seconds_of(lambda: deque(vae.decode_frames(latent), maxlen=0), bench.device)


@contextmanager
def _convolving(tf32: bool, deterministic: bool = True) -> Iterator[None]:
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=deterministic, allow_tf32=tf32):
        yield
