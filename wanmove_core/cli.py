"""The command line ``wanmove``: the arguments of its commands, no work."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

from .commands import bench, evaluate, movebench, overlays, track, tracks, videos
from .commands.common import readable
from .errors import WanMoveError
from .evaluation.trackers import TRACKERS
from .generation.lora_choice import read_lora_choice
from .generation.memory_choice import MemoryChoice, read_memory
from .models.attention_backends import BACKENDS
from .sampling.sampling_presets import SAMPLING_PRESETS
from .tracks.formats.raw_tracks import Axis, Hidden, Scale, Uneven
from .tracks.interchange_formats import FORMATS
from .tracks.sampling import MAX_LENGTH, MAX_SIDE
from .variants import VARIANTS

USER_ERROR = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0, 2 for a mistake that the message explains, 130 after Ctrl+C."""
    options = build_parser().parse_args(arguments)
    try:
        result = options.run(options)
    except WanMoveError as error:
        if options.json:
            print(json.dumps({"error": str(error)}))
        print(f"wanmove: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("wanmove: interrupted; no unfinished file is left.", file=sys.stderr)
        return INTERRUPTED
    print(json.dumps(result) if options.json else readable(result))
    return 0


def build_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(prog="wanmove", description="Put motion into a picture with Wan-Move.")
    subparsers = parser.add_subparsers(required=True, metavar="command")
    _add_edit(subparsers.add_parser("edit", help="draw the motion in the browser, on a page that this machine alone can open"))
    _add_demo(subparsers.add_parser("demo", help="move the shipped picture: draft, embedded model, overlay, errors"))
    _add_generate(subparsers.add_parser("generate", help="a video from a picture and tracks, through a model"))
    _add_preview(subparsers.add_parser("preview", help="the draft: the picture itself moves, no model"))
    _add_overlay(subparsers.add_parser("overlay", help="draw tracks over a video, and where its points really went"))
    _add_track(subparsers.add_parser("track", help="the motion of a video as tracks, for itself or for another picture"))
    _add_evaluate(
        subparsers.add_parser("evaluate", help="how well a video followed its tracks, held together and kept quality")
    )
    _add_convert(subparsers.add_parser("convert", help="a track file of one program as that of another"))
    _add_bench(subparsers.add_parser("bench", help="a model over the cases of MoveBench: videos, figures, a report; resumable"))
    _add_movebench(subparsers.add_parser("movebench", help="check a folder in MoveBench's layout, or add cases of your own"))
    _add_inspect(subparsers.add_parser("inspect", help="what a document, track file or checkpoint is, and what is wrong"))
    return parser


def _add_edit(parser: argparse.ArgumentParser) -> None:
    _add_picture(parser)
    parser.add_argument(
        "--document", type=Path, help="track document to edit or to begin (the picture's name with .wanmove.json)"
    )
    parser.add_argument("--port", type=_whole(0, 65_535), default=0, help="of the page on 127.0.0.1 (a free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    parser.add_argument("--lang", choices=("en", "zh"), default="", help="of the page (as the browser has it)")
    _add_json(parser)
    parser.set_defaults(run=videos.edit)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("output/demo"), help="folder for the files (%(default)s)")
    parser.add_argument("--evaluate", action="store_true", help="score the embedded model on held-out synthetic clips instead")
    parser.add_argument("--clips", type=_whole(1, 10_000), default=24, help="clips to score (%(default)s)")
    parser.add_argument("--size", type=int, choices=(64, 128, 192, 256), default=128, help="their width and height")
    parser.add_argument("--seed", type=int, default=0)
    _add_running(parser)
    parser.set_defaults(run=videos.demo, json=True)


def _add_generate(parser: argparse.ArgumentParser) -> None:
    _add_picture(parser, optional=True)
    parser.add_argument("--last", type=Path, help="picture that the clip ends with, for models that take one (FLF2V)")
    _add_tracks(parser, required=False)
    parser.add_argument("--out", type=Path, required=True, help="the mp4 to write")
    _add_model(parser.add_argument_group("model", "the embedded demo model unless its files are given"))
    _add_words(parser.add_argument_group("prompt", "for models that read one"))
    parser.add_argument(
        "--draft", action="store_true",
        help="the motion in an eighth of the time or less, roughly: --preset draft, half the frames at half the rate",
    )  # fmt: skip
    parser.add_argument(
        "--preview", type=Path, metavar="MP4",
        help="after a third of the steps, what the video is about to be: small, rough, in time to stop it with Ctrl+C",
    )  # fmt: skip
    _add_sampling(parser)
    _add_running(parser)
    parser.set_defaults(run=videos.generate, fps=None)


def _add_sampling(parser: argparse.ArgumentParser) -> None:
    sampling = parser.add_argument_group("sampling", "the model's own defaults where not given")
    sampling.add_argument("--preset", choices=[row.name for row in SAMPLING_PRESETS], default="full", help=_presets())
    sampling.add_argument("--steps", type=int)
    sampling.add_argument("--shift", type=float)
    sampling.add_argument("--cfg", type=float, help="guidance scale of the text; 1 = none")
    sampling.add_argument("--cfg-high", type=float, help="that of the high-noise expert (as --cfg)")
    sampling.add_argument("--motion-scale", type=float, help="a guidance scale for the motion alone (one more forward a step)")
    sampling.add_argument("--uncond", choices=("edited", "clean"), default="edited", help="what the unprompted pass sees")
    sampling.add_argument("--solver", choices=("unipc", "dpm++", "euler"), help="(the preset's)")
    sampling.add_argument("--seed", type=int, default=0)
    guidance = parser.add_argument_group("guidance")
    guidance.add_argument("--strength", type=float, default=1.0, help="how far features are carried over, 0 = not")
    guidance.add_argument("--footprint", type=float, default=0.0, help="cells around each track that follow softly")
    guidance.add_argument("--temporal", choices=("last", "mean"), default="last", help="frame of a latent frame that counts")
    parser.add_argument("--tile", type=_whole(4, MAX_SIDE), help="decode in tiles of so many cells (8 px): less memory")
    parser.add_argument(
        "--cache", type=Path, metavar="FOLDER",
        help="keep encoded pictures and prompts there for the next time, 4 GB (WANMOVE_CACHE and WANMOVE_CACHE_GB, if set)",
    )  # fmt: skip


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="MoveBench: the folder that holds en and zh")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results; a run that was stopped goes on there")
    _add_list(parser)
    parser.add_argument("--category", action="append", default=[], help="only these cases; several times for several")
    parser.add_argument("--shard", type=_shard, default=(1, 1), metavar="I/N", help="only every N-th case, from the I-th")
    size = parser.add_argument_group("size", "that of MoveBench where not given; tracks and real videos are brought to it")
    size.add_argument("--width", type=_whole(8, MAX_SIDE))
    size.add_argument("--height", type=_whole(8, MAX_SIDE))
    size.add_argument("--fit", choices=("stretch", "crop"), help="how a picture becomes the video, where shapes differ")
    size.add_argument("--length", type=_whole(1, MAX_LENGTH), help="frames, 4k + 1, by resampling in time")
    measuring = parser.add_argument_group("measuring")
    measuring.add_argument(
        "--tracker", choices=tuple(TRACKERS), default="flow", help="(OpenCV's Lucas-Kanade); the paper's: cotracker"
    )
    measuring.add_argument("--tracker-weights", type=Path, help="of cotracker or tapir; their packages are yours to install")
    measuring.add_argument("--niqe-every", type=_whole(0, MAX_LENGTH), default=4, help="frames; 0 = no NIQE (%(default)s)")
    measuring.add_argument(
        "--fid-weights", type=Path, help="of Inception, for FID; the package torch-fidelity is yours to install"
    )
    measuring.add_argument(
        "--evaluate-only", action="store_true", help="generate nothing: measure OUT/<id>.mp4, whoever made it"
    )
    measuring.add_argument("--evaluate-again", action="store_true", help="measure videos anew that were measured otherwise")
    _add_model(parser.add_argument_group("model", "the embedded demo model unless its files are given"))
    _add_encoders(parser.add_argument_group("prompt", "for models that read the captions"))
    _add_sampling(parser)
    _add_running(parser)
    parser.set_defaults(run=bench.bench)


