"""Figures open on their own, say what they show, and are the same bytes every time."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from clt.statistics.compute import compute_statistics
from clt.statistics.document import Statistics
from clt.statistics.rendering.figure_set import draw
from clt.statistics.rendering.svg import Bar, Cell, Interval, Series, bars, forest, heat_map, line_chart, sample_axis
from clt.statistics.rendering.svg.axes import SMALL, round_range, ticks_between, x_axis
from tests.statistics.filled import filled

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def full(make_rows: Callable[..., pd.DataFrame], table_of: Callable) -> Statistics:
    return filled(compute_statistics(table_of(make_rows(items=20))))


def test_every_file_is_an_svg_that_needs_nothing_else(full: Statistics) -> None:
    files = draw(full).files()
    assert files
    for name, text in files.items():
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg" and name.endswith(".svg")
        title, style = root.find(f"{SVG}title"), root.find(f"{SVG}style")
        assert title is not None and title.text and style is not None and style.text
        assert "var(" not in text and "prefers-color-scheme" in style.text  # few programs know CSS variables
        assert "href" not in text and "nan" not in text.lower()


def test_files_are_named_for_what_they_show(full: Statistics) -> None:
    names = set(draw(full).files())
    curve = "made-0-math-exact-match-small-single-task-mixture-en-es-fr-ja-zh"
    assert {f"{kind}-{curve}.svg" for kind in ("means", "relative", "gap", "heat", "languages")} <= names
    assert {"gains.svg", "overview-math.svg"} <= names


def test_equal_statistics_give_equal_figures(full: Statistics) -> None:
    assert draw(full).files() == draw(full.model_copy(deep=True)).files()


def test_alternative_text_holds_the_key_numbers(full: Statistics) -> None:
    curve = full.curves[0]
    text = draw(full).context.curve_figures[curve.id].means.text
    for role in ("english", "seen", "unseen"):
        for point in (curve.points[0], curve.points[-1]):
            assert f"{getattr(point, role).value:.2f}" in text


def test_outliers_are_marked_in_the_heat_map(full: Statistics) -> None:
    outlier = full.outliers[0]
    heat = draw(full).context.curve_figures[outlier.curve].heat
    assert heat.body.count('class="outlined"') == 1
    assert f"Outliers: {outlier.language} at n = {outlier.samples_per_language}" in heat.text
    clean = draw(full.model_copy(update={"outliers": []})).context.curve_figures[outlier.curve].heat
    assert "outlined" not in clean.body and "Outliers" not in clean.text


@pytest.mark.parametrize("low", [-3.7, 0.0, 0.119, 41.0])
@pytest.mark.parametrize("span", [1e-12, 0.004, 0.37, 5.0, 12_000.0])
@pytest.mark.parametrize("count", [3, 5, 8])
def test_ticks_are_round_evenly_spaced_and_inside_a_range_that_holds_all_values(
    low: float, span: float, count: int
) -> None:
    start, end = round_range([low, low + span])
    assert start <= low + 1e-9 and end >= low + span - 1e-9 and end > start
    ticks = ticks_between(start, end, count)
    assert 1 <= len(ticks) <= 2 * count
    assert all(start - 1e-9 <= tick <= end + 1e-9 for tick in ticks)
    steps = [later - earlier for earlier, later in pairwise(ticks)]
    assert np.allclose(steps, steps[0] if steps else 0)
    assert [float(text.replace("−", "-")) for text in ticks.values()] == pytest.approx(list(ticks), abs=1e-4)


def test_points_stand_at_their_true_n() -> None:
    """They stood evenly, one place a point, whatever lay between them."""
    sample_sizes = [0, 100, 200, 400, 5000]
    places = sample_axis(sample_sizes, [""] * 5).positions(SMALL)
    left, width = places[0], places[-1] - places[0]
    expected = [np.log1p(n / 100) / np.log1p(50) for n in sample_sizes]
    assert [(place - left) / width for place in places] == pytest.approx(expected)
    apart = sample_axis(sample_sizes, [""] * 6, first_apart=True).positions(SMALL)
    assert len(apart) == 6 and apart[1] - apart[0] > 10 and apart[-1] == pytest.approx(places[-1])


def test_labels_of_points_that_stand_close_do_not_overlap() -> None:
    sample_sizes = [0, 100, 3000, 3500, 4000, 4500, 5000]
    axis = sample_axis(sample_sizes, [str(n) for n in sample_sizes])
    texts = re.findall(r'<text x="([\d.]+)"[^>]*>(\d+)</text>', "".join(x_axis(axis, SMALL)))
    written = {int(text): float(x) for x, text in texts}
    assert {0, 5000} <= set(written) and len(written) < len(sample_sizes)
    assert all(later - earlier > 0.62 * 11 * 3 for earlier, later in pairwise(sorted(written.values())))


def test_a_gap_in_a_line_stays_a_gap() -> None:
    values = [0.1, 0.2, None, 0.4, 0.5]
    series = Series(name="R", style="other", values=values, low=[None] * 5, high=[None] * 5)
    body = line_chart([series], sample_axis([0, 1, 2, 3, 4], ["0", "1", "2", "3", "4"]), text="R").body
    path = body.partition('class="line other" d="')[2].partition('"')[0]
    assert path.count("M") == 2 and body.count("dot other") == 4


def test_nothing_but_undefined_values_still_makes_every_chart() -> None:
    nothing = Series(name="R", style="other", values=[None], low=[None], high=[None])
    for drawing in (
        line_chart([nothing], sample_axis([0], ["0"]), text="nothing"),
        forest([Interval(label="a", note="n/a")], text="nothing", x_title="gain"),
        bars([Bar(label="main effects", share=0.0, order=1)], [], text="nothing"),
        heat_map([("en", [Cell(text="n/a", strength=None)])], ["0"], text="nothing", corner="n"),
    ):
        ElementTree.fromstring(drawing.standalone())


def test_long_names_make_file_names_that_fit_and_stay_apart(
    make_rows: Callable[..., pd.DataFrame], table_of: Callable, tmp_path: Path
) -> None:
    """A model's name of 300 characters was too long for a file system."""
    names = ["m" * 300, "m" * 299 + "n"]
    rows = pd.concat([make_rows(items=3, model=name, base=False) for name in names])
    statistics = filled(compute_statistics(table_of(rows)))
    files = draw(statistics).files()
    assert len([name for name in files if name.startswith("means-")]) == 2
    assert set(files) == set(draw(statistics).files())
    for name, text in files.items():
        assert len(name) < 160
        (tmp_path / name).write_text(text)


def test_relative_performance_is_drawn_in_percent(full: Statistics) -> None:
    drawing = draw(full).context.curve_figures[full.curves[0].id].relative
    root = ElementTree.fromstring(drawing.standalone())
    labels = [element.text or "" for element in root.iter(f"{SVG}text")]
    percents = [float(text.removesuffix("%")) for text in labels if text.endswith("%")]
    assert len(percents) > 2 and max(percents) > 2


def test_labels_are_escaped() -> None:
    drawing = forest([Interval(label="<b>&", value=1.0)], text='"<b>"', x_title="<gain>")
    root = ElementTree.fromstring(drawing.standalone())
    assert "<b>&" in [element.text for element in root.iter(f"{SVG}text")]
    assert 'aria-label="&quot;&lt;b&gt;&quot;"' in drawing.inline()
