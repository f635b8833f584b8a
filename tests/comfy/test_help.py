"""Every node is explained in English and Chinese: a help page, and words for its name, inputs and outputs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.comfy.record_object_info import GOLDEN

ROOT = Path(__file__).parents[2]
NODES: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
LANGUAGES = ("en", "zh")
WORDS = {
    language: json.loads((ROOT / "locales" / language / "nodeDefs.json").read_text(encoding="utf-8")) for language in LANGUAGES
}


def input_keys(inputs: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """Keys of all inputs as ComfyUI's page looks them up (a.b → a_b), and the tooltips; those of choices too."""
    for need in ("required", "optional"):
        for name, (kind, said) in inputs.get(need, {}).items():
            yield f"{prefix}{name}", said.get("tooltip")
            if kind == "COMFY_DYNAMICCOMBO_V3":
                for option in said["options"]:
                    yield from input_keys(option["inputs"], f"{prefix}{name}_")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("node_id", NODES)
def test_a_node_has_words_for_all_that_it_shows_and_for_nothing_else(node_id: str, language: str) -> None:
    words, node = WORDS[language][node_id], NODES[node_id]
    assert words["display_name"] and words["description"]
    assert set(words["inputs"]) == {key for key, _ in input_keys(node["input"])}
    assert list(words["outputs"]) == [str(index) for index in range(len(node["output"]))]
    for slot in (*words["inputs"].values(), *words["outputs"].values()):
        assert slot["name"] and slot["tooltip"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_left_of_nodes_that_are_gone(language: str) -> None:
    assert set(WORDS[language]) == set(NODES)


@pytest.mark.parametrize("node_id", NODES)
def test_the_english_words_are_those_of_the_node(node_id: str) -> None:
    words, node = WORDS["en"][node_id], NODES[node_id]
    assert (words["display_name"], words["description"]) == (node["display_name"], node["description"])
    for key, tooltip in input_keys(node["input"]):
        said = words["inputs"][key]["tooltip"]
        assert said == tooltip or (tooltip or "").startswith(said.removesuffix(".")), "choices may share the beginning"
    assert [slot["tooltip"] for slot in words["outputs"].values()] == node["output_tooltips"]


@pytest.mark.parametrize("node_id", NODES)
def test_the_chinese_words_are_chinese(node_id: str) -> None:
    words = WORDS["zh"][node_id]
    said = [words["display_name"], words["description"], *(slot["tooltip"] for slot in words["inputs"].values())]
    assert [text for text in said if not re.search("[\u4e00-\u9fff]", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_has_a_sign_that_the_pages_translation_reads_as_its_own(language: str) -> None:
    """vue-i18n compiles names, and in older pages tooltips, too."""
    texts = json.dumps([list(node["inputs"].values()) for node in WORDS[language].values()], ensure_ascii=False)
    assert not re.search(r"[@|]|\{(?!\")", texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("node_id", NODES)
def test_a_node_has_a_help_page_with_a_title_and_only_pictures_that_exist(node_id: str, language: str) -> None:
    page = ROOT / "js" / "docs" / node_id / f"{language}.md"
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ") and len(text) > 60
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
        assert (page.parent / picture).is_file()


def test_the_category_of_every_node_has_words() -> None:
    for language in LANGUAGES:
        words = json.loads((ROOT / "locales" / language / "main.json").read_text(encoding="utf-8"))["nodeCategories"]
        assert {part for node in NODES.values() for part in node["category"].split("/")} <= set(words)
