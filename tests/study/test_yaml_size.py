"""A small text that stands for a huge value is refused by its line, before anything is built of it."""

import pytest

from clt.errors import StudyError
from clt.study import load_study

ALIASES = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 12)
)
MERGES = "a0: &a0 {k: 1, l: 2}\n" + "".join(
    f"a{k}: &a{k} {{<<: [{', '.join([f'*a{k - 1}'] * 10)}], m{k}: 1}}\n" for k in range(1, 12)
)
BOMBS = {
    "aliases of aliases": (ALIASES, "inline study:5: holds more than 20000 values"),
    "merge keys of merge keys": (MERGES, "inline study:5: holds more than 20000 values"),
    "a value inside itself": ("name: tiny\nmodels: &a\n  - [*a]\n", "inline study:3: the alias *a stands inside"),
    "a mapping merged into itself": ("name: x\nb: &b\n  <<: *b\n", "inline study:3: the alias *b stands inside"),
    "deep flow": ("a: 1\nb: " + "[" * 100_000, "inline study:2: is nested more than 40 deep"),
    "deep blocks": ("a:\n" + "".join(f"{' ' * k}b:\n" for k in range(1, 500)), "inline study:40: is nested more than"),
    "many values": ("name: x\nb: [" + "1, " * 100_000 + "1]\n", "inline study:2: holds more than 20000 values"),
    "a long text": ("name: x\nb: " + "x" * 2_000_000, "got 2000011 characters, expected at most 1000000"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_text_that_explodes_is_refused_with_its_line(kind: str) -> None:
    text, message = BOMBS[kind]
    with pytest.raises(StudyError) as error:
        load_study(text)
    assert message in str(error.value)
    assert len(str(error.value)) < 300


def test_aliases_and_merge_keys_of_a_usual_size_are_understood(text: str) -> None:
    shared = text.replace("{rows: 50, bytes_per_row: 80}", "&few {rows: 50, bytes_per_row: 80}", 1)
    shared = shared.replace("test: {rows: 50, bytes_per_row: 80}", "test: {<<: *few, ids: row}", 1)
    assert load_study(shared).tasks["news"].test.rows == 50


@pytest.mark.parametrize("name", ["a..b", "a.-b", "..", "a.", "-a", "a/b", "a\\nb"])
def test_a_name_that_a_path_could_mistake_is_refused(text: str, name: str) -> None:
    with pytest.raises(StudyError, match=r"inline study:1: name: got .*, expected text of the form"):
        load_study(text.replace("name: tiny", f'name: "{name}"', 1))


@pytest.mark.parametrize("name", ["a.b", "a--b", "qwen2.5-7b", "x", "0"])
def test_names_of_words_dots_and_dashes_are_taken(text: str, name: str) -> None:
    assert load_study(text.replace("name: tiny", f'name: "{name}"', 1)).name == name
