"""What the commands of the CLI do, each from its parsed options to a dictionary for people or machines."""

import argparse
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from .demo.assets import DIT, VAE
from .demo.demonstration import run_demo
from .demo.scoring import evaluate_demo
from .errors import RequestError
from .evaluation.measure import measure_tracks
from .guidance.condition import Edit
from .guidance.report import guidance_report
from .host import TerminalHost
from .loading.checkpoint import load_dit, load_vae
from .loading.description import describe_checkpoint
from .pipeline import GenerateRequest, Models, Prompt, Sampling, check_request
from .pipeline import generate as generate_frames
from .rendering.images import fit_image, load_image
from .rendering.overlay import AchievedTracks, OverlayOptions, overlay_frames
from .rendering.video_file import VideoWriter, read_video, video_info, write_video
from .rendering.warp import DRAFT_LABEL, warp_frames, warp_frames_from_tracks
from .sampling.guidance_scale import GuidanceScale
from .tracks.baked import BakedTracks
from .tracks.document import TrackDocument, parse_document
from .tracks.npy_file import read_npy_tracks
from .tracks.sampling import FitName, bake, make_fit
from .tracks.tensors import to_tensors
from .variants import WAN21_STRIDE

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
PREVIEW_LENGTH = 81

Result = dict[str, object]


def demo(options: argparse.Namespace) -> Result:
    """The shipped picture through both renderers, or the scores of the embedded model."""
    host = _host(options)
    if options.evaluate:
        return evaluate_demo(options.clips, options.size, host, options.seed)
    return run_demo(options.out, host, options.seed)


def generate(options: argparse.Namespace) -> Result:
    """A video through a model."""
    host = _host(options)
    models = _load_models(options)
    defaults = models.variant.defaults
    source = _TrackSource(options)
    picture = load_image(options.picture)
    length = options.length or source.length or defaults.length
    width, height = options.width or defaults.width, options.height or defaults.height
    tracks = source.tracks(length, picture.shape[1], picture.shape[0], width, height)
    if options.prompt and not models.variant.needs_text:
        host.note(f"The {models.variant.label} reads no text; the prompt is ignored.")
    request = GenerateRequest(
        image=torch.from_numpy(_fitted(picture, width, height, options.fit)).float() / 255,
        length=length,
        sampling=Sampling(
            steps=options.steps or defaults.steps,
            shift=defaults.shift if options.shift is None else options.shift,
            seed=options.seed,
            solver=options.solver,
            scale=GuidanceScale(defaults.cfg if options.cfg is None else options.cfg, options.uncond, options.motion_scale),
        ),
        tracks=to_tensors(tracks, host.device),
        edit=Edit(options.strength, options.footprint),
        temporal=options.temporal,
        prompt=_read_embeddings(options.embeddings, host.device),
        tile=options.tile,
    )
    check_request(models, request)
    with VideoWriter(options.out, options.fps, title=models.variant.label) as writer:
        for frame in generate_frames(models, request, host):
            writer.write(frame)
    report = guidance_report(to_tensors(tracks), models.variant.stride)
    return {
        "video": str(options.out),
        "frames": length,
        "size": [width, height],
        "tracks": tracks.count,
        "coverage_percent": round(report.coverage, 2),
        "findings": [finding.message for finding in report.findings],
    }


def preview(options: argparse.Namespace) -> Result:
    """The draft of a document or of bare tracks."""
    host = _host(options)
    source = _TrackSource(options)
    picture = load_image(options.picture)
    length = options.length or source.length or PREVIEW_LENGTH
    width, height = options.width or picture.shape[1], options.height or picture.shape[0]
    if source.document is not None:
        frames = warp_frames(picture, source.document, length, width, height, host, options.fit)
    else:
        tracks = source.tracks(length, picture.shape[1], picture.shape[0], width, height)
        frames = warp_frames_from_tracks(_fitted(picture, width, height, options.fit), tracks, host)
    write_video(options.out, frames, options.fps, DRAFT_LABEL)
    return {"draft": str(options.out), "frames": length, "size": [width, height], "label": DRAFT_LABEL}


def overlay(options: argparse.Namespace) -> Result:
    """Tracks over a video; with ``--measure`` where its points really went."""
    info = video_info(options.video)
    frames = list(read_video(options.video))
    tracks = _TrackSource(options).tracks(len(frames), info.width, info.height, info.width, info.height)
    achieved: AchievedTracks | None = None
    result: Result = {"overlay": str(options.out), "frames": len(frames)}
    if options.measure:
        measured = measure_tracks(frames, tracks)
        tracks, achieved = measured.requested, AchievedTracks(measured.achieved.positions, measured.achieved.followed)
        if measured.score is None:
            raise RequestError(f"No track of {options.video} can be measured: {dataclasses.asdict(measured.choice)}.")
        result["score"] = measured.score.as_dict()
    write_video(options.out, overlay_frames(frames, tracks, achieved, OverlayOptions()), float(info.fps))
    return result


