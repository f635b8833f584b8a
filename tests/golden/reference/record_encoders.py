"""Run the released text encoder, picture tower and VAEs on tiny networks and keep what they compute, as encoders.json.

    python tests/golden/reference/record_encoders.py FOLDER

FOLDER as for ``record.py``. Weights and inputs are numbers by name (``seeded``). The released modules run as they are, but for
what is not there: PyTorch's attention stands in for flash attention, and torchvision's normalisation is written out. Tokenizers
are not run. Needs torch and einops. No part of the package, and no test runs it.
"""

import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.golden.reference.encoder_cases import CLIP, TOKENS, UMT5, VAES, VAECase, frames, latent, picture, token_ids
from tests.golden.reference.record import released, scaled_dot_product
from tests.golden.reference.seeded import fill, summary

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Write encoders.json."""
    made = {name: (folder / name / "COMMIT").read_text().strip() for name in ("Wan2.1", "Wan2.2")}
    values = {"umt5 float32": umt5(folder, torch.float32), "umt5 bfloat16": umt5(folder, torch.bfloat16), "clip": clip(folder)}
    for name, case in VAES.items():
        values |= {f"{name} {direction}": result for direction, result in vae(folder, name, case).items()}
    how = {"made by": "tests/golden/reference/record_encoders.py", "commits": made, "torch": torch.__version__}
    content = {"how": how, "values": {name: summary(value) for name, value in values.items()}}
    (HERE / "encoders.json").write_text(json.dumps(content, indent=1) + "\n")


def module_of(folder: Path, source: str, name: str) -> Any:
    """A module of the released code, itself and not its stand-in."""
    released(folder, source)
    for stand_in in ("wan.modules.t5", "wan.modules.clip", "wan.modules.vae", "wan.modules.vae2_2"):
        sys.modules.pop(stand_in, None)
    tokenizers: Any = types.ModuleType("wan.modules.tokenizers")
    tokenizers.HuggingfaceTokenizer = None
    attention: Any = types.ModuleType("wan.modules.attention")
    attention.flash_attention = scaled_dot_product
    sys.modules |= {"wan.modules.tokenizers": tokenizers, "wan.modules.attention": attention}
    torch.cuda.current_device = lambda: 0  # asked for when t5.py is imported
    return importlib.import_module(f"wan.modules.{name}")


@torch.no_grad()
def umt5(folder: Path, dtype: torch.dtype) -> torch.Tensor:
    """The prompt padded to 512 tokens and masked, as ``T5EncoderModel`` has it encoded."""
    model = module_of(folder, "Wan2.1", "t5").T5Encoder(**UMT5, shared_pos=False, dropout=0.0).eval()
    fill(model, "umt5")
    mask = (torch.arange(512) < TOKENS).long().unsqueeze(0)
    ids = torch.cat([token_ids(), torch.zeros(1, 512 - TOKENS, dtype=torch.long)], dim=1)
    return model.to(dtype)(ids, mask)[0, :TOKENS]


@torch.no_grad()
def clip(folder: Path) -> torch.Tensor:
    """``CLIPModel.visual``, preparation and all, of a picture that is given as image2video.py gives it."""
    module = module_of(folder, "Wan2.1", "clip")
    tower = module.VisionTransformer(**CLIP, pool_type="token", activation="gelu").eval()
    fill(tower, "clip")
    mean, std = (torch.tensor(row).view(3, 1, 1) for row in clip_statistics(folder))
    model = module.CLIPModel.__new__(module.CLIPModel)  # its __init__ loads files
    model.dtype, model.model = torch.float32, types.SimpleNamespace(image_size=CLIP["image_size"], visual=tower)
    model.transforms = types.SimpleNamespace(transforms=[lambda pictures: (pictures - mean) / std])
    return model.visual([picture().permute(2, 0, 1).sub_(0.5).div_(0.5)[:, None]])[0]


def clip_statistics(folder: Path) -> list[list[float]]:
    """Mean and deviation of the transforms, which stand in the middle of a function that builds the full network."""
    lines = (folder / "Wan2.1" / "wan" / "modules" / "clip.py").read_text().splitlines()
    return [json.loads(line.split("=")[1]) for line in lines if line.strip().startswith(("mean = [", "std = ["))]


@torch.no_grad()
def vae(folder: Path, name: str, case: VAECase) -> dict[str, torch.Tensor]:
    """Encoded and decoded by the class that the pipelines use, with the statistics that it states."""
    module = module_of(folder, case.source, case.module)
    network = module.WanVAE_(**case.sizes, temperal_downsample=[False, True, True]).eval()
    fill(network, name)
    vars(module)["_video_vae"] = lambda **unused: network
    coder = getattr(module, case.wrapper)(device="cpu")
    return {"encode": coder.encode([frames(case)])[0], "decode": coder.decode([latent(case)])[0]}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
