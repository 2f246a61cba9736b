"""history.html shows what the verdict holds, in a fixed order, in one small file that can do nothing."""

import re
from collections.abc import Callable

import pytest

from clt.baselines import render_history
from clt.baselines.document import Change, Difference, Event, Verdict, Word
from tests.baselines.page import verdicts
from tests.statistics.rendering.tags import Tags

EVERY: list[Callable[[], Verdict]] = [
    verdicts.unchanged,
    verdicts.regressed,
    verdicts.improved,
    verdicts.outlier,
    verdicts.young,
    verdicts.empty,
    verdicts.acknowledged,
    verdicts.judged,
]


def text_of(page: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("</style>")[2]).split())


def section(page: str, name: str) -> str:
    return page.partition(f'<h2 id="{name}">')[2].partition("</section>")[0]


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_a_page_is_well_formed_needs_nothing_and_its_places_are_named(make: Callable[[], Verdict]) -> None:
    page = render_history(make())
    tags = Tags(page)
    assert not re.search(r"url\(|@import", page)
    for tag, attributes in tags.found:
        assert tag not in {"script", "link", "img", "iframe", "object", "use", "image"}
        assert not {"src", "style", "onclick", "onload"} & set(attributes), "the page's policy would refuse it"
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"
    places = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    named = {attributes["aria-labelledby"] for _, attributes in tags.found if "aria-labelledby" in attributes}
    assert len(places) == len(set(places)) and named <= set(places)
    assert page.count("<table") == len(
        re.findall(r'<div class="scroll" tabindex="0" role="region"[^>]*>\s*<table', page)
    )
    assert not any("nan" in path for path in re.findall(r'd="([^"]*)"', page)) and "None" not in text_of(page)


def test_equal_verdicts_give_equal_bytes() -> None:
    assert render_history(verdicts.regressed()) == render_history(verdicts.regressed())


def test_a_regression_is_told_from_the_top_down() -> None:
    text = text_of(render_history(verdicts.regressed()))
    told = [
        "Baseline: nightly-maths",
        "▼ regressed",
        "math in ja (small, single-task, n = 400) has dropped by 0.050",
        "Since about run 27 (2026-07-06), found at run 30 (2026-07-27).",
        "bits: different from run 19 (2026-05-11)",
        "Between run 26 (2026-06-29), the last one in control before it, and run 31 (2026-08-03):",
        "training packages.torch : 2.12.1 → 2.13.0 since run 27 (2026-07-06)",
        "Open changes",
        "▼ regressed math, ja (small, single-task, n = 400) : by 0.047 (0.410 to 0.363; 95% 0.038 to 0.056), since",
        "id c-7f3a91",
        "Once you know what it was: clt baseline acknowledge nightly-maths c-7f3a91 --how new-level|repaired",
        "Comparisons",
        "Beside run 3 (2026-01-19) not the alarm",
        "The primary comparison, and what moved or stands out",
        "The other comparisons",
        "Events",
        "run 30 (2026-07-27) , alarm: math, ja has regressed since about run 27.",
        "run 12 (2026-03-23) , stands out: math, fr stands out alone.",
        "Runs",
        "torch 2.13 for 2.12",
    ]
    found = [text.find(part) for part in told]
    assert -1 not in found, told[found.index(-1)]
    assert found == sorted(found)


def test_a_chart_says_in_words_what_it_draws() -> None:
    page = render_history(verdicts.regressed())
    (label,) = re.findall(r'aria-label="(math, ja [^"]*)"', page)
    assert "exact match: regressed; last value 0.351 in run 31 (2026-08-03); expected 0.384 to 0.435" in label
    assert "changed about run 27 (2026-07-06), found at run 30 (2026-07-27)" in label
    assert re.search(r"evidence R at [\d.e+]+ of its threshold", label)
    outlier = render_history(verdicts.outlier())
    assert "2 stood out alone, the last one run 20" in outlier


def marks(page: str) -> dict[str, int]:
    """How many of each mark the charts have, without the legend's."""
    charts = "".join(re.findall(r'<svg viewBox="0 0 360[^>]*>.*?</svg>', page, re.DOTALL))
    return {name: charts.count(f'class="{name}') for name in ("since", "flag", "told", "outlier", "band expected")}


def test_changes_outliers_and_acknowledgements_are_marked_where_they_are() -> None:
    assert marks(render_history(verdicts.unchanged())) == {
        "since": 0, "flag": 0, "told": 0, "outlier": 0, "band expected": 9,
    }  # fmt: skip
    regressed = marks(render_history(verdicts.regressed()))
    assert (regressed["since"], regressed["told"], regressed["outlier"]) == (1, 0, 0) and regressed["flag"] >= 1
    assert marks(render_history(verdicts.outlier()))["outlier"] == 3
    acknowledged = marks(render_history(verdicts.acknowledged()))
    assert acknowledged["told"] == 1 and acknowledged["since"] == 0, "of the others nothing was acknowledged"
    assert acknowledged["flag"] == 1, "the change that was acknowledged was found once"
    assert acknowledged["band expected"] == 10, "its band begins again"


