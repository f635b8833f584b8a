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

from .demo.demonstration import run_demo
from .demo.scoring import evaluate_demo
from .errors import RequestError
from .evaluation.measure import TrackChoice, measure_tracks
from .generation.model_files import ModelFiles, demo_files, find_files, load_models
from .generation.track_source import TrackSource, fitted, read_bytes
from .generation.words import Words, encode_words
from .guidance.condition import Edit
from .guidance.report import guidance_report
from .host import TerminalHost
from .loading.description import describe_checkpoint
from .pipeline import GenerateRequest, Sampling
from .pipeline import generate as generate_frames
from .rendering.atomic_file import unfinished
from .rendering.images import load_image
from .rendering.overlay import AchievedTracks, OverlayOptions, overlay_frames
from .rendering.video_file import VideoWriter, read_video, video_info, write_video
from .rendering.warp import DRAFT_LABEL, warp_frames, warp_frames_from_tracks
from .request.checks import check_clip
from .sampling.guidance_scale import GuidanceScale
from .sampling.sampling_presets import find_preset, plan_steps
from .standalone.server import PageServer
from .standalone.session import Clip, Session
from .tracks.baked import BakedTracks
from .tracks.document import TrackDocument, parse_document
from .tracks.interchange import ReadOptions, read_track_file, retime
from .tracks.interchange_formats import find_format
from .tracks.interchange_writing import encode_tracks
from .tracks.npy_file import read_npy_tracks
from .tracks.sampling import bake
from .tracks.tensors import to_tensors
from .variants import WAN21_STRIDE, SamplingDefaults, find_variant

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
        source = _track_source(options) if _has_tracks(options) else None
        files = _model_files(options)
        defaults = files.variant.defaults
        picture, last = (None if path is None else load_image(path) for path in (options.picture, options.last))
        width, height = options.width or defaults.width, options.height or defaults.height
        length = options.length or (source.length if source else None) or defaults.length
        shape = (height, width) if picture is None else picture.shape[:2]
        tracks = None if source is None else source.tracks(length, shape[1], shape[0], width, height)
        request = GenerateRequest(
            image=None if picture is None else _pixels(fitted(picture, width, height, options.fit)),
            length=length,
            sampling=_sampling(options, defaults),
            tracks=None if tracks is None else to_tensors(tracks, host.device),
            edit=Edit(options.strength, options.footprint),
            temporal=options.temporal,
            tile=options.tile,
            last=None if last is None else _pixels(fitted(last, width, height, options.fit)),
            size=(width, height),
        )
        check_clip(files.variant, files.config.patch, request)
        if find_preset(options.preset).wants_distilled and not files.loras:
            host.note(f'"{options.preset}" is for a step-distilled LoRA or model, and no LoRA is given (--distilled-lora).')
        # the encoders are gone again before the diffusion network, which is as large, is loaded
        prompt = encode_words(files, _words(options), request, host)
        models = load_models(files, host)
        fps = options.fps or defaults.fps
        with VideoWriter(options.out, fps, title=files.variant.label) as writer:
            for frame in generate_frames(models, dataclasses.replace(request, prompt=prompt), host):
                writer.write(frame)
    result: Result = {"video": str(options.out), "model": files.variant.name, "frames": length, "size": [width, height]}
    if tracks is None:
        return result | {"tracks": 0}
    report = guidance_report(to_tensors(tracks), files.variant.stride)
    return result | {
        "tracks": tracks.count,
        "coverage_percent": round(report.coverage, 2),
        "findings": [finding.message for finding in report.findings],
    }