def _add_movebench(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="what")
    validate = commands.add_parser("validate", help="list everything that is wrong with a folder")
    validate.add_argument("folder", type=Path, help="that holds en and zh")
    _add_json(validate)
    validate.set_defaults(run=movebench.check)
    add = commands.add_parser("add", help="add a case of your own")
    add.add_argument("folder", type=Path, help="that holds en and zh; made if it is not there")
    add.add_argument("--id", required=True, help="such as Own_dance_0: something, the category, a number")
    add.add_argument("--caption", required=True, help="what the video shows, in a sentence or two: the prompt")
    add.add_argument("--picture", type=Path, help="the first frame (that of the video)")
    add.add_argument("--video", type=Path, help="the real video, to compare with")
    source = add.add_mutually_exclusive_group(required=True)
    source.add_argument("--document", type=Path, help="track document of the editor")
    source.add_argument("--tracks", type=Path, help="any track file that wanmove convert reads, in pixels of the picture")
    add.add_argument("--visibility", type=Path, help="npy [T, N] beside --tracks")
    add.add_argument("--fit", choices=("stretch", "crop"), help="how the picture becomes 832x480, where shapes differ")
    _add_list(add)
    _add_json(add)
    add.set_defaults(run=movebench.add)


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="of the captions (%(default)s)")
    parser.add_argument(
        "--set", choices=("single", "multi"), default="single", help="one object moves, or several (%(default)s)"
    )


