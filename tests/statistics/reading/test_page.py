"""The page of a cell's answers is one file that shows every text as it is, in its own direction, and runs nothing."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from clt.statistics.reading.answers import cell_answers
from clt.statistics.reading.lines import answer_lines
from clt.statistics.reading.page import answers_page
from clt.store import open_store
from tests.answered_study import TEXT, Said, Told, store_answers, told_record
from tests.statistics.reading.conftest import HOSTILE, LONG, Evaluated


class Texts(HTMLParser):
    """Collects the texts of the page with the attributes of their elements, and checks that tags close in order."""

    VOID = ("meta",)

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.found.append((*self.open[-1], data))


@pytest.fixture(scope="module")
def page(evaluated: Evaluated) -> str:
    return answers_page(cell_answers(evaluated.store, evaluated.record, evaluated.cell))


@pytest.fixture(scope="module")
def texts(page: str) -> Texts:
    return Texts(page)


def of(texts: Texts, text: str) -> dict[str, str | None]:
    """The attributes of the element that holds exactly this text."""
    return next(attributes for tag, attributes, data in texts.found if tag == "div" and data == text)


def test_it_needs_nothing_else_and_runs_nothing(page: str, texts: Texts) -> None:
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    checksum = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{checksum}'" in page
    assert "<script" not in page and not [name for name, _ in texts.attributes if name in ("src", "style", "onclick")]
    links = [value for name, value in texts.attributes if name == "href"]
    anchors = {f"#{value}" for name, value in texts.attributes if name == "id"}
    assert links and set(links) <= anchors


def test_texts_stand_as_they_are_with_their_white_space(texts: Texts) -> None:
    for text in (HOSTILE, "  6\n\tmanzanas", LONG, "<i>1</i>"):
        assert of(texts, text)


@pytest.mark.parametrize(
    ("text", "language", "direction"),
    [
        ("ما هو مجموع 4 و 4؟", "ar", "rtl"),
        ("المجموع هو 8", "ar", "auto"),
        ("I do not know, it could be any of these.", "ar", "auto"),  # an answer has the direction that it has
        ("5 más 1", "es", "ltr"),
    ],
)
def test_a_text_has_its_language_and_direction(texts: Texts, text: str, language: str, direction: str) -> None:
    assert {name: of(texts, text)[name] for name in ("lang", "dir")} == {"lang": language, "dir": direction}


def test_a_number_is_not_turned_round_in_arabic(page: str) -> None:
    assert '<div class="text " lang="ar" dir="auto">8</div>' in page


def test_what_is_long_is_folded_behind_its_beginning(page: str) -> None:
    folded = re.findall(r"<details><summary dir=\"ltr\"><bdi lang=\"es\">(.*?)</bdi>", page)
    assert folded and all(LONG.startswith(beginning) for beginning in folded)


def test_an_empty_answer_and_one_without_a_number_are_said(page: str) -> None:
    assert '<span class="soft">empty</span>' in page and "no answer found" in page


def test_equal_answers_give_equal_bytes(evaluated: Evaluated, page: str) -> None:
    assert answers_page(cell_answers(evaluated.store, evaluated.record, evaluated.cell)) == page


def test_choices_have_the_bits_that_the_model_needs_for_each(tmp_path: Path) -> None:
    sums = "    metrics: [math_answer, language_fidelity]\n    shots: {count: 2}\n"
    options = "    metrics: [choice_accuracy]\n    choices: {options: ['{a}', '{b}'], right: '{right}'}\n"
    record, store = told_record(TEXT.replace(sums, options)), open_store(tmp_path)
    cell = next(cell for cell in record.grid.cells if cell.tasks == ("sums",))
    said = [Said(prompt="4 + 4 =", reference="8", choices=("7", "8"), bits=(2.5, 4.0))]
    store_answers(store, record, cell, Told(said={("sums", code): said for code in ("en", "es", "ar")}))
    found = cell_answers(store, record, cell)
    assert [(item.bits, item.scores) for item in found.answers[0].shown] == [((2.5, 4.0), {"choice_accuracy": 0.0})]
    page = answers_page(found)
    assert "7</div><small>2.5 bits</small>" in page and "8</div><small>4.0 bits</small>" in page
    assert "Of 1 answer: prompt cut 0.0%, examples lost 0.0%." in page  # nothing was written
    assert "    choice     7  2.5 bits" in list(answer_lines(found))
