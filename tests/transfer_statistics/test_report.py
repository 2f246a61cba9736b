"""report.html is one file that needs nothing else."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pandas as pd
import pytest

from components.transfer_statistics.compute import compute
from components.transfer_statistics.rendering.page import render
from components.transfer_statistics.schema import MissingCell, Statistics

Made = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def statistics(made: Made, table_of: Callable) -> Statistics:
    rows = pd.concat([made(items=20, seeds=(0, 1)), made(items=20, seeds=(0, 1), metric="bits_per_byte", base=False)])
    return compute(table_of(rows))


class Tags(HTMLParser):
    """Collects tags and checks that they close in order."""

    VOID = ("meta", "br", "link", "img")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_well_formed_and_needs_no_network(statistics: Statistics) -> None:
    page = render(statistics)
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert not re.search(r"https?://|//[a-z]|url\(|@import", page)
    for tag, attributes in tags.attributes:
        assert tag not in {"script", "link", "img", "iframe"}
        assert (attributes.get("href") or "#").startswith("#")


def test_every_link_has_its_place_and_every_place_is_one(statistics: Statistics) -> None:
    tags = Tags()
    tags.feed(render(statistics))
    places = [attributes["id"] for _, attributes in tags.attributes if "id" in attributes]
    assert len(places) == len(set(places))
    assert {a["href"] for t, a in tags.attributes if t == "a"} <= {f"#{place}" for place in places}


def test_every_figure_has_alternative_text(statistics: Statistics) -> None:
    tags = Tags()
    tags.feed(render(statistics))
    figures = [attributes for tag, attributes in tags.attributes if tag == "svg"]
    assert figures
    assert all(a.get("aria-label") or a.get("aria-hidden") == "true" for a in figures)


def test_equal_statistics_give_equal_bytes_whenever_they_were_made(statistics: Statistics) -> None:
    later = statistics.model_copy(
        update={"provenance": statistics.provenance.model_copy(update={"created": "2100-01-01T00:00:00+00:00"})}
    )
    assert render(statistics) == render(later)


def test_missing_cells_stand_before_the_findings(statistics: Statistics) -> None:
    missing = [MissingCell(study="made-0", cell="small-math-n80", state="failed", error="loss is <NaN>")]
    page = render(statistics.model_copy(update={"missing_cells": missing}))
    assert page.index("small-math-n80") < page.index("What the study found")
    assert "loss is &lt;NaN&gt;" in page


def test_mixed_environments_are_flagged(statistics: Statistics) -> None:
    mixed = statistics.provenance.model_copy(update={"mixed_environments": True, "environments": {"a": 3, "b": 1}})
    assert "different environments" in render(statistics.model_copy(update={"provenance": mixed}))
    assert "different environments" not in render(statistics)
