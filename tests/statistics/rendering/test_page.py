"""report.html is one file that needs nothing else, and shows every part of statistics.json."""

import base64
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from clt.statistics.analyses import ANALYSES
from clt.statistics.analyses.conditions.rule_text import replication, rule_effect, rule_sentence
from clt.statistics.analyses.conditions.schema import Conditions
from clt.statistics.compute import compute_statistics
from clt.statistics.curve.schema import Plateau
from clt.statistics.document import Statistics
from clt.statistics.provenance import JudgeFacts
from clt.statistics.rendering.figure_set import draw
from clt.statistics.rendering.page import render
from clt.statistics.rendering.style import DARK, LIGHT, page_style
from clt.statistics.rendering.summary import first_words
from clt.statistics.rendering.summary import summarize as summarize_report
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.scores.table import MissingCell
from clt.statistics.values import Estimate
from tests.statistics.conftest import PAPER
from tests.statistics.filled import filled
from tests.statistics.rendering.tags import Tags

MakeRows = Callable[..., pd.DataFrame]
SECTIONS = [analysis.section for analysis in ANALYSES if analysis.section is not None]
TEXT = ("ink", "soft", "seen", "unseen")  # colours of text


@pytest.fixture(scope="module")
def bare(make_rows: MakeRows, table_of: Callable) -> Statistics:
    rows = pd.concat(
        [
            make_rows(items=20, seeds=(0, 1)),
            make_rows(items=20, seeds=(0, 1), metric="bits_per_byte", base=False),
            make_rows(items=20, seeds=(0, 1), model="large", base=False),
        ]
    )
    return compute_statistics(table_of(rows))


@pytest.fixture(scope="module")
def full(bare: Statistics) -> Statistics:
    return filled(bare)


@pytest.fixture(scope="module")
def page(full: Statistics) -> str:
    return page_of(full)


def page_of(statistics: Statistics) -> str:
    return render(statistics, draw(statistics))


