"""``wanmove bench``: a model over MoveBench, resumable and in shards; and ``wanmove movebench``: cases of one's own."""

import argparse
import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import RequestError, WanMoveError
from ..evaluation.inception import Inception
from ..evaluation.trackers import find_tracker
from ..evaluation.video_report import ALL_TRACKS, EvaluateOptions
from ..generation.cached_encoding import encode_image_tokens, encode_texts
from ..generation.encode_cache import EncodeCache, open_cache
from ..generation.encode_folder import GIGABYTE, EncodeFolder
from ..generation.kernels import check_kernels
from ..generation.model_files import ModelFiles, load_models
from ..generation.words import Words, encode_words
from ..guidance.condition import Edit
from ..host import Host
from ..models.attention_backends import is_approximate
from ..movebench.bench import BenchRun, Generate, run_bench
from ..movebench.case_host import CaseHost
from ..movebench.fid import Fid, measure_fid
from ..movebench.layout import FPS, HEIGHT, LENGTH, WIDTH, Case, of_categories, of_shard, read_cases
from ..movebench.preparation import ClipShape, prepare
from ..movebench.records import video_path
from ..movebench.result_files import JSON_NAME, PAGE_NAME, TABLE_NAME, write_results
from ..movebench.scoring import Evaluation, score
from ..movebench.settings import NAME as SETTINGS_NAME
from ..movebench.settings import RunSettings, Values, agree, compare, read_settings
from ..pipeline import GenerateRequest
from ..pipeline import generate as generate_frames
from ..rendering.atomic_file import make_folder
from ..rendering.frames import Frame
from ..request.checks import check_clip
from ..sampling.sampling_presets import find_preset
from ..tracks.tensors import to_tensors
from .common import Result, open_host
from .evaluate import make_embed
from .videos import model_files, sampling_of

AT_ONCE = 64
"""prompts or pictures that an encoder, loaded once for them, encodes"""
CACHE_BYTES = 16 * GIGABYTE
"""more than all prompts and pictures of MoveBench take (4 MB a case at the most)"""
_TOLD = 5
"""failed cases that the message names"""

Make = Callable[[Case, int], GenerateRequest]
"""the request of a case with this seed, not yet with its prompt"""


def bench(options: argparse.Namespace) -> Result:
    """All cases, or those of a shard or some categories: generated, evaluated, summed up."""
    with closing(open_host(options.device)) as terminal:
        host = CaseHost(terminal)
        cases = read_cases(options.folder, options.lang, options.set)
        chosen = of_shard(of_categories(cases, options.category), *options.shard)
        files = None if options.evaluate_only else model_files(options)
        if files is not None:
            check_kernels(files.kernels, host.device)
        shape = _shape(options)
        evaluating = _evaluate_options(options, host)
        inception = None if options.fid_weights is None else Inception(options.fid_weights, host.device)
        make_folder(options.out)
        wanted = RunSettings(
            benchmark={"set": options.set, "language": options.lang},
            generation=None if files is None else _generation(options, files, shape),
            evaluation=_evaluation(evaluating, shape),
            about={"wanmove": _version(), "torch": torch.__version__, "device": options.device},
        )
        settings = compare(options.out, wanted, options.evaluate_again)
        if files is not None:
            _check_videos(options.out, cases)
        run = BenchRun(
            everything=cases,
            chosen=chosen,
            out=options.out,
            settings=settings,
            seed=options.seed,
            fps=FPS,
            begin=partial(agree, options.out, wanted, options.evaluate_again),
            open_model=None if files is None else partial(_open_model, options, files, shape, host),
            evaluate=partial(_evaluate, shape, evaluating, host),
        )
        done = run_bench(run, host)
        summary = write_results(options.out, cases, settings)
        if inception is not None:
            fid = measure_fid(options.out, chosen, cases, settings, shape, inception, host)
            summary = write_results(options.out, cases, settings, fid)
    if done.failed:
        told = "; ".join(done.failed[:_TOLD]) + ("; …" if len(done.failed) > _TOLD else "")
        raise RequestError(f"{len(done.failed)} of {len(chosen)} cases failed, the others are done. {told}")
    return {
        "report": str(options.out / PAGE_NAME),
        "results": [str(options.out / JSON_NAME), str(options.out / TABLE_NAME)],
        "label": summary.label,
        "done": f"{len(summary.records)} of {summary.cases} cases",
        "generated": done.generated,
        "evaluated": done.evaluated,
        "skipped": done.skipped,
        **_told(summary.fid),
    }