def _add_model(model: "argparse._ArgumentGroup") -> None:
    model.add_argument("--model", type=Path, help="checkpoint of a Wan diffusion model; of two experts the one for high noise")
    model.add_argument("--low-noise", type=Path, help="the other expert of Wan 2.2 T2V-A14B or I2V-A14B")
    model.add_argument("--vae", type=Path, help="checkpoint of the Wan 2.1 VAE (Wan 2.2's for TI2V-5B)")
    model.add_argument("--variant", choices=[row.name for row in VARIANTS], default="", help="where the file cannot say")
    model.add_argument("--dtype", choices=tuple(videos.DTYPES), help="compute type of the model (the file's own)")
    model.add_argument(
        "--lora", type=read_lora_choice, action="append", default=[], metavar="FILE[:STRENGTH][:high|low]",
        help="a LoRA; several times for several; of two experts for one or for both",
    )  # fmt: skip
    model.add_argument(
        "--distilled-lora", type=partial(read_lora_choice, is_distilled=True), action="append", default=[],
        metavar="FILE[:STRENGTH][:high|low]", help="a step-distilled LoRA, for the presets distilled and hybrid",
    )  # fmt: skip
    model.add_argument(
        "--memory", type=_memory, default="auto", metavar="SIZE",
        help="that may be taken of the device, as 16GB; blocks that do not fit are streamed (on CUDA what is free, else off)",
    )  # fmt: skip
    model.add_argument(
        "--attention", choices=("auto", *BACKENDS), default="auto",
        help="kernel of attention; auto: the exact one that is measured to be fastest; sage is approximate (%(default)s)",
    )  # fmt: skip
    model.add_argument(
        "--fp8-matmul", action="store_true", help="faster, approximate products with 8-bit weights: RTX 40, L4, H100 and later"
    )


def _add_words(prompt: "argparse._ArgumentGroup") -> None:
    prompt.add_argument("--prompt", default="", help="ignored with a note by models that read no text")
    _add_encoders(prompt)
    prompt.add_argument(
        "--embeddings",
        type=Path,
        help="safetensors with text [n, d] and, where needed, negative and image, instead of encoders",
    )


def _add_encoders(prompt: "argparse._ArgumentGroup") -> None:
    prompt.add_argument("--negative", help="what not to show (as released)")
    prompt.add_argument("--text-encoder", type=Path, help="checkpoint of umT5-xxl, its tokenizer in it or beside it")
    prompt.add_argument("--image-encoder", type=Path, help="checkpoint of CLIP ViT-H, for Wan 2.1 I2V, FLF2V and Wan-Move")


def _add_preview(parser: argparse.ArgumentParser) -> None:
    _add_picture(parser)
    _add_tracks(parser)
    parser.add_argument("--out", type=Path, required=True, help="the mp4 to write")
    _add_json(parser)
    parser.set_defaults(run=videos.preview)


