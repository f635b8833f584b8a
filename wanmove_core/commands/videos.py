"""The commands that make videos: ``edit``, ``demo``, ``generate`` and ``preview``."""

import argparse
import dataclasses
import webbrowser
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..demo.demonstration import run_demo
from ..demo.scoring import evaluate_demo
from ..errors import MediaError, RequestError
from ..generation.cached_encoding import encode_stills
from ..generation.drafts import EarlyPreviewHost, draft_length, write_early_preview
from ..generation.encode_cache import open_cache
from ..generation.kernels import KernelChoice, check_kernels
from ..generation.model_files import ModelFiles, demo_files, find_files, load_models
from ..generation.track_source import fitted
from ..generation.words import Words, encode_words
from ..guidance.condition import Edit
from ..guidance.report import guidance_report
from ..host import Host, TerminalHost
from ..pipeline import GenerateRequest, Models, Sampling
from ..pipeline import generate as generate_frames
from ..rendering.atomic_file import make_folder
from ..rendering.images import load_image
from ..rendering.video_file import VideoWriter, write_video
from ..rendering.warp import DRAFT_LABEL, warp_frames, warp_frames_from_tracks
from ..request.checks import check_clip, check_request
from ..sampling.guidance_scale import GuidanceScale
from ..sampling.sampling_presets import find_preset, plan_steps
from ..standalone.server import PageServer
from ..standalone.session import Clip, Session
from ..tracks.arrange import resample_tracks
from ..tracks.document import TrackDocument
from ..tracks.tensors import to_tensors
from ..variants import SamplingDefaults, find_variant
from .common import PREVIEW_LENGTH, Result, open_host, track_source

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


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
    with closing(open_host(options.device)) as host:
        if options.evaluate:
            return evaluate_demo(options.clips, options.size, host, options.seed)
        make_folder(options.out)
        return run_demo(options.out, host, options.seed)


def generate(options: argparse.Namespace) -> Result:
    """A video through a model."""
    if options.draft and options.preset == "full":
        options = argparse.Namespace(**{**vars(options), "preset": "draft"})
    with closing(open_host(options.device)) as host:
        cache, preview_file = open_cache(options.cache), _checked_preview(options.preview)
        source = track_source(options) if _has_tracks(options) else None
        files = model_files(options)
        check_kernels(files.kernels, host.device)
        defaults = files.variant.defaults
        picture, last = (None if path is None else load_image(path) for path in (options.picture, options.last))
        width, height = options.width or defaults.width, options.height or defaults.height
        length = options.length or (source.length if source else None) or defaults.length
        shape = (height, width) if picture is None else picture.shape[:2]
        tracks = None if source is None else source.tracks(length, shape[1], shape[0], width, height)
        fps = options.fps or defaults.fps
        if options.draft:
            whole, length = length, draft_length(length, files.variant.stride)
            fps *= max(length - 1, 1) / max(whole - 1, 1)
            tracks = None if tracks is None else resample_tracks(tracks, length)
            host.note(f"A draft: {length} frames for {whole}, preset {options.preset}. It is approximate in every respect.")
        request = GenerateRequest(
            image=None if picture is None else _pixels(fitted(picture, width, height, options.fit)),
            length=length,
            sampling=sampling_of(options, defaults),
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
        prompt = encode_words(files, _words(options), request, host, cache)
        models = load_models(files, host, request)
        request = dataclasses.replace(request, prompt=prompt)
        check_request(models, request)
        still = encode_stills(files.vae, models, request, host, cache)
        early = _with_early_preview(preview_file, fps, models, request, host, still)
        with VideoWriter(options.out, fps, title=files.variant.label) as writer:
            for frame in generate_frames(models, request, early, still):
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


def _checked_preview(path: Path | None) -> Path | None:
    """So that a wrong path is said before anything costs time."""
    if path is not None and not path.parent.is_dir():
        raise MediaError(f'Cannot write "{path}": the folder "{path.parent}" does not exist; create it first.')
    return path


def _with_early_preview(
    path: Path | None, fps: float, models: Models, request: GenerateRequest, host: TerminalHost, still: torch.Tensor | None
) -> Host:
    """The host, which also writes a rough clip during the sampling where one is asked for."""
    if path is None:
        return host
    known = None if still is None or request.image is None else (still[:, 0], request.image)

    def show(latent: torch.Tensor) -> None:
        write_early_preview(path, latent, fps / models.variant.stride.time, known, models.vae)
        host.note(f"What it is about to be, roughly: {path}. Ctrl+C stops here.")

    return EarlyPreviewHost(host, request.sampling.steps, show)


def preview(options: argparse.Namespace) -> Result:
    """The draft of a document or of bare tracks."""
    source, picture = (
        track_source(options),
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


def _has_tracks(options: argparse.Namespace) -> bool:
    return any(option is not None for option in (options.document, options.tracks, options.visibility))


def model_files(options: argparse.Namespace) -> ModelFiles:
    """The files that ``--model``, ``--vae`` ... name; the demo model's where none is named."""
    dtype = DTYPES[options.dtype] if options.dtype else None
    loras = (*options.lora, *options.distilled_lora)
    kernels = KernelChoice(options.attention, options.fp8_matmul)
    if options.model is None and options.vae is None and options.low_noise is None:
        return dataclasses.replace(demo_files(dtype), loras=loras, memory=options.memory, kernels=kernels)
    if options.model is None or options.vae is None:
        raise RequestError("A model needs both files: give --model and --vae, or neither for the embedded demo model.")
    files = find_files(options.model, options.vae, options.low_noise, find_variant(options.variant), dtype)
    return dataclasses.replace(files, loras=loras, memory=options.memory, kernels=kernels)


def _words(options: argparse.Namespace) -> Words:
    return Words(options.prompt, options.negative, options.text_encoder, options.image_encoder, options.embeddings)


def sampling_of(options: argparse.Namespace, defaults: SamplingDefaults) -> Sampling:
    """How ``--preset``, ``--steps`` ... say to sample; as the model's authors do where nothing is said."""
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