def inspect(options: argparse.Namespace) -> Result:
    """What a file is and what is wrong with it."""
    path: Path = options.file
    if path.suffix == ".json":
        document = parse_document(_read_bytes(path))
        tracks = bake(document, PREVIEW_LENGTH, document.width, document.height)
        about: Result = {"kind": "track document", "size": [document.width, document.height], "layers": len(document.layers)}
        return about | _describe_tracks(tracks)
    if path.suffix == ".npy":
        about = {"kind": "Wan-Move tracks"}
        tracks = read_npy_tracks(path, None, 832, 480)
        low, high = tracks.positions.min(axis=(0, 1)), tracks.positions.max(axis=(0, 1))
        return (
            about
            | {"frames": tracks.length, "tracks": tracks.count, "x": [low[0].item(), high[0].item()]}
            | {"y": [low[1].item(), high[1].item()]}
        )
    description = dataclasses.asdict(describe_checkpoint(path))
    variant = description.pop("variant")
    return description | {"path": str(path), "variant": variant["name"] if variant else None}


def readable(result: Mapping[str, object]) -> str:
    """A result as lines for people."""
    lines = []
    for key, value in result.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) and key not in ("findings", "notes") else value
        if isinstance(value, list | tuple) and key in ("findings", "notes", "problems"):
            lines += [f"{key}: {'none' if not value else ''}".rstrip(), *(f"  - {entry}" for entry in value)]
        else:
            lines.append(f"{key.replace('_', ' ')}: {json.dumps(shown) if isinstance(shown, dict) else shown}")
    return "\n".join(lines)


class _TrackSource:
    """The document or the npy files that the options name."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.document: TrackDocument | None = None
        self.positions, self.visibility, self.fit = options.tracks, options.visibility, options.fit
        if options.document is not None:
            self.document = parse_document(_read_bytes(options.document))

    @property
    def length(self) -> int | None:
        """Frames of the npy file; None for a document, which has no length of its own."""
        return None if self.document is not None else read_npy_tracks(self.positions, self.visibility, 1, 1).length

    def tracks(self, length: int, from_width: int, from_height: int, width: int, height: int) -> BakedTracks:
        """The tracks in pixels of a ``width`` x ``height`` video of ``length`` frames."""
        if self.document is not None:
            return bake(self.document, length, width, height, self.fit)
        read = read_npy_tracks(self.positions, self.visibility, from_width, from_height)
        if read.length != length:
            raise RequestError(f"{self.positions} has {read.length} frames, the video {length}; use --length {read.length}.")
        return _fit_tracks(read, width, height, self.fit)


def _fit_tracks(tracks: BakedTracks, width: int, height: int, fit: FitName | None) -> BakedTracks:
    """Tracks of a picture in pixels of the picture that ``fit_image`` makes of it."""
    fitted = make_fit(TrackDocument(tracks.width, tracks.height), width, height, fit)
    return dataclasses.replace(
        tracks, positions=fitted.to_target(tracks.positions.astype(np.float64)).astype(np.float32), width=width, height=height
    )


def _fitted(picture: NDArray[np.uint8], width: int, height: int, fit: FitName | None) -> NDArray[np.uint8]:
    make_fit(TrackDocument(picture.shape[1], picture.shape[0]), width, height, fit)
    return fit_image(picture, width, height, fit or "stretch")


def _load_models(options: argparse.Namespace) -> Models:
    if (options.model is None) != (options.vae is None):
        raise RequestError("A model needs both files: give --model and --vae, or neither for the embedded demo model.")
    demo_model = options.model is None
    dtype = DTYPES[options.dtype] if options.dtype else (torch.float32 if demo_model else None)
    loaded = load_dit(DIT if demo_model else options.model, options.device, dtype)
    vae = load_vae(VAE if demo_model else options.vae, options.device, torch.float32)
    return Models(loaded.model, vae, loaded.variant, loaded.dtype)


def _read_embeddings(path: Path | None, device: torch.device) -> Prompt | None:
    if path is None:
        return None
    try:
        with safe_open(path, "pt", str(device)) as file:
            read = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise RequestError(f"{path} cannot be read as safetensors: {error}.") from error
    if "text" not in read:
        raise RequestError(f'{path} holds {sorted(read) or "nothing"}; a tensor "text" [tokens, width] is needed.')
    return Prompt(read["text"], read.get("negative"), read.get("image"))


def _describe_tracks(tracks: BakedTracks) -> Result:
    result: Result = {
        "tracks": tracks.count,
        "per_layer": dict(zip(tracks.names, np.bincount(tracks.layer).tolist(), strict=False)),
    }
    if tracks.width % WAN21_STRIDE.width or tracks.height % WAN21_STRIDE.height:
        return result | {"findings": [f"{tracks.width}x{tracks.height} is no multiple of 8; choose a video size that is."]}
    report = guidance_report(to_tensors(tracks), WAN21_STRIDE)
    return result | {
        "coverage_percent": round(report.coverage, 2),
        "findings": [finding.message for finding in report.findings],
    }


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror or error}.") from error


def _host(options: argparse.Namespace) -> TerminalHost:
    try:
        device = torch.device(options.device)
    except RuntimeError as error:
        raise RequestError(f'The device is "{options.device}"; use cpu, cuda or cuda:0.') from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise RequestError(f'The device is "{options.device}", but PyTorch finds no CUDA device; use --device cpu.')
    return TerminalHost(device)