def _told(fid: Fid | None) -> Result:
    return {} if fid is None else {"fid": round(fid.value, 3), "fid_label": fid.label, "fid_note": fid.note}


def _check_videos(out: Path, cases: Sequence[Case]) -> None:
    """Videos that nobody knows the settings of are not taken for done. Settings are always written before the first video."""
    found = [case for case in cases if video_path(out, case).is_file()]
    if found and not (out / SETTINGS_NAME).exists():
        raise RequestError(
            f"{out} has {len(found)} videos of these cases and no {SETTINGS_NAME} that says how they were made. Give "
            "--evaluate-only to measure them, or another folder with --out."
        )


def _shape(options: argparse.Namespace) -> ClipShape:
    """As said; where nothing is said and nothing is generated, as the folder has it; else as MoveBench has it."""
    known: Values = {}
    if options.evaluate_only and (options.out / SETTINGS_NAME).exists():
        settings = read_settings(options.out)
        known = {**settings.evaluation, **(settings.generation or {})}
    width, height, length = (
        said or (value if isinstance(value, int) and value > 0 else usual)
        for said, value, usual in (
            (options.width, known.get("width"), WIDTH),
            (options.height, known.get("height"), HEIGHT),
            (options.length, known.get("length"), LENGTH),
        )
    )
    fit = options.fit or known.get("fit")
    return ClipShape(width, height, length, "crop" if fit == "crop" else "stretch" if fit == "stretch" else None)


def _evaluate_options(options: argparse.Namespace, host: Host) -> EvaluateOptions:
    measure = dataclasses.replace(ALL_TRACKS, tracker=find_tracker(options.tracker, options.tracker_weights))
    path: Path | None = options.image_encoder
    if path is None:
        return EvaluateOptions(measure, quality_every=options.niqe_every)
    open_encoder = functools.cache(lambda: make_embed(path, host)[0])
    return EvaluateOptions(measure, lambda frames: open_encoder()(frames), path.name, options.niqe_every)


def _evaluation(options: EvaluateOptions, shape: ClipShape) -> Values:
    measure = options.measure
    return {
        "tracker": measure.tracker.name,
        "tracker_version": measure.tracker.version,
        "tracker_licence": measure.tracker.licence,
        "min_motion": measure.min_motion,
        "max_tracks": measure.max_tracks,
        "min_texture": measure.min_texture,
        "margin": measure.margin,
        "to_the_end": measure.to_the_end,
        "niqe_every": options.quality_every,
        "clip": options.embed_name,
        "width": shape.width,
        "height": shape.height,
        "length": shape.length,
        "fit": shape.fit,
    }


def _generation(options: argparse.Namespace, files: ModelFiles, shape: ClipShape) -> Values:
    """What another video would come of, were it changed."""
    sampling = sampling_of(options, files.variant.defaults)
    variant = files.variant
    words = (options.text_encoder, options.image_encoder) if variant.needs_text else (None, None)
    return {
        "model": variant.name,
        "model_label": variant.label,
        "network": _named(files.dit),
        "low_noise": _named(files.low_noise),
        "vae": _named(files.vae),
        "text_encoder": _named(words[0]),
        "image_encoder": _named(words[1]),
        "negative": options.negative if variant.needs_text else None,
        "dtype": None if files.dtype is None else str(files.dtype).removeprefix("torch."),
        "loras": [
            f"{_named(lora.path)}, strength {lora.strength:g}, {lora.expert or 'all'}"
            + (", distilled" if lora.is_distilled else "")
            for lora in files.loras
        ],
        "attention": options.attention if is_approximate(options.attention) else "exact",
        "fp8_matmul": options.fp8_matmul,
        "steps": sampling.steps,
        "shift": sampling.shift,
        "cfg": sampling.scale.text,
        "cfg_high": None if sampling.scale_high is None else sampling.scale_high.text,
        "motion_scale": sampling.scale.motion,
        "uncond": sampling.scale.uncond,
        "undistilled": sampling.undistilled,
        "solver": sampling.solver,
        "seed": options.seed,
        "strength": options.strength,
        "footprint": options.footprint,
        "temporal": options.temporal,
        "tile": options.tile,
        "width": shape.width,
        "height": shape.height,
        "length": shape.length,
        "fit": shape.fit,
    }


