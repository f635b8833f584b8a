"""Train the demo model's VAE: the Wan 2.1 VAE graph at small width, on pictures, then on clips.

    python -m training.train_vae --minutes 30 [--folder training/runs/vae] [--device cpu]
    python -m training.train_vae --minutes 20 --decoder-of training/runs/vae --folder training/runs/decoder

Goes on from ``checkpoint.pt`` in the folder if there is one. The clips are made on the way by
``wanmove_core.evaluation.synthesis`` from seeds that the step number gives, so a run can be repeated.
"""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset

from training.blur_start import start_as_blur
from training.common import Run, Trainee, clock_of, finished_weights
from training.export import DEMO_VAE, normalised_vae
from training.fused import use_fused_layers
from training.photographs import training_photographs
from wanmove_core.evaluation.synthesis import make_clip
from wanmove_core.models import vae_layers
from wanmove_core.models.vae21 import WanVAE21
from wanmove_core.models.vae_layers import CausalMemory, causal_conv

STAGES = ((0.22, 1, 24), (0.5, 9, 3), (0.62, 1, 24), (1.0, 9, 3))
"""up to which share of the time, with which length and batch: pictures first, then clips that grow longer"""
SIZE = 64
NOISE = 0.15
KL = 2e-4
STILL = 0.5


class Clips(Dataset[torch.Tensor]):
    """Clip number i as uint8 [3, T, size, size]: a crop of a larger scene, its colours in random order.

    The order keeps the colours balanced: the photographs have so little green that without it green is not learned.
    """

    def __init__(self, length: int, size: int, first_seed: int) -> None:
        self.length, self.size, self.first_seed = length, size, first_seed
        self.textures = training_photographs()

    def __len__(self) -> int:
        return 10**9

    def __getitem__(self, index: int) -> torch.Tensor:
        seed = self.first_seed + index
        rng = np.random.default_rng(seed)
        scene = int(rng.choice([self.size, 2 * self.size]))
        frames = make_clip(seed, self.length, scene, scene, self.textures).frames
        y, x = rng.integers(0, scene - self.size + 1, size=2)
        crop = frames[:, y : y + self.size, x : x + self.size, rng.permutation(3)]
        return torch.from_numpy(np.ascontiguousarray(crop.transpose(3, 0, 1, 2)))


def picture_conv(conv: nn.Conv3d, x: torch.Tensor, memory: CausalMemory) -> torch.Tensor:
    """``causal_conv`` for a clip of one frame: only the kernel's present meets anything but zeros."""
    padding = (int(conv.padding[1]), int(conv.padding[2]))
    return F.conv2d(x[:, :, 0], conv.weight[:, :, -1], conv.bias, padding=padding).unsqueeze(2)


