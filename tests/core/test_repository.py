"""What holds for the repository as a whole: sizes, docstrings, forbidden constructs, and that its documents tell the truth."""

import ast
import importlib
import importlib.util
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
NOT_OURS = {"node_modules", "build", "dist", "output", "runs"}
MAX_LINES = 450
MAX_LINES_ARCHITECTURE = 200
MAY_PRINT = ("wanmove_core/cli", "benchmarks/", "training/", "tests/golden/build.py", "tests/host/__main__.py")


def our_files(*suffixes: str) -> list[Path]:
    """Source files from the root, without what is hidden, installed or built. Works in a download that has no git, too."""
    paths = (path.relative_to(ROOT) for suffix in suffixes for path in sorted(ROOT.rglob(f"*{suffix}")))
    return [path for path in paths if not any(part.startswith(".") or part in NOT_OURS for part in path.parts)]


def forbidden_constructs(source: str, path: str) -> Iterator[str]:
    """A line for each construct that its place forbids."""
    for node in ast.walk(ast.parse(source)):
        reason = None
        if isinstance(node, ast.Assert) and path.startswith("wanmove_core/"):
            reason = "assert; raise one of errors.py, Python's -O drops asserts"
        elif isinstance(node, ast.Call):
            reason = _forbidden_call(node, path)
        if reason:
            yield f"{path}:{getattr(node, 'lineno', 0)} has {reason}"


def _forbidden_call(node: ast.Call, path: str) -> str | None:
    name, given = ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords}
    if name == "print" and not path.startswith(MAY_PRINT):
        return "print; return the text, or tell the host"
    if given.get("allow_pickle", "False") != "False":
        return "allow_pickle; a file from elsewhere could run code"
    if name == "torch.load" and given.get("weights_only") != "True":
        return "torch.load without weights_only=True; a file from elsewhere could run code"
    return None


def project() -> dict[str, Any]:
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    return toml.loads(read("pyproject.toml"))["project"]


def read(name: str | Path) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", our_files(".py", ".js"), ids=str)
def test_a_file_can_be_read_at_one_sitting(path: Path) -> None:
    assert len(read(path).splitlines()) <= MAX_LINES


def test_every_module_says_what_it_is() -> None:
    assert [str(path) for path in our_files(".py") if not ast.get_docstring(ast.parse(read(path)))] == []


def test_no_forbidden_construct_stands_anywhere() -> None:
    assert [line for path in our_files(".py") for line in forbidden_constructs(read(path), path.as_posix())] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("wanmove_core/host.py", "print(1)"),
        ("tests/core/test_x.py", "print(1)"),
        ("wanmove_core/host.py", "assert x"),
        ("training/common.py", "np.load(path, allow_pickle=True)"),
        ("training/common.py", "np.load(path, allow_pickle=flag)"),
        ("training/common.py", "torch.load(path)"),
        ("wanmove_core/loading/checkpoint.py", "torch.load(path, weights_only=False)"),
    ],
)
def test_a_forbidden_construct_is_found(path: str, source: str) -> None:
    assert len(list(forbidden_constructs(source, path))) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("wanmove_core/cli.py", "print(1)"),
        ("tests/core/test_x.py", "assert x"),
        ("training/common.py", "np.load(path, allow_pickle=False)\ntorch.load(path, map_location='cpu', weights_only=True)"),
    ],
)
def test_what_is_not_forbidden_is_left_alone(path: str, source: str) -> None:
    assert list(forbidden_constructs(source, path)) == []


def test_dependencies_have_lower_bounds_only() -> None:
    """So that installing into ComfyUI's Python replaces nothing that is there."""
    assert [spec for spec in project()["dependencies"] if not re.fullmatch(r"[A-Za-z0-9-]+>=[0-9.]+", spec)] == []


def test_the_changelog_tells_of_this_version() -> None:
    assert re.search(rf"^## \[{re.escape(project()['version'])}\]", read("CHANGELOG.md"), re.MULTILINE)


def test_the_licence_is_whole() -> None:
    licence = read("LICENSE")
    assert len(licence.splitlines()) == 202 and "APPENDIX: How to apply the Apache License" in licence


def test_the_readme_names_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)(?=[`\s])", "\n".join(code_in(read("README.md")))))
    assert {"demo", "test"} <= named <= targets


def code_in(markdown: str) -> list[str]:
    """Fenced blocks and `inline code` of a document, each ending in a line break."""
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    return [*fenced, *(f"{code}\n" for code in re.findall(r"`([^`\n]+)`", markdown))]


def test_the_architecture_names_every_module_of_the_core() -> None:
    text = read("ARCHITECTURE.md")
    assert len(text.splitlines()) <= MAX_LINES_ARCHITECTURE
    modules = [path for path in our_files(".py") if path.parts[0] in ("wanmove_core", "nodes") and path.name != "__init__.py"]
    assert [path.as_posix() for path in modules if path.name not in text] == []


def test_the_architecture_names_every_module_of_the_editor() -> None:
    """A folder within a folder (``js/editor/draw``) by its name alone: its files have each a line of their own at the top."""
    text = read("ARCHITECTURE.md")
    modules = [path for path in our_files(".js") if path.parts[0] == "js"]
    names = {path: f"{path.parts[2]}/" if len(path.parts) > 3 else path.name for path in modules}
    assert [path.as_posix() for path, name in names.items() if not re.search(rf"(?<![\w/]){re.escape(name)}", text)] == []
    assert [path.as_posix() for path in modules if not read(path).startswith("/**")] == []


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_a_document_names_only_files_that_exist(document: str) -> None:
    named = set(re.findall(r"[\w./-]*\w\.(?:py|js|md|toml)\b", "\n".join(code_in(read(document)))))
    ours = [path.as_posix() for path in our_files(".py", ".js", ".md", ".toml")]
    assert [name for name in sorted(named) if not any(f"/{path}".endswith(f"/{name}") for path in ours)] == []


def test_the_pack_imports_without_comfyui() -> None:
    specification = importlib.util.spec_from_file_location("wan_move_pack", ROOT / "__init__.py")
    assert specification and specification.loader
    specification.loader.exec_module(importlib.util.module_from_spec(specification))


SKIPPING = {
    "a module": "import pytest\npytest.importorskip('no_such_package')\ndef test_it(): pass",
    "a test": "import pytest\ndef test_it(): pytest.importorskip('no_such_package')",
    "a marked test": "import pytest\n@pytest.mark.skip(reason='no_such_package')\ndef test_it(): pass",
    "a GPU test": "import pytest\n@pytest.mark.gpu\n@pytest.mark.skip(reason='no_such_package')\ndef test_it(): pass",
    "an expected failure": "import pytest\n@pytest.mark.xfail(reason='no_such_package')\ndef test_it(): raise ValueError",
}


@pytest.mark.parametrize("what", SKIPPING)
@pytest.mark.parametrize("in_ci", [True, False])
def test_only_what_no_registry_supplies_is_skipped_in_ci(
    what: str, in_ci: bool, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true" if in_ci else "")
    shutil.copy(ROOT / "tests" / "conftest.py", pytester.path / "conftest.py")
    pytester.makeini("[pytest]\nmarkers = gpu: needs a CUDA device")
    pytester.makepyfile(SKIPPING[what])
    result = pytester.runpytest_subprocess("-rsx", "-p", "no:cacheprovider")
    refused = in_ci and what in ("a module", "a test", "a marked test")
    assert ("Skipped in CI" in result.stdout.str()) == refused
    assert (result.ret in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)) == (not refused)
    result.stdout.fnmatch_lines(["*no_such_package*"])
