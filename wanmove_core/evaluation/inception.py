"""The features that FID is made of: Inception's, from the package torch-fidelity with weights that the user has downloaded.

Neither is needed, shipped or downloaded. The package can be built from a file only, which it unpickles, or else it downloads
one; so the user's file is read here, tensors only, and the package gets a file that was written here. Source:
feature_extractor_inceptionv3.py of torch-fidelity 0.4.0 (Apache-2.0): uint8 [N, 3, H, W] in, resized to 299 x 299 as
TensorFlow 1 did, [N, 2048] out.
"""

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module, metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import CheckpointError, RequestError
from ..loading.tensor_file import read_header, read_values
from ..rendering.frames import Frame, as_frame

PACKAGE, LICENCE = "torch-fidelity", "code and weights Apache-2.0"
WEIGHTS = "pt_inception-2015-12-05-6726825d.pth from github.com/mseitzer/pytorch-fid/releases/tag/fid_weights"
_MODULE, _CLASS, _LAYER = "torch_fidelity.feature_extractor_inceptionv3", "FeatureExtractorInceptionV3", "2048"
_MARK = "Mixed_7c.branch1x1.conv.weight"
"""a tensor of its weights, and of no other model's that could be given by mistake"""
_AT_ONCE = 16
"""frames in one pass"""
_PICKLE = b"\x80\x02"
"""how PyTorch's files began before they were archives"""
_LARGEST = 2**29
"""bytes of such an old file; the released one has 95 MB"""


class Inception:
    """Inception's last pooled features of frames of any size.

    Args:
        weights: a state dict of the Inception that FID is defined by.
        device: where it runs.

    Raises:
        RequestError: the package is not installed, or these are not its weights.
        CheckpointError: the file cannot be read.
    """

    def __init__(self, weights: Path, device: torch.device) -> None:
        state = _read_weights(weights)
        self._model, self._device = _build(state, weights), device
        self.name = weights.name
        self.identity = f"{PACKAGE} {self.version}, {_digest(state)}"
        """equal for the same features"""

    @property
    def version(self) -> str:
        """Of the package."""
        try:
            return metadata.version(PACKAGE)
        except metadata.PackageNotFoundError:
            return "of unknown version"

    @torch.inference_mode()
    def __call__(self, frames: Sequence[Frame]) -> NDArray[np.float32]:
        """Features [n, 2048] of n >= 1 frames of one size."""
        self._model.to(self._device)
        rows = []
        for first in range(0, len(frames), _AT_ONCE):
            batch = np.stack([as_frame(frame) for frame in frames[first : first + _AT_ONCE]])
            found = self._model(torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous().to(self._device))
            rows.append(found[0].float().cpu().numpy())
        return np.concatenate(rows)


def _read_weights(path: Path) -> dict[str, torch.Tensor]:
    if _begins_as_pickle(path):
        state = _unpickle_old(path)
        names = set(state)
    else:
        header = read_header(path)
        names, state = set(header.tensors), {}
        if _MARK in names:
            state = dict(read_values(header, header.tensors))
    if _MARK not in names:
        raise RequestError(f"{path.name} does not hold the Inception that FID is defined by; download {WEIGHTS}.")
    return state


def _begins_as_pickle(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return False
        with path.open("rb") as file:
            return file.read(2) == _PICKLE
    except OSError:
        return False  # read_header says why


def _unpickle_old(path: Path) -> dict[str, torch.Tensor]:
    """A state dict as PyTorch wrote it until 1.5; tensors only, nothing in it is executed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the unpickler raises nearly every kind on hostile input; an interruption is none of them
        raise CheckpointError(
            f"{path.name} cannot be read as tensors alone, and code in it is never run; download {WEIGHTS}."
        ) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in state.items()
    ):
        raise CheckpointError(f"{path.name} holds something else than named tensors; download {WEIGHTS}.")
    return dict(state)


def _build(state: Mapping[str, torch.Tensor], path: Path) -> Any:
    make = getattr(_import(), _CLASS)
    with TemporaryDirectory(prefix="wanmove-") as folder:
        own = Path(folder) / "inception.pth"
        torch.save({name: tensor.detach() for name, tensor in state.items()}, own)
        try:
            return make("inception-v3-compat", [_LAYER], feature_extractor_weights_path=str(own)).eval()
        except RuntimeError as error:
            said = " ".join(str(error).split())[:200]
            raise RequestError(
                f"The weights of {path.name} do not fit the installed {PACKAGE} ({said}); download {WEIGHTS}."
            ) from error


def _import() -> Any:
    try:
        return import_module(_MODULE)
    except ImportError as error:
        missing = error.name or PACKAGE
        raise RequestError(
            f"FID needs the package {missing}, which is not installed: pip install {PACKAGE} (it brings torchvision, which "
            f"must fit PyTorch {torch.__version__}). {PACKAGE}: {LICENCE}; weights: {WEIGHTS}."
        ) from error
    except (RuntimeError, OSError) as error:  # how a torchvision for another PyTorch fails
        said = " ".join(str(error).split())[:200]
        raise RequestError(
            f"The package {PACKAGE} cannot be imported ({said}); install the torchvision that fits PyTorch {torch.__version__}."
        ) from error


def _digest(state: Mapping[str, torch.Tensor]) -> str:
    read = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].contiguous()
        read.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        read.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return read.hexdigest()[:16]
