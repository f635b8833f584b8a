"""Imports point one way only, and the core imports only what it declares. Read off the syntax, so nothing need be importable.

A *unit* is what stands directly below ``wanmove_core``: a module or a folder. ``nodes`` counts as one.
"""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"nodes"}),
    frozenset({"cli"}),
    frozenset({"commands"}),
    frozenset({"generation"}),
    frozenset({"demo", "movebench", "pipeline", "standalone"}),
    frozenset({"request"}),
    frozenset({"encoding", "residency", "sampling", "rendering", "evaluation"}),
    frozenset({"loading"}),
    frozenset({"models"}),
    frozenset({"guidance"}),
    frozenset({"tracks"}),
    frozenset({"variants"}),
    frozenset({"host", "negative_prompts"}),
    frozenset({"errors"}),
)
"""from top to bottom; a unit imports itself and what is below it"""

SIDEWAYS = {("demo", "pipeline"), ("evaluation", "rendering")}
"""within a layer: the first may import the second"""

APART = {("rendering", "models"), ("rendering", "loading")}
"""though below it, not for the first to import: drafts and overlays work without any model"""

WITHOUT_TORCH = {"tracks": {"tensors.py", "torch_values.py"}}
"""units that do not import torch, but for these files"""

OPTIONAL = {
    ("encoding", "ftfy"), ("encoding", "sentencepiece"), ("encoding", "tokenizers"), ("loading", "gguf"),
    ("evaluation", "cotracker"), ("evaluation", "tapnet"), ("evaluation", "torch_fidelity"),
    ("models", "flash_attn_interface"), ("models", "sageattention"),
}  # fmt: skip
"""packages that a unit uses where they are installed"""

OUTSIDE = {"nodes", "training", "benchmarks", "tests", "comfy", "comfy_api", "comfy_extras", "folder_paths", "server"}
"""ours above the core, and ComfyUI's; ``nodes`` is the name of both"""

IMPORT_NAMES = {"pillow": "PIL", "opencv-python": "cv2"}
"""how packages are imported, where not by their own name"""


@dataclass(frozen=True)
class Import:
    """One name that a module imports."""

    name: str
    """absolute and dotted; ``from a import b`` gives a.b, whatever b is"""
    line: int
    for_types_only: bool
    """stands under ``if TYPE_CHECKING``, so nothing is imported when the program runs"""


def find_imports(source: str, path: Path) -> Iterator[Import]:
    """All imports of a module, those inside functions and by name (``import_module("a")``) too; ``path`` from the root."""
    tree = ast.parse(source)
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and _checks_types(node)]
    guarded = {id(node) for block in blocks for child in block.body for node in ast.walk(child)}
    for node in ast.walk(tree):
        for name in _imported_names(node, path.parent.parts):
            yield Import(name, getattr(node, "lineno", 0), id(node) in guarded)


def find_violations(source: str, path: Path, declared: frozenset[str]) -> list[str]:
    """A line for each import that its place forbids.

    Args:
        path: of the module, from the root of the repository; below ``wanmove_core`` or ``nodes``.
        declared: import names of the packages that the core depends on.
    """
    found = []
    for imported in find_imports(source, path):
        reason = _core_reason(imported, path) if imported.name.startswith("wanmove_core") else None
        if path.parts[0] == "wanmove_core" and not imported.name.startswith("wanmove_core"):
            reason = _outside_reason(imported, path, declared)
        if reason:
            found.append(f"{path.as_posix()}:{imported.line} imports {imported.name}: {reason}")
    return found