def test_page_is_well_formed_and_needs_neither_network_nor_scripts(page: str) -> None:
    tags = Tags(page)
    assert not re.search(r"url\(|@import", page)
    for tag, attributes in tags.found:
        assert tag not in {"script", "link", "img", "iframe", "object", "use", "image"}
        assert not {"src", "srcset", "xlink:href", "onclick", "onload"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")


def test_every_link_has_its_place_and_every_place_is_one(page: str) -> None:
    tags = Tags(page)
    places = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    assert len(places) == len(set(places))
    targets = {a["href"] for t, a in tags.found if t == "a"}
    assert targets <= {f"#{place}" for place in places}
    named = {a["aria-labelledby"] for _, a in tags.found if "aria-labelledby" in a}
    assert named <= set(places)


def test_every_section_is_shown_where_its_part_is_filled_and_named_where_it_is_not(
    bare: Statistics, full: Statistics
) -> None:
    for statistics in (full, bare):
        page = page_of(statistics)
        shown = {section.name for section in SECTIONS if f'<h2 id="{section.name}">' in page}
        absent = page.partition("Not in this report")[2]
        for section in SECTIONS:
            assert section.name in shown or section.title.lower() in " ".join(absent.split())
        if statistics is full:
            assert len(shown) == len(SECTIONS)
    nothing = Conditions(combinations=[], rules=[], candidates=0, rejected={}, statement="")
    lists: dict[str, object] = {name: [] for name in Statistics.model_fields if isinstance(getattr(bare, name), list)}
    empty = bare.model_copy(update=lists | {"conditions": nothing})
    assert "The input holds nothing that can be compared" in page_of(empty)


def test_every_figure_has_alternative_text(page: str) -> None:
    figures = [attributes for tag, attributes in Tags(page).found if tag == "svg"]
    assert figures
    assert all(a.get("aria-label") or a.get("aria-hidden") == "true" for a in figures)


def test_every_table_scrolls_in_a_region_that_the_keyboard_reaches(page: str) -> None:
    regions = re.findall(r'<div class="scroll" tabindex="0" role="region" aria-label="[^"]+">\s*<(\w+)', page)
    assert regions.count("table") == page.count("<table")
    assert "svg" in regions  # heat maps, which are wider than a phone


def test_equal_statistics_give_equal_bytes_whenever_they_were_made(full: Statistics, page: str) -> None:
    later = full.model_copy(
        update={"provenance": full.provenance.model_copy(update={"created": "2100-01-01T00:00:00+00:00"})}
    )
    assert page_of(later) == page


def test_names_from_the_input_are_never_markup(make_rows: MakeRows, table_of: Callable) -> None:
    hostile = '<b onload="x">&"'
    page = page_of(filled(compute_statistics(table_of(make_rows(items=5, model=hostile, base=False)))))
    assert "<b " not in page and "&lt;b " in page
    Tags(page)


def test_missing_cells_stand_before_the_answers(bare: Statistics) -> None:
    missing = [MissingCell(study="made-0", cell="small-math-n80", state="failed", error="loss is <NaN>")]
    page = page_of(bare.model_copy(update={"missing_cells": missing}))
    assert page.index("small-math-n80") < page.index("In short")
    assert "loss is &lt;NaN&gt;" in page


def test_mixed_environments_are_flagged(bare: Statistics) -> None:
    mixed = bare.provenance.model_copy(update={"mixed_environments": True, "environments": {"a": 3, "b": 1}})
    assert "different environments" in page_of(bare.model_copy(update={"provenance": mixed}))
    assert "different environments" not in page_of(bare)


@pytest.mark.parametrize(("noise", "said"), [(0.214, "varies by sd 0.21"), (None, "was not said")])
def test_the_noise_of_a_judge_is_told_with_its_name(bare: Statistics, noise: float | None, said: str) -> None:
    judge = JudgeFacts(model="judge-70b", prompt="instruction-v1", noise_sd=noise)
    judged = bare.model_copy(update={"provenance": bare.provenance.model_copy(update={"judges": [judge]})})
    page = page_of(judged)
    assert "by judge-70b" in page and said in page and "clt judge-check" in page
    assert "clt judge-check" not in page_of(bare)


def test_short_answers_count_every_curve(full: Statistics) -> None:
    answers = {answer.question: " ".join(answer.sentences) for answer in summarize_report(full)}
    unseen = [finding.answer for finding in full.findings if finding.question == "unseen_rise"]
    said = answers["Where does transfer work?"].partition(". Trained languages")[0]
    assert f"improved in {unseen.count('improved')} of {len(unseen)} curves" in said and "expected by chance" in said
    for other in {"worsened", "not resolved"} & set(unseen):
        assert f"{other} in {unseen.count(other)}" in said
    assert "reproduce 1 and do not reproduce 1; 1 cannot be checked" in answers["Which printed claims hold?"]
    assert "Over all tasks together single factors carry 49.4%" in answers["Can single factors explain it?"]


def test_the_first_screen_has_a_picture_and_at_most_150_words(full: Statistics) -> None:
    page = page_of(full)
    assert page.index('id="glance"') < page.index('id="summary"')
    first = first_words(summarize_report(full))
    assert 0 < sum(len(f"{answer.question} {answer.sentences[0]}".split()) for answer in first) <= 150
    assert first[0].question == "Where does transfer work?"


def test_curves_that_share_a_name_in_letters_and_digits_keep_their_own_place(
    make_rows: MakeRows, table_of: Callable
) -> None:
    rows = pd.concat([make_rows(items=5, model=name, base=False) for name in ("m.1", "m-1")])
    statistics = compute_statistics(table_of(rows))
    album = draw(statistics)
    assert len([name for name in album.files() if name.startswith("means-")]) == 2
    Tags(render(statistics, album))


def contrast(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_lines_have_the_contrast_of_wcag_aa(colours: dict[str, str]) -> None:
    for text in TEXT:
        assert contrast(colours[text], colours["page"]) >= 4.5
    assert contrast(colours["ink"], colours["warn"]) >= 4.5
    for line in ("english", "seen", "unseen", "other"):
        assert contrast(colours[line], colours["page"]) >= 3
    for shade in ("heat", "negative"):  # the strongest cell of a heat map: 70% of the colour over the page
        over = [0.7 * int(colours[shade][k : k + 2], 16) + 0.3 * int(colours["page"][k : k + 2], 16) for k in (1, 3, 5)]
        assert contrast(colours["ink"], "#" + "".join(f"{round(part):02x}" for part in over)) >= 4.5


def test_style_sheets_use_only_colours_that_exist() -> None:
    assert set(LIGHT) == set(DARK)
    assert set(re.findall(r"var\(--(\w+)\)", page_style())) <= set(LIGHT)


def test_rules_read_as_sentences_in_the_unit_of_their_effect(full: Statistics) -> None:
    rule = full.conditions.rules[0]
    assert rule_sentence(rule) == (
        "In math, languages in Latin script improve by 12.3 percentage points of R more than the two conditions bring "
        "by themselves."
    )
    assert rule_effect(rule) == "+12.3 (+8.1 to +16.5) percentage points of R"
    assert replication(rule) == "model left out: 3 of 3; in each seed alone: 2 of 2"
    small = Estimate(value=0.0563, low=0.02, high=0.09, method="t")
    role = rule.model_copy(update={"factors": {"role": "trained"}, "unit": "math_answer", "effect": small})
    assert rule_sentence(role) == "Trained languages improve by 0.0563 (math answer) more than held-out ones."
    assert rule_effect(role) == "+0.056 (+0.020 to +0.090) math answer"
    less = small.model_copy(update={"value": -0.0563})
    task = role.model_copy(update={"factors": {"task": "word_sums"}, "effect": less})
    assert rule_sentence(task) == (
        "In word sums, languages other than English improve by 0.0563 (math answer) less than in other tasks."
    )
    unknown = rule.model_copy(update={"factors": {"weather": "rain"}})
    assert rule_sentence(unknown) == rule.text


def answers_of(statistics: Statistics) -> dict[str, str]:
    return {answer.question: " ".join(answer.sentences) for answer in summarize_report(statistics)}


def test_short_answers_add_up_and_say_which_curves_they_count(full: Statistics) -> None:
    said = answers_of(full)
    scripts = said["Where does transfer work?"].partition("in Latin script improved in ")[2]
    answers = [finding.answer for finding in full.findings if finding.question == "unseen_latin_rise"]
    for other in {"worsened", "not resolved"} & set(answers):
        assert f"{other} in {answers.count(other)}" in scripts.partition(", in other scripts")[0]
    assert "of main metrics" in said["How much data is enough?"]
    assert "3 curves (2 of main metrics)" in page_of(full)
    parts = full.variance[0].model_copy(update={"by_order": {"1": 0.3, "2": 0.22, "residual": 0.48}})
    repeated = answers_of(full.model_copy(update={"variance": [parts]}))["Can single factors explain it?"]
    assert "30.0% of the variance of R, their combinations 22.0%; the rest, 48.0%, is run-to-run noise" in repeated
    assert repeated.startswith("Within one task single factors carry 81.0% in math (log-odds), 90.0% in summaries")
    crooked = parts.model_copy(update={"balanced": False})
    assert "do not add up" in answers_of(full.model_copy(update={"variance": [crooked]}))[
        "Can single factors explain it?"
    ]  # fmt: skip


def test_short_answers_claim_nothing_where_there_are_no_intervals(make_rows: MakeRows, table_of: Callable) -> None:
    rows = make_rows(items=5).groupby(["samples_per_language", "language"], as_index=False, dropna=False).first()
    statistics = compute_statistics(table_of(rows.assign(item="")))
    assert all(finding.change.low is None for finding in statistics.findings)
    page = answers_of(statistics)
    text = " ".join(page.values())
    assert not re.search(r"improved in [1-9]|worsened in [1-9]|a mixture improves|may still help", text)
    assert "Whether U has levelled off cannot be told in 1 of 1 curve" in page["How much data is enough?"]
    assert page["Which mixture?"].startswith("Cannot be told")


def test_plateaus_name_their_margin_once(full: Statistics) -> None:
    """It printed 18 numbers where every curve's own scores gave the range."""
    assert "by the margin (2% of the metric's range) or more" in _enough(full, [0.02, 0.02])
    assert "by the margin (2% of the range of the curve's own scores) or more" in _enough(full, [0.011, 0.013])
    assert "(2% of the metric's range or of the range of the curve's own scores)" in _enough(full, [0.02, 0.013])


def _enough(statistics: Statistics, margins: Sequence[float]) -> str:
    """The answer of a page whose curves of main metrics levelled off, with these margins."""
    main = [curve for curve in statistics.curves if curve.main_metric]
    curves = [
        curve.model_copy(update={"plateau_at": {"unseen": Plateau(at=80, margin=margin, reason=None)}})
        for curve, margin in zip(main, margins, strict=True)
    ]
    return answers_of(statistics.model_copy(update={"curves": curves}))["How much data is enough?"]


def test_the_change_of_english_is_shown_as_it_stands(full: Statistics) -> None:
    one = full.recommendations[0].model_copy(update={"english": Estimate(value=0.123, low=0.1, high=0.15, method="t")})
    page = page_of(full.model_copy(update={"recommendations": [one]}))
    assert ">+0.123</span><small>+0.100 to +0.150" in page
    assert "as good" not in page


def section(page: str, name: str) -> str:
    return page.partition(f'<h2 id="{name}">')[2].partition("</section>")[0]


def test_tables_show_seeds_partial_correlations_and_groups_over_metrics(full: Statistics) -> None:
    outlier = full.outliers[0].model_copy(update={"run": "seed-17"})
    group = full.gains_by_group[0].model_copy(update={"metric": ""})
    page = page_of(full.model_copy(update={"outliers": [outlier], "gains_by_group": [group]}))
    assert "<td>seed-17</td>" in section(page, "outliers")
    assert "R over metrics<small>points</small>" in section(page, "gains")
    assert "0.420" in section(page, "dynamics") and ">.030<" in section(page, "dynamics")


def test_comparisons_without_intervals_say_so(full: Statistics) -> None:
    none = Estimate(value=0.1, low=None, high=None, method="none: no repeated runs")
    bare = {"difference": none, "correction": "", "covers": "nothing", "answer": "no interval"}
    found = [one.model_copy(update=bare) for one in full.comparisons]
    assert found
    text = section(page_of(full.model_copy(update={"comparisons": found})), "comparisons")
    assert "No comparison has an interval." in text and "nothing" not in text


def test_a_mixture_that_is_worse_is_not_said_to_improve(full: Statistics) -> None:
    worse = Estimate(value=-0.2, low=-0.3, high=-0.1, method="t")
    found = [
        one.model_copy(update={"improvement": worse, "resolvable": True, "statement": "English-only training"})
        for one in full.recommendations
    ]
    statistics = full.model_copy(update={"recommendations": found})
    said = answers_of(statistics)["Which mixture?"]
    assert "improves on" not in said and "is worse for the targets" in said
    shown = section(page_of(statistics), "recommendation")
    assert "</strong> English-only training</li>" in shown and "improves most" not in shown


def test_a_browser_lets_the_page_do_nothing_but_show_itself(page: str) -> None:
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert page.index("Content-Security-Policy") < page.index("<style>"), "it holds for what comes after it"
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    checksum = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{checksum}'; form-action 'none'"
    assert not re.search(r"<[^>]*\s(style|on\w+)=", page), "the policy would refuse it"


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on the PATH to open the page with")
def test_a_real_browser_shows_every_figure_in_its_colours_and_reports_no_violation(page: str, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    options = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    more = [
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
        f"--user-data-dir={tmp_path}/user",
    ]
    shot = tmp_path / "page.png"
    done = subprocess.run(
        ["chromium", *options.split(), *more, f"--screenshot={shot}", str(tmp_path / "report.html")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "Content Security Policy" not in done.stderr and shot.stat().st_size > 20_000
    broken = page.replace("<style>", "<style>/* changed */")
    (tmp_path / "report.html").write_text(broken, encoding="utf-8")
    done = subprocess.run(done.args, capture_output=True, text=True, timeout=120, check=True)
    assert "Content Security Policy" in done.stderr, "so that the test above means something"


def test_no_text_of_the_page_is_spelled_out_letter_by_letter() -> None:
    """A template once joined the letters of a text: "i; n; ; 1; 2"."""
    statistics = compute_statistics(read_scores(PAPER))
    assert not re.search(r"(?:\w; ){3}", page_of(statistics))
