"""What the commands of the CLI do, each from its parsed options to a dictionary for people or machines."""

import argparse
import dataclasses
import json
import webbrowser
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .demo.assets import DIT, VAE
from .demo.demonstration import run_demo
from .demo.scoring import evaluate_demo
from .errors import RequestError
from .evaluation.measure import TrackChoice, measure_tracks
from .guidance.condition import Edit
from .guidance.report import guidance_report
from .host import Host, TerminalHost
from .loading.checkpoint import load_dit, load_vae
from .loading.description import describe_checkpoint
from .loading.tensor_file import read_header, read_tensors
from .pipeline import GenerateRequest, Models, Prompt, Sampling
from .pipeline import generate as generate_frames
from .rendering.images import fit_image, load_image
from .rendering.overlay import AchievedTracks, OverlayOptions, overlay_frames
from .rendering.video_file import VideoWriter, read_video, video_info, write_video
from .rendering.warp import DRAFT_LABEL, warp_frames, warp_frames_from_tracks
from .sampling.guidance_scale import GuidanceScale
from .standalone.server import PageServer
from .standalone.session import Clip, Session
from .tracks.baked import BakedTracks
from .tracks.document import TrackDocument, parse_document
from .tracks.npy_file import read_npy_tracks
from .tracks.sampling import FitName, bake, make_fit
from .tracks.tensors import to_tensors
from .variants import WAN21_STRIDE, SamplingDefaults

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
PREVIEW_LENGTH = 81

Result = dict[str, object]


def edit(options: argparse.Namespace) -> Result:
    """The editor in the browser, until Ctrl+C."""
    picture: Path = options.picture
    asked = Clip(options.width or 0, options.height or 0, options.length or PREVIEW_LENGTH, options.fps, options.fit)
    path: Path = options.document or picture.with_suffix(".wanmove.json")
    session = Session(picture, path, asked, options.lang)
    with closing(TerminalHost()) as host, PageServer(session, options.port) as server:
        host.note(f"The editor is at {server.url} and saves to {session.path}. Ctrl+C ends it.")
        if not options.no_browser:
            webbrowser.open(server.url)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    return {"document": str(path), "saved": session.path.exists()}


def demo(options: argparse.Namespace) -> Result:
    """The shipped picture through both renderers, or the scores of the embedded model."""
    with closing(_host(options.device)) as host:
        if options.evaluate:
            return evaluate_demo(options.clips, options.size, host, options.seed)
        _make_folder(options.out)
        return run_demo(options.out, host, options.seed)


def generate(options: argparse.Namespace) -> Result:
    """A video through a model."""
    with closing(_host(options.device)) as host:
        source, picture = _TrackSource(options), load_image(options.picture)
        models = _load_models(options, host)
        defaults = models.variant.defaults
        length = options.length or source.length or defaults.length
        width, height = options.width or defaults.width, options.height or defaults.height
        tracks = source.tracks(length, picture.shape[1], picture.shape[0], width, height)
        request = GenerateRequest(
            image=torch.from_numpy(_fitted(picture, width, height, options.fit)).float() / 255,
            length=length,
            sampling=_sampling(options, defaults),
            tracks=to_tensors(tracks, host.device),
            edit=Edit(options.strength, options.footprint),
            temporal=options.temporal,
            prompt=_read_embeddings(options.embeddings),
            tile=options.tile,
        )
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
    source, picture = _TrackSource(options), load_image(options.picture)
    length = options.length or source.length or PREVIEW_LENGTH
    width, height = options.width or picture.shape[1], options.height or picture.shape[0]
    with closing(TerminalHost()) as host:
        if isinstance(source.content, TrackDocument):
            frames = warp_frames(picture, source.content, length, width, height, host, options.fit)
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
        if measured.score is None:
            raise RequestError(f"No track can be measured in {options.video}: {_left_out(measured.choice)}.")
        tracks, achieved = measured.requested, AchievedTracks(measured.achieved.positions, measured.achieved.followed)
        result["score"] = measured.score.as_dict()
    write_video(options.out, overlay_frames(frames, tracks, achieved, OverlayOptions()), info.fps)
    return result


def inspect(options: argparse.Namespace) -> Result:
    """What a file is and what is wrong with it."""
    path: Path = options.file
    if path.suffix.lower() == ".json":
        document = parse_document(_read_bytes(path))
        tracks = bake(document, PREVIEW_LENGTH, document.width, document.height)
        about: Result = {"kind": "track document", "size": [document.width, document.height], "layers": len(document.layers)}
        return about | _describe_tracks(tracks)
    if path.suffix.lower() == ".npy":
        tracks = read_npy_tracks(path, None, 1, 1)
        (left, top), (right, bottom) = tracks.positions.min(axis=(0, 1)).tolist(), tracks.positions.max(axis=(0, 1)).tolist()
        about = {"kind": "Wan-Move tracks", "frames": tracks.length, "tracks": tracks.count}
        return about | {"x": [left, right], "y": [top, bottom]}
    description = dataclasses.asdict(describe_checkpoint(path))
    variant = description.pop("variant")
    return description | {"path": str(path), "variant": variant["name"] if variant else None}