def _add_overlay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, help="or a picture, for as long as the tracks are")
    _add_tracks(parser)
    parser.add_argument("--fit", choices=("stretch", "crop"), help="how the document's picture became the video")
    parser.add_argument("--length", type=_whole(1, MAX_LENGTH), help="frames, for a picture with a document (81)")
    parser.add_argument("--measure", action="store_true", help="follow the points in the video and draw the error")
    parser.add_argument("--curves", type=Path, metavar="PNG", help="also the errors over the frames as a picture (measures)")
    parser.add_argument("--view", choices=("tracks", "cells"), default="tracks", help="cells: what the model is told")
    parser.add_argument("--beside", type=Path, nargs="*", metavar="FILE", help="videos and pictures left of it, and the video")
    tracks_view = parser.add_argument_group("tracks")
    tracks_view.add_argument("--max-tracks", type=_whole(1, 4096), default=1024, help="more are thinned evenly (%(default)s)")
    tracks_view.add_argument("--tail", type=_whole(0, MAX_LENGTH), default=12, help="frames until it has faded (%(default)s)")
    cells = parser.add_argument_group("cells")
    cells.add_argument("--variant", choices=[row.name for row in VARIANTS], default="", help="whose (Wan 2.1's, of 8 px)")
    cells.add_argument("--footprint", type=float, default=0.0, help="as in generate")
    cells.add_argument("--temporal", choices=("last", "mean"), default="last", help="as in generate")
    parser.add_argument("--out", type=Path, required=True, help="the mp4 to write")
    _add_json(parser)
    parser.set_defaults(run=overlays.overlay)


def _add_track(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="the track file to write; wan-move and movebench write two")
    parser.add_argument("--format", choices=_written(), default="", help="of the file (the first that has its ending)")
    start = parser.add_argument_group("what is followed", "points of the first frame; a grid where nothing is said")
    start.add_argument(
        "--spacing", type=_whole(1, MAX_SIDE), default=32, help="px between the points of the grid (%(default)s)"
    )
    start.add_argument("--mask", type=Path, help="picture that is white where points start")
    start.add_argument("--points", type=Path, help="JSON [[x, y], ...], or a track file: its first places")
    start.add_argument("--find-new", action="store_true", help="also points that show up later, hidden before")
    how = parser.add_argument_group("who follows them")
    how.add_argument("--tracker", choices=("flow", "cotracker", "tapir"), default="flow", help="(OpenCV's Lucas-Kanade)")
    how.add_argument("--weights", type=Path, help="of cotracker or tapir; their packages are yours to install")
    how.add_argument("--max-return-error", type=float, default=1.0, help="px by which flow's way back may miss (%(default)s)")
    other = parser.add_argument_group("for another picture", "in this order; as the video has it where nothing is said")
    other.add_argument("--fps", type=float, help="frames a second, by resampling in time")
    other.add_argument("--length", type=_whole(1, MAX_LENGTH), help="frames, by resampling in time")
    other.add_argument("--width", type=_whole(1, MAX_SIDE), help="of the picture")
    other.add_argument("--height", type=_whole(1, MAX_SIDE))
    other.add_argument("--fit", choices=("crop", "stretch"), default="crop", help="how the video becomes the picture")
    other.add_argument("--motion", type=float, default=1.0, help="factor on how far points get from their starts")
    other.add_argument("--scale", type=float, default=1.0, help="of all places, about the picture's middle")
    other.add_argument("--offset", type=_pair, default=(0.0, 0.0), metavar="X,Y", help="px; write --offset=-8,0")
    _add_json(parser)
    parser.set_defaults(run=track.track)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path)
    _add_tracks(parser, required=False)
    parser.add_argument("--fit", choices=("stretch", "crop"), help="how the document's picture became the video")
    parser.add_argument("--truth", type=Path, help="the true video, for PSNR, SSIM and the tracker's floor")
    parser.add_argument("--picture", type=Path, help="the start image, for the change of NIQE")
    how = parser.add_argument_group("how it is measured")
    how.add_argument("--tracker", choices=tuple(TRACKERS), default="flow", help="who follows the points (%(default)s)")
    how.add_argument("--tracker-weights", type=Path, help="of cotracker or tapir; their packages are yours to install")
    how.add_argument("--max-tracks", type=_whole(1, 4096), default=256, help="more are thinned evenly (%(default)s)")
    how.add_argument("--min-motion", type=_whole(0, MAX_SIDE), default=0, help="px a track must move to count (%(default)s)")
    how.add_argument("--image-encoder", type=Path, help="checkpoint of CLIP ViT-H, for CLIP-F")
    how.add_argument("--niqe-every", type=_whole(0, MAX_LENGTH), default=1, help="frames; 0 = no NIQE (%(default)s)")
    parser.add_argument("--per-track", type=Path, metavar="CSV", help="also a table with a line a track")
    _add_running(parser)
    parser.set_defaults(run=evaluate.evaluate)


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, help="npy, npz, pth, JSON, SVG, a mask as PNG, or a track document")
    parser.add_argument("output", type=Path, help="the file to write; wan-move and movebench write two")
    parser.add_argument("--format", choices=_written(), default="", help="of the output (the first that has its ending)")
    parser.add_argument("--fps", type=float, help="frames a second of the output, by resampling in time")
    parser.add_argument("--length", type=_whole(1, MAX_LENGTH), help="frames of the output, by resampling in time")
    said = parser.add_argument_group("input", "what it does not say itself")
    said.add_argument("--from", dest="from_format", choices=tuple(FORMATS), default="", help="its format (told from it)")
    said.add_argument("--size", type=_size, metavar="WxH", help="of the picture that the tracks are for, as 832x480")
    said.add_argument("--from-fps", type=float, help="frames a second")
    said.add_argument("--axis", choices=get_args(Axis), help="which comes first: [frames, tracks, 2] or [tracks, frames, 2]")
    said.add_argument("--scale", choices=get_args(Scale), help="pixels, unit (0…1) or centred (-1…1)")
    said.add_argument("--hidden", choices=get_args(Hidden), help="what marks hidden points; write --hidden=-1")
    said.add_argument("--uneven", choices=get_args(Uneven), help="whether shorter lists are slower or end early")
    said.add_argument("--visibility", type=Path, help="npy [T, N] (the file beside a npy file)")
    _add_json(parser)
    parser.set_defaults(run=tracks.convert)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=".json document, .npy tracks, or .safetensors / .pth checkpoint")
    _add_json(parser)
    parser.set_defaults(run=tracks.inspect)