def preview(options: argparse.Namespace) -> Result:
    """The draft of a document or of bare tracks."""
    source, picture = (
        _track_source(options),
        load_image(options.picture),
    )
    length = options.length or source.length or PREVIEW_LENGTH
    width, height = options.width or picture.shape[1], options.height or picture.shape[0]
    with closing(TerminalHost()) as host:
        if isinstance(source.content, TrackDocument):
            frames = warp_frames(picture, source.content, length, width, height, host, options.fit)
        else:
            tracks = source.tracks(length, picture.shape[1], picture.shape[0], width, height)
            frames = warp_frames_from_tracks(fitted(picture, width, height, options.fit), tracks, host)
        write_video(options.out, frames, options.fps, DRAFT_LABEL)
    return {"draft": str(options.out), "frames": length, "size": [width, height], "label": DRAFT_LABEL}


def overlay(options: argparse.Namespace) -> Result:
    """Tracks over a video; with ``--measure`` where its points really went."""
    info = video_info(options.video)
    frames = list(read_video(options.video))
    tracks = _track_source(options).tracks(len(frames), info.width, info.height, info.width, info.height)
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


def convert(options: argparse.Namespace) -> Result:
    """A track file of one program as that of another, and how it was understood."""
    said = ReadOptions(
        format=options.from_format,
        axis=options.axis,
        scale=options.scale,
        hidden=options.hidden,
        uneven=options.uneven,
        size=options.size,
        fps=options.from_fps,
        visibility=options.visibility,
        length=options.length,
    )
    find_format(options.output, options.format)
    found = read_track_file(options.input, said)
    reading = retime(found, options.length, options.fps)
    written = encode_tracks(reading.tracks, options.output, options.format, reading.fps)
    for path, content in written.files.items():
        with unfinished(path) as partial:
            partial.write_bytes(content)
    return {
        "read": f"{found.layout}, {found.tracks.count} tracks of {found.tracks.length} frames",
        "axis": found.axis,
        "scale": found.scale,
        "visibility": found.visibility,
        "rate": found.rate,
        "written": [str(path) for path in written.files],
        "format": written.format,
        "tracks": reading.tracks.count,
        "frames": written.length,
        "notes": [*reading.notes, *written.notes],
    }


def inspect(options: argparse.Namespace) -> Result:
    """What a file is and what is wrong with it."""
    path: Path = options.file
    if path.suffix.lower() == ".json":
        document = parse_document(read_bytes(path))
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


def _track_source(options: argparse.Namespace) -> TrackSource:
    return TrackSource(options.document, options.tracks, options.visibility, options.fit)


def _has_tracks(options: argparse.Namespace) -> bool:
    return any(option is not None for option in (options.document, options.tracks, options.visibility))


def _model_files(options: argparse.Namespace) -> ModelFiles:
    dtype = DTYPES[options.dtype] if options.dtype else None
    loras = (*options.lora, *options.distilled_lora)
    if options.model is None and options.vae is None and options.low_noise is None:
        return dataclasses.replace(demo_files(dtype), loras=loras)
    if options.model is None or options.vae is None:
        raise RequestError("A model needs both files: give --model and --vae, or neither for the embedded demo model.")
    files = find_files(options.model, options.vae, options.low_noise, find_variant(options.variant), dtype)
    return dataclasses.replace(files, loras=loras)


def _words(options: argparse.Namespace) -> Words:
    return Words(options.prompt, options.negative, options.text_encoder, options.image_encoder, options.embeddings)


def _sampling(options: argparse.Namespace, defaults: SamplingDefaults) -> Sampling:
    plan = plan_steps(options.preset, defaults, options.steps, options.shift, options.cfg)
    cfg_high = plan.cfg_high if options.cfg_high is None else options.cfg_high
    scale = GuidanceScale(plan.cfg, options.uncond, options.motion_scale)
    return Sampling(
        steps=plan.steps,
        shift=plan.shift,
        seed=options.seed,
        solver=options.solver or plan.solver,
        scale=scale,
        scale_high=None if cfg_high is None else dataclasses.replace(scale, text=cfg_high),
        undistilled=plan.undistilled,
    )


def _pixels(picture: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(picture).float() / 255


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