def declared_packages() -> frozenset[str]:
    """Import names of ``[project] dependencies``."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    project = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names: list[str] = [dependency.split(">=")[0] for dependency in project["dependencies"]]
    return frozenset(IMPORT_NAMES.get(name, name) for name in names)


def _checks_types(block: ast.If) -> bool:
    return ast.unparse(block.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _imported_names(node: ast.AST, package: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) + 1 - node.level] if node.level else ()
        start = ".".join((*above, *filter(None, [node.module])))
        return [f"{start}.{alias.name}" if start else alias.name for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
        return [first.value for first in node.args[:1] if isinstance(first, ast.Constant) and isinstance(first.value, str)]
    return []


def _unit(parts: tuple[str, ...]) -> str:
    """The unit of a module by its dotted or path parts; "" for ``wanmove_core`` itself and the names in it."""
    if parts[0] == "nodes":
        return "nodes"
    below = parts[1].removesuffix(".py") if len(parts) > 1 else ""
    return "" if below.startswith("__") else below


def _level(unit: str) -> int | None:
    return next((level for level, units in enumerate(LAYERS) if unit in units), None)


def _core_reason(imported: Import, path: Path) -> str | None:
    importer, target = _unit(path.parts), _unit(tuple(imported.name.split(".")))
    if not target or importer == target:
        return None
    if not importer:
        return "the package itself imports nothing of its own"
    here, there = _level(importer), _level(target)
    if here is None or there is None:
        return f'"{importer if here is None else target}" has no layer; give it one in LAYERS'
    if (importer, target) in APART:
        return f"{importer} works without {target}"
    if there > here or (importer, target) in SIDEWAYS:
        return None
    return f"{importer} is {'beside' if there == here else 'below'} {target}"


def _outside_reason(imported: Import, path: Path, declared: frozenset[str]) -> str | None:
    package = imported.name.split(".")[0]
    if package in OUTSIDE:
        return "the core does not know what stands above it"
    if imported.for_types_only or package in sys.stdlib_module_names:
        return None
    unit = _unit(path.parts)
    if package not in declared and (unit, package) not in OPTIONAL:
        return "not among the dependencies in pyproject.toml"
    if package == "torch" and unit in WITHOUT_TORCH and path.name not in WITHOUT_TORCH[unit]:
        return f"{unit} does without torch but in {', '.join(sorted(WITHOUT_TORCH[unit]))}"
    return None


DECLARED = frozenset({"torch", "numpy", "PIL"})


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("wanmove_core/tracks/curves.py", "import math\nimport numpy as np\nfrom ..errors import DocumentError"),
        ("wanmove_core/tracks/tensors.py", "import torch.nn.functional as F"),
        ("wanmove_core/guidance/report.py", "from ..tracks.tensors import Tracks\nfrom .latent_edit import winning_tracks"),
        ("wanmove_core/evaluation/measure.py", "from ..rendering.frames import Frame"),
        ("wanmove_core/encoding/prompts.py", "def f():\n    import_module('ftfy')"),
        ("wanmove_core/cli.py", "from . import pipeline, demo\nfrom wanmove_core import __version__"),
        ("wanmove_core/models/dit.py", "if TYPE_CHECKING:\n    from diffusers import WanTransformer3DModel"),
        ("nodes/sampler.py", "import comfy.samplers\nfrom ..wanmove_core.pipeline import generate\nfrom .schema import TRACKS"),
    ],
)
def test_imports_downwards_are_fine(path: str, source: str) -> None:
    assert find_violations(source, Path(path), DECLARED) == []


@pytest.mark.parametrize(
    ("path", "source", "reason"),
    [
        ("wanmove_core/tracks/curves.py", "from ..guidance.report import x", "tracks is below guidance"),
        ("wanmove_core/tracks/curves.py", "from ..guidance import report", "tracks is below guidance"),
        ("wanmove_core/tracks/curves.py", "from .. import guidance", "tracks is below guidance"),
        ("wanmove_core/tracks/curves.py", "def f():\n    import wanmove_core.guidance", "tracks is below guidance"),
        ("wanmove_core/tracks/curves.py", "importlib.import_module('wanmove_core.models')", "tracks is below models"),
        ("wanmove_core/errors.py", "from .host import Host", "errors is below host"),
        ("wanmove_core/__init__.py", "from .pipeline import generate", "imports nothing of its own"),
        ("wanmove_core/rendering/warp.py", "from ..models import vae21", "rendering works without models"),
        ("wanmove_core/rendering/warp.py", "from ..evaluation import metrics", "rendering is beside evaluation"),
        ("wanmove_core/sampling/solvers.py", "from ..rendering import frames", "sampling is beside rendering"),
        ("wanmove_core/pipeline.py", "from .demo import run", "pipeline is beside demo"),
        ("wanmove_core/pipeline.py", "from .cli import main", "pipeline is below cli"),
        ("wanmove_core/pipeline.py", "from .extras import x", '"extras" has no layer'),
        ("wanmove_core/extras.py", "from .errors import x", '"extras" has no layer'),
        ("wanmove_core/tracks/curves.py", "import torch", "tracks does without torch but in tensors.py, torch_values.py"),
        ("wanmove_core/models/dit.py", "import torchvision", "not among the dependencies"),
        ("wanmove_core/models/dit.py", "def f():\n    from diffusers import x", "not among the dependencies"),
        ("wanmove_core/models/umt5.py", "import ftfy", "not among the dependencies"),
        ("wanmove_core/host.py", "import comfy.model_management", "what stands above it"),
        ("wanmove_core/host.py", "if TYPE_CHECKING:\n    import folder_paths", "what stands above it"),
        ("wanmove_core/host.py", "import nodes", "what stands above it"),
        ("wanmove_core/host.py", "from ..nodes import schema", "what stands above it"),
        ("wanmove_core/demo/run.py", "from training.common import x", "what stands above it"),
    ],
)
def test_a_wrong_import_is_named(path: str, source: str, reason: str) -> None:
    (violation,) = find_violations(source, Path(path), DECLARED)
    assert violation.startswith(path) and reason in violation


def test_the_code_keeps_to_its_layers() -> None:
    modules = [path.relative_to(ROOT) for folder in ("wanmove_core", "nodes") for path in sorted((ROOT / folder).rglob("*.py"))]
    declared = declared_packages()
    found = [line for path in modules for line in find_violations((ROOT / path).read_text(encoding="utf-8"), path, declared)]
    assert len(modules) > 20
    assert found == []


def test_tracks_load_without_torch() -> None:
    folder = ROOT / "wanmove_core" / "tracks"
    names = [path.stem for path in sorted(folder.glob("*.py")) if path.name not in WITHOUT_TORCH["tracks"]]
    lines = [f"import wanmove_core.tracks.{name}" for name in names if name != "__init__"]
    program = "\n".join([*lines, "import sys", "sys.exit('torch' in sys.modules)"])
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