def readable(result: Mapping[str, object]) -> str:
    """A result as lines for people."""
    lines: list[str] = []
    for key, value in result.items():
        name = key.replace("_", " ")
        if isinstance(value, list | tuple) and any(isinstance(entry, str) for entry in value):
            lines += [f"{name}:", *(f"  - {entry}" for entry in value)]
        elif isinstance(value, list | tuple):
            lines.append(f"{name}: {', '.join(map(str, value)) or 'none'}")
        else:
            lines.append(f"{name}: {json.dumps(value) if isinstance(value, dict) else value}")
    return "\n".join(lines)


class _TrackSource:
    """The document or the npy files that the options name."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.fit: FitName | None = options.fit
        self.path: Path = options.document or options.tracks
        if options.document is not None and options.visibility is not None:
            raise RequestError(
                f"--visibility {options.visibility} belongs to --tracks; the document has its own. Leave it out."
            )
        self.content: TrackDocument | BakedTracks = (
            read_npy_tracks(options.tracks, options.visibility, 1, 1)
            if options.document is None
            else parse_document(_read_bytes(options.document))
        )

    @property
    def length(self) -> int | None:
        """Frames of the npy file; None for a document, which has no length of its own."""
        return None if isinstance(self.content, TrackDocument) else self.content.length

    def tracks(self, length: int, from_width: int, from_height: int, width: int, height: int) -> BakedTracks:
        """The tracks in pixels of a ``width`` x ``height`` video of ``length`` frames.

        Args:
            from_width: with ``from_height`` the size of the picture in whose pixels npy tracks are.
        """
        if isinstance(self.content, TrackDocument):
            return bake(self.content, length, width, height, self.fit)
        if self.content.length != length:
            raise RequestError(f"{self.path} has {self.content.length} frames, the video {length}; resample it to {length}.")
        return _fit_tracks(dataclasses.replace(self.content, width=from_width, height=from_height), width, height, self.fit)


def _fit_tracks(tracks: BakedTracks, width: int, height: int, fit: FitName | None) -> BakedTracks:
    """Tracks of a picture in pixels of the picture that ``fit_image`` makes of it."""
    fitted = make_fit(TrackDocument(tracks.width, tracks.height), width, height, fit)
    return dataclasses.replace(
        tracks, positions=fitted.to_target(tracks.positions.astype(np.float64)).astype(np.float32), width=width, height=height
    )


def _fitted(picture: NDArray[np.uint8], width: int, height: int, fit: FitName | None) -> NDArray[np.uint8]:
    make_fit(TrackDocument(picture.shape[1], picture.shape[0]), width, height, fit)
    return fit_image(picture, width, height, fit or "stretch")


def _load_models(options: argparse.Namespace, host: Host) -> Models:
    if (options.model is None) != (options.vae is None):
        raise RequestError("A model needs both files: give --model and --vae, or neither for the embedded demo model.")
    demo_model = options.model is None
    dtype = DTYPES[options.dtype] if options.dtype else (torch.float32 if demo_model else None)
    loaded = load_dit(DIT if demo_model else options.model, host.device, dtype)
    vae = load_vae(VAE if demo_model else options.vae, host.device, torch.float32)
    if loaded.variant.note:
        host.note(loaded.variant.note)
    if options.prompt:
        reads = "is not encoded by this version; give --embeddings" if loaded.variant.needs_text else "is not read by it"
        host.note(f'{loaded.variant.label}: the prompt "{options.prompt[:40]}" {reads}.')
    return Models(loaded.model, vae, loaded.variant, loaded.dtype)


def _sampling(options: argparse.Namespace, defaults: SamplingDefaults) -> Sampling:
    cfg = defaults.cfg if options.cfg is None else options.cfg
    return Sampling(
        steps=defaults.steps if options.steps is None else options.steps,
        shift=defaults.shift if options.shift is None else options.shift,
        seed=options.seed,
        solver=options.solver,
        scale=GuidanceScale(cfg, options.uncond, options.motion_scale),
    )


def _read_embeddings(path: Path | None) -> Prompt | None:
    if path is None:
        return None
    read = dict(read_tensors(path, list(read_header(path).tensors)))
    if "text" not in read:
        raise RequestError(f'{path} has no tensor "text" [tokens, width]; it has {", ".join(map(ascii, list(read)[:5]))}.')
    return Prompt(read["text"], read.get("negative"), read.get("image"))


def _left_out(choice: TrackChoice) -> str:
    return (
        f"{choice.hidden} are hidden or outside at the first or last frame, {choice.still} move less than a cell, "
        f"{choice.covered} are covered, {choice.flat} lie on too little texture"
    )


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


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(
            f"The folder {path} cannot be made: {error.strerror or error}. Choose another with --out."
        ) from error


def _host(name: str) -> TerminalHost:
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    # PyTorch says in as many ways that a device is not there: AssertionError, RuntimeError, NotImplementedError, ...
    except Exception as error:
        reason = str(error).split("\n")[0][:160]
        raise RequestError(f'The device "{name}" cannot be used: {reason}. Use cpu, or cuda with a CUDA device.') from error
    return TerminalHost(device)