def _named(path: Path | None) -> str | None:
    """A file by its name and size, so that results may move to another machine and another folder."""
    if path is None:
        return None
    return f"{path.name}, {path.stat().st_size:,} bytes" if path.is_file() else path.name


def _version() -> str:
    try:
        return metadata.version("wan-move")
    except metadata.PackageNotFoundError:
        return "from a folder"


def _evaluate(shape: ClipShape, options: EvaluateOptions, host: Host, case: Case, video: Path, thumbnail: Path) -> Evaluation:
    return score(case, video, thumbnail, shape, options, host)


def _open_model(
    options: argparse.Namespace, files: ModelFiles, shape: ClipShape, host: Host, pending: Sequence[Case]
) -> Generate:
    """Every prompt is encoded before the diffusion network, which is as large as its encoder, is loaded."""
    make = partial(_request, options, files, shape, host)
    first = _first_request(pending, make)
    check_clip(files.variant, files.config.patch, first)
    if find_preset(options.preset).wants_distilled and not files.loras:
        host.note(f'"{options.preset}" is for a step-distilled LoRA or model, and no LoRA is given (--distilled-lora).')
    words = Words("", options.negative, options.text_encoder, options.image_encoder)
    cache = _open_cache(options, files)
    if files.variant.needs_text:
        encode_words(files, words, first, host, cache)  # says what is missing
        _encode_all(files, words, pending, make, host, cache)
    models = load_models(files, host, first)

    def generate(case: Case, seed: int) -> Iterator[Frame]:
        request = make(case, seed)
        said = dataclasses.replace(words, prompt=case.caption if files.variant.needs_text else "")
        prompt = encode_words(files, said, request, host, cache)
        return generate_frames(models, dataclasses.replace(request, prompt=prompt), host)

    return generate


def _open_cache(options: argparse.Namespace, files: ModelFiles) -> EncodeCache:
    """Beside the results, so that a run that goes on, and other shards, encode nothing twice."""
    if options.cache is not None or not files.variant.needs_text:
        return open_cache(options.cache)
    return EncodeCache(EncodeFolder(options.out / "encoded", CACHE_BYTES))


def _encode_all(files: ModelFiles, words: Words, pending: Sequence[Case], make: Make, host: Host, cache: EncodeCache) -> None:
    """Fill the cache, from which ``encode_words`` then takes each case's."""
    for start in range(0, len(pending), AT_ONCE):
        part = pending[start : start + AT_ONCE]
        if words.text_encoder is not None:
            encode_texts(words.text_encoder, [case.caption for case in part], host, cache)
        if files.variant.needs_image_encoder and words.image_encoder is not None:
            pictures: list[torch.Tensor] = []
            for case in part:
                with suppress(WanMoveError):  # it fails by itself later, and alone
                    pictures += [image] if (image := make(case, 0).image) is not None else []
            if pictures:
                encode_image_tokens(words.image_encoder, pictures, host, cache)
        host.progress("encode prompts", min(start + AT_ONCE, len(pending)), len(pending))


def _first_request(pending: Sequence[Case], make: Make) -> GenerateRequest:
    """Of the first case that is sound; of none is, the reason of the last."""
    for case in pending[:-1]:
        with suppress(WanMoveError):
            return make(case, 0)
    return make(pending[-1], 0)


def _request(
    options: argparse.Namespace, files: ModelFiles, shape: ClipShape, host: Host, case: Case, seed: int
) -> GenerateRequest:
    asked = prepare(case, shape)
    return GenerateRequest(
        image=_floats(asked.picture),
        length=shape.length,
        sampling=dataclasses.replace(sampling_of(options, files.variant.defaults), seed=seed),
        tracks=to_tensors(asked.tracks, host.device),
        edit=Edit(options.strength, options.footprint),
        temporal=options.temporal,
        tile=options.tile,
        size=(shape.width, shape.height),
    )


def _floats(picture: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(picture).float() / 255