def _add_picture(parser: argparse.ArgumentParser, optional: bool = False) -> None:
    without = "left out with models that need none" if optional else None
    parser.add_argument("picture", type=Path, nargs="?" if optional else None, help=without)
    parser.add_argument("--width", type=_whole(8, MAX_SIDE), help="of the video, pixels")
    parser.add_argument("--height", type=_whole(8, MAX_SIDE))
    parser.add_argument("--fit", choices=("stretch", "crop"), help="how the picture becomes the video, where shapes differ")
    parser.add_argument("--length", type=_whole(1, MAX_LENGTH), help="frames, 4k + 1")
    parser.add_argument("--fps", type=float, default=16.0, help="of the video (16, or the model's own)")


def _add_tracks(parser: argparse.ArgumentParser, required: bool = True) -> None:
    source = parser.add_mutually_exclusive_group(required=required)
    source.add_argument("--document", type=Path, help="track document (.json)")
    source.add_argument("--tracks", type=Path, help="npy [T, N, 2], pixels of the picture (of the video for overlay)")
    parser.add_argument("--visibility", type=Path, help="npy [T, N] beside --tracks")


def _add_running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 ... (%(default)s)")
    _add_json(parser)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON line on standard output")


def _presets() -> str:
    return "; ".join(f"{row.name}: {row.purpose}" for row in SAMPLING_PRESETS) + " (%(default)s)"


def _written() -> list[str]:
    return [row.name for row in FORMATS.values() if row.is_written]


def _pair(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'"{text}" is no x and y; write them as 12,-8') from error
    return x, y


def _shard(text: str) -> tuple[int, int]:
    number, slash, count = text.partition("/")
    if not slash:
        raise argparse.ArgumentTypeError(f'"{text}" is no shard; write the second of four as 2/4')
    read = _whole(1, 10_000)
    return read(number), read(count)


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    read = _whole(1, MAX_SIDE)
    if not cross:
        raise argparse.ArgumentTypeError(f'"{text}" is no size; write it as 832x480')
    return read(width), read(height)


def _memory(text: str) -> MemoryChoice:
    try:
        return read_memory(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; write it as 16GB, or auto or off") from error


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f'"{text}" is no whole number from {least} to {most}')
        return int(text)

    return read


if __name__ == "__main__":
    sys.exit(main())