def reconstruction_loss(vae: WanVAE21, clip: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Loss, squared error of the frames and the latents' mean square of a clip [B, 3, T, H, W] in -1 ... 1."""
    vae_layers.causal_conv = picture_conv if clip.shape[2] == 1 else causal_conv
    latent = vae.encode(clip.contiguous(memory_format=torch.channels_last_3d), chunk=clip.shape[2]).float()
    noisy = latent + torch.randn_like(latent) * NOISE * torch.rand(len(clip), 1, 1, 1, 1, device=clip.device)
    (made,) = vae.decode_unclamped(noisy.contiguous(memory_format=torch.channels_last_3d), chunk=noisy.shape[2])
    loss, error = frames_loss(made, clip)
    keep_small = latent.square().mean() + latent.mean(dim=(0, 2, 3, 4)).square().mean()
    return loss + KL * keep_small + STILL * still_loss(vae, clip), error, latent.square().mean()


def frames_loss(made: torch.Tensor, clip: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss and squared error of frames [B, 3, T, H, W] in -1 ... 1: their colours, edges and changes."""
    difference = made.float() - clip
    edges = sum(difference.diff(dim=axis).abs().mean() for axis in (3, 4))
    flow = difference.diff(dim=2).abs().mean() if clip.shape[2] > 1 else difference.new_zeros(())
    error = difference.square().mean()
    return difference.abs().mean() + 2 * error + 0.5 * (edges + flow), error


def still_loss(vae: WanVAE21, clip: torch.Tensor) -> torch.Tensor:
    """How far the latents of a picture that stands still are from its first latent frame; 0 for clips of one frame.

    Guidance copies cells of the first latent frame into later ones, so a cell should mean the same in both.
    """
    if clip.shape[2] == 1 or not vae.conv1.weight.requires_grad:
        return clip.new_zeros(())
    still = clip[:, :, :1].expand_as(clip).contiguous(memory_format=torch.channels_last_3d)
    latent = vae.encode(still, chunk=clip.shape[2]).float()
    return (latent[:, :, 1:] - latent[:, :, :1].detach()).square().mean()


def batches(length: int, size: int, batch: int, first_seed: int) -> Iterator[torch.Tensor]:
    """Endless float clips [batch, 3, length, size, size] in -1 ... 1."""
    loader = DataLoader(Clips(length, size, first_seed), batch_size=batch, num_workers=1, prefetch_factor=4)
    for clip in loader:
        yield clip.float() / 127.5 - 1


def start(decoder_of: Path | None, go_on_from: Path | None) -> WanVAE21:
    """A VAE that blurs, that of another run, or the finished one of a run with everything before its latents frozen."""
    if decoder_of is None:
        vae = WanVAE21(DEMO_VAE)
        start_as_blur(vae)
        weights = finished_weights(go_on_from) if go_on_from else None
        if weights:
            vae.load_state_dict(weights)
        return vae
    vae = normalised_vae(decoder_of).train().requires_grad_(True)
    vae.encoder.requires_grad_(False)
    vae.conv1.requires_grad_(False)
    return vae


def train(run: Run, device: torch.device, rate: float, decoder_of: Path | None, go_on_from: Path | None) -> None:
    """Train until the time budget is used; checkpoint every 100 steps."""
    torch.manual_seed(run.step)
    vae = start(decoder_of, go_on_from).to(device)
    stages = STAGES[-1:] if decoder_of or go_on_from else STAGES
    first_seed = 2_000_000 if decoder_of or go_on_from else 1_000_000
    trainee = Trainee(vae, rate, 0.998)
    state = run.resume()
    if state:
        trainee.restore(state)
    total = 0.0
    used, stage, clips = run.elapsed / (60 * run.minutes), None, iter(())
    while used < 1:
        wanted = next(row for row in stages if used < row[0])
        if wanted != stage:
            stage = wanted
            clips = batches(stage[1], SIZE, stage[2], first_seed + 64 * run.step)
        clip = next(clips)
        clip = clip.to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss, error, size = reconstruction_loss(vae, clip)
        used = run.tick()
        factor = trainee.learn(loss, used, run.step)
        total += error.item()
        if run.step % 25 == 0:
            psnr = -10 * math.log10(total / 25 / 4)
            total = 0.0
            run.log(length=clip.shape[2], psnr=round(psnr, 2), latent=round(size.item(), 3), rate=round(factor, 3))
        if run.step % 100 == 0 or used >= 1:
            run.save(**trainee.state())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30, help="on a CPU: of the processor's time")
    parser.add_argument("--folder", type=Path, default=Path("training/runs/vae"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--decoder-of", type=Path, help="go on with the decoder alone of this run's VAE: its latents stay")
    parser.add_argument(
        "--go-on-from", type=Path, help="start with the averaged weights of this run, or with a safetensors file"
    )
    options = parser.parse_args()
    use_fused_layers()
    device = torch.device(options.device)
    run = Run(options.folder, options.minutes, clock=clock_of(device))
    train(run, device, options.rate, options.decoder_of, options.go_on_from)


if __name__ == "__main__":
    main()
