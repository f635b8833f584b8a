"""What users read, in English and in Chinese, against what is there."""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from docs.workflows.content import CLIP, LIGHT, MOVE, TEXT, VAE

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    return toml.loads(read("pyproject.toml"))


def messages(readme: str) -> list[str]:
    """What stands in italics in the first column of the troubleshooting table."""
    section = next(part for part in read(readme).split("\n## ") if part.startswith(("When something goes wrong", "出问题时")))
    rows = re.findall(r"^\| ([^|]*\*[^|]*) \|", section, re.MULTILINE)
    return [quoted for row in rows for quoted in re.findall(r"\*([^*]+)\*", row)]


COMFYUIS_OWN = {"Value not in list", "IMPORT FAILED", "No module named cv2"}


def test_comfyui_installs_what_the_pack_needs_and_leaves_its_torch_alone() -> None:
    listed = [line for line in read("requirements.txt").splitlines() if line and not line.startswith("#")]
    assert listed == [spec for spec in project()["project"]["dependencies"] if not spec.startswith("torch>")]


@pytest.mark.parametrize("readme", READMES)
def test_the_table_of_files_is_that_of_the_example_workflows(readme: str) -> None:
    for file in (MOVE, VAE, TEXT, CLIP, LIGHT):
        assert re.search(rf"\[{re.escape(file.name)}\]\({re.escape(file.url)}\).*`models/{file.folder}`", read(readme))


@pytest.mark.parametrize("readme", READMES)
def test_the_messages_that_are_explained_are_really_said(readme: str) -> None:
    sources = [path for folder in ("nodes", "wanmove_core") for path in (ROOT / folder).rglob("*.py")]
    # Strings that go on in the next line are one.
    code = re.sub(r"""["']\s*\n\s*f?["']""", "", "\n".join(path.read_text(encoding="utf-8") for path in sources))
    code = re.sub(r"\{[^{}]*\}", "{}", code)
    quoted = messages(readme)
    assert len(quoted) >= 8
    for message in set(quoted) - COMFYUIS_OWN:
        pattern = r"[^\n]*?".join(re.escape(part.strip()) for part in message.split("…") if part.strip())
        assert re.search(pattern, code), message


def test_both_readmes_explain_the_same_messages() -> None:
    assert [set(messages(readme)) & COMFYUIS_OWN for readme in READMES] == [COMFYUIS_OWN] * 2
    english, chinese = (set(messages(readme)) for readme in READMES)
    assert english == chinese


@pytest.mark.parametrize("readme", READMES)
def test_links_lead_to_files_that_exist(readme: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", read(readme))
    assert [target for target in targets if not target.startswith("http") and not (ROOT / target).exists()] == []


def test_the_registry_finds_what_it_asks_for() -> None:
    meta, comfy = project()["project"], project()["tool"]["comfy"]
    assert re.fullmatch(r"[a-z][a-z0-9-]*", meta["name"]) and "comfyui" not in meta["name"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", meta["version"])
    assert comfy["PublisherId"] and comfy["DisplayName"]
    for key in ("Icon", "Banner"):
        assert (ROOT / comfy[key].split("/main/")[1]).is_file()
    floor = comfy["requires-comfyui"].removeprefix(">=")
    assert all(floor in read(readme) for readme in READMES)