def test_words_are_told_by_a_mark_and_not_by_colour_alone() -> None:
    for make, shown in ((verdicts.improved, "▲ improved"), (verdicts.young, "? cannot tell yet")):
        assert shown in text_of(render_history(make()))
    assert "= unchanged" in text_of(render_history(verdicts.unchanged()))


def test_a_judges_anchors_stand_apart() -> None:
    page = render_history(verdicts.judged())
    judge = section(page, "anchors")
    assert "the judge on fixed answers, instructions" in judge and judge.count("<figure>") == 1
    assert "the judge on fixed answers" not in section(page, "comparisons")
    assert "(the judge, on fixed answers)" in " ".join(section(page, "changes").split())
    assert 'id="anchors"' not in render_history(verdicts.unchanged())


def test_without_enough_runs_nothing_is_expected_and_the_chart_says_so() -> None:
    page = render_history(verdicts.young())
    assert "3 more runs are needed" in page and page.count("too few runs yet") == 9
    empty = render_history(verdicts.empty())
    assert "No run yet" in empty and empty.count("No run has scores") == 9


def test_a_run_without_scores_leaves_the_others_in_their_places() -> None:
    verdict = verdicts.unchanged()
    holes = [
        one.model_copy(update={name: [None if k == 10 else each for k, each in enumerate(getattr(one, name))]
                               for name in ("values", "low", "high", "evidence")})
        for one in verdict.series
    ]  # fmt: skip
    runs = [run.model_copy(update={"state": "incomplete", "used": "no"}) if k == 10 else run
            for k, run in enumerate(verdict.runs)]  # fmt: skip
    page = render_history(verdict.model_copy(update={"series": holes, "runs": runs}))
    assert page.count('class="dot english" cx') == 9 * 23 + 1  # and the legend's
    assert page.count('class="line evidence"') == 9 + 1


def test_what_people_wrote_is_never_markup() -> None:
    hostile = '<b onload="x">&"'
    verdict = verdicts.regressed()
    one = verdict.series[3]
    named = one.model_copy(
        update={"comparison": one.comparison.model_copy(update={"name": hostile, "metric": hostile})}
    )
    page = render_history(
        verdict.model_copy(
            update={
                "baseline": hostile,
                "sentence": hostile,
                "notes": [hostile],
                "series": [named],
                "differences": [Difference(what=hostile, before=hostile, now=hostile, since="r00027")],
                "events": [Event(run=hostile, at="", kind="differs", text=hostile)],
                "runs": [run.model_copy(update={"note": hostile}) for run in verdict.runs],
            }
        )
    )
    assert "<b " not in page and "&lt;b " in page
    Tags(page)


def test_a_change_of_a_run_that_is_gone_is_told_by_its_id() -> None:
    verdict = verdicts.regressed()
    gone = Change(id="c", since="r-old", found="r-older", before=0.4, after=0.3, size=-0.1, low=None, high=None)
    one = verdict.series[3].model_copy(update={"change": gone})
    page = render_history(verdict.model_copy(update={"series": [verdict.series[0], one]}))
    assert "by 0.100 (0.400 to 0.300), since about r-old, found at r-older" in page


def test_evidence_beyond_all_numbers_stays_within_the_chart() -> None:
    verdict = verdicts.regressed()
    high = verdict.series[3].model_copy(update={"evidence": [None] * 5 + [1e300] * 25 + [float("inf")]})
    low = verdict.series[0].model_copy(update={"evidence": [None] * 5 + [0.0] * 26})
    page = render_history(verdict.model_copy(update={"series": [low, high]}))
    for path in re.findall(r'class="line evidence" d="([^"]*)"', page.partition('id="charts"')[2]):
        heights = [float(each.split()[1]) for each in re.split("[ML]", path)[1:] if "H" not in each]
        assert all(0 <= height <= 132 for height in heights)


def test_numbers_of_metrics_beyond_2_have_two_decimals() -> None:
    judge = section(render_history(verdicts.judged()), "anchors")
    assert "by 0.60 (4.10 to 4.70), since" in judge


def test_ten_thousand_runs_of_49_comparisons_make_a_page_that_a_phone_opens() -> None:
    verdict = verdicts.long()
    page = render_history(verdict)
    assert len(page.encode()) < 5_000_000
    text = text_of(page)
    assert "The last 120 runs are drawn one by one. The 9880 older ones are drawn in groups of 165" in text
    assert section(page, "runs").count("<tr>") == 61 and "The last 60 of 10000; verdict.json has all." in text
    assert f"The last 60 of {len(verdict.events)}; verdict.json has all." in text
    assert "28 further differences" in text and "47 charts" in text
    outliers = sum(sum(one.stands_out) for one in verdict.series)
    assert marks(page)["outlier"] == outliers, "none is lost in a group"


def test_every_word_has_its_mark_and_style() -> None:
    page = render_history(verdicts.unchanged())
    style = page.partition("<style>")[2].partition("</style>")[0]
    for word in Word:
        assert f".{word.replace(' ', '-')}" in style
