"""From two training runs to the shipped files.

    python -m training.export [--vae training/runs/vae] [--decoder training/runs/decoder] [--dit training/runs/dit]
    python -m training.export --whole training/runs/whole

Takes the moving averages, folds the statistics of the demo VAE's latents into its first and last 1x1 convolutions (so that
the released Wan normalisation, which the code applies to every VAE, fits it too) and writes float16 safetensors whose
metadata says what they are. A run that does not exist is left out: the VAE then keeps its first decoder, the old DiT stays.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from training.common import Weights, finished_weights
from training.photographs import training_photographs
from wanmove_core.evaluation.synthesis import make_clip
from wanmove_core.loading.stated_config import state_config
from wanmove_core.models.dit import DiTConfig
from wanmove_core.models.vae21 import LATENT_MEAN, LATENT_STD, VAEConfig, WanVAE21
from wanmove_core.variants import find_variant

DEMO_VAE = VAEConfig(dim=16, dim_mult=(1, 2, 4, 6), residual_blocks=1)
DEMO_DIT = DiTConfig(dim=256, ffn_dim=768, layers=6, head_dim=64, text_dim=16, text_length=1)
STATISTICS_CLIPS = 48
FOLDER = Path("wanmove_core/demo")


def normalised_vae(folder: Path) -> WanVAE21:
    """The VAE of a training run, its latents with mean 0 and deviation 1; kept in ``normalised.pt`` beside the run."""
    path = folder / "normalised.pt"
    vae = WanVAE21(DEMO_VAE).eval().requires_grad_(False)
    if path.exists():
        vae.load_state_dict(torch.load(path, weights_only=True))
        return vae
    vae.load_state_dict(torch.load(folder / "checkpoint.pt", weights_only=True)["average"])
    fold_statistics(vae, *latent_statistics(vae))
    torch.save(vae.state_dict(), path)
    return vae


@torch.no_grad()
def latent_statistics(vae: WanVAE21) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation [16] of the latents of some training clips."""
    textures = training_photographs()
    latents = []
    for index in range(STATISTICS_CLIPS):
        frames = torch.from_numpy(make_clip(70_000_000 + index, 17, 128, 128, textures).frames)
        clip = (frames.permute(3, 0, 1, 2).float() / 127.5 - 1).unsqueeze(0).contiguous(memory_format=torch.channels_last_3d)
        latents.append(vae.encode(clip, chunk=16))
    values = torch.cat(latents).transpose(0, 1).flatten(1)
    return values.mean(dim=1), values.std(dim=1)


@torch.no_grad()
def fold_statistics(vae: WanVAE21, mean: torch.Tensor, deviation: torch.Tensor) -> None:
    """Change conv1 and conv2 so that latents z become (z - mean) / deviation and decode to the same frames."""
    shift, scale = torch.tensor(LATENT_MEAN), torch.tensor(LATENT_STD)
    channels = len(shift)
    vae.conv1.weight[:channels] /= deviation.view(-1, 1, 1, 1, 1)
    vae.conv1.bias[:channels] = (vae.conv1.bias[:channels] - shift - mean * scale) / deviation + shift
    offset = shift + mean * scale - deviation * shift
    vae.conv2.bias += vae.conv2.weight[:, :, 0, 0, 0] @ offset
    vae.conv2.weight *= deviation.view(1, -1, 1, 1, 1)


def part_of(weights: Weights, name: str) -> Weights:
    """The weights whose name starts with ``name``, without it."""
    return {key.removeprefix(name): value for key, value in weights.items() if key.startswith(name)}


def write(path: Path, weights: dict[str, torch.Tensor], config: DiTConfig | VAEConfig) -> None:
    """float16 safetensors with the config in the header."""
    half = {name: value.half().contiguous() for name, value in weights.items()}
    save_file(half, path, metadata=state_config(find_variant("demo"), config))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vae", type=Path, default=Path("training/runs/vae"))
    parser.add_argument("--decoder", type=Path, default=Path("training/runs/decoder"))
    parser.add_argument("--dit", type=Path, default=Path("training/runs/dit"))
    parser.add_argument("--whole", type=Path, help="a run of training.train_whole: both networks come from it")
    options = parser.parse_args()
    whole = finished_weights(options.whole) if options.whole else None
    if whole:
        vae, dit = part_of(whole, "vae."), part_of(whole, "dit.")
    else:
        vae, dit = finished_weights(options.decoder), finished_weights(options.dit)
    write(FOLDER / "vae.safetensors", vae or normalised_vae(options.vae).state_dict(), DEMO_VAE)
    if dit:
        write(FOLDER / "dit.safetensors", dit, DEMO_DIT)


if __name__ == "__main__":
    main()
