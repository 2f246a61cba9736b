"""The paper's claims against its own tables, and what a claims file may say."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clt.errors import StudyError
from clt.statistics.analyses.claims.claim import Claim, read_claims
from clt.statistics.analyses.claims.compute import check_claims
from clt.statistics.analyses.claims.schema import ClaimCheck
from clt.statistics.analyses.noise.schema import Outlier
from clt.statistics.analyses.variance.schema import Variance, VarianceTerm
from clt.statistics.compute import compute_statistics
from clt.statistics.document import Statistics
from clt.statistics.scores.from_csv import read_scores

PAPER = Path(__file__).resolve().parents[3] / "studies" / "paper"
SHARED = Path(__file__).resolve().parents[4] / "shared" / "paper" / "scores.csv"
FULL = {"model": "aya-23-7b", "setting": "single_task", "task": "math", "train_languages": "en+es+fr+ja+zh"}
NOT_REPRODUCED = {"gains 22.7 points": 25.193878, "peaks at 68%": 0.6625}


@pytest.fixture(scope="module")
def paper() -> Statistics:
    return compute_statistics(read_scores(PAPER / "scores.csv"))


@pytest.fixture(scope="module")
def checks(paper: Statistics) -> list[ClaimCheck]:
    return check_claims(paper, read_claims(PAPER / "claims.yaml", Statistics))


def check_one(
    statistics: Statistics, value: dict[str, Any], expected: float | str = 0, tolerance: float | None = 0.0
) -> ClaimCheck:
    claim = Claim(claim="c", source="s", value=value, expected=expected, tolerance=tolerance)
    return check_claims(statistics, [claim])[0]


def test_the_claims_that_fail_are_the_known_ones(checks: list[ClaimCheck]) -> None:
    failed = {check.claim: check.found for check in checks if check.holds is False}
    assert len(failed) == len(NOT_REPRODUCED)
    for text, found in NOT_REPRODUCED.items():
        assert [value for claim, value in failed.items() if text in claim] == [found]


def test_every_other_claim_holds_or_needs_a_part_that_is_empty(paper: Statistics, checks: list[ClaimCheck]) -> None:
    empty = {name for name in ("variance", "outliers") if not getattr(paper, name)}
    assert sum(check.holds is True for check in checks) >= 25
    for check in checks:
        if check.holds is None:
            assert check.note.endswith(tuple(f"the statistics hold no {name}" for name in empty)), check


def test_what_holds_stands_first_and_what_cannot_be_checked_last(checks: list[ClaimCheck]) -> None:
    order = [(True, False, None).index(check.holds) for check in checks]
    assert order == sorted(order)


def test_parts_that_are_there_are_checked(paper: Statistics) -> None:
    terms = [
        VarianceTerm(factors=list(factors), df=1, sum_of_squares=1.0, share=share, p=None)
        for factors, share in ((("language",), 0.187), (("language", "model"), 0.061), (("task", "language"), 0.3))
    ]
    variance = Variance(
        study="", scope="", response="relative", metric="", factors={}, values=504, balanced=True, terms=terms,
        by_order={"1": 0.494, "2": 0.408}, within_tasks=[], held_out=[], permutation_p=None, random_effects=[],
        random_effects_method="", statement="",
    )  # fmt: skip
    outlier = Outlier(
        curve="math/math_answer/aya-23-35b/single_task/en+es+fr+ja+zh", language="es",
        samples_per_language=5000, run="0",
        value=0.44, expected=0.7, deviation=-6.0, rule="",
    )  # fmt: skip
    whole = paper.model_copy(update={"variance": [variance], "outliers": [outlier]})
    holds = {check.claim: check.holds for check in check_claims(whole, read_claims(PAPER / "claims.yaml", Statistics))}

    def of(text: str) -> list[bool | None]:
        return [value for claim, value in holds.items() if text in claim]

    assert of("main effects") == [True] and of("two-way") == [True] and of("three-way") == [None]
    assert of("language, language alone") == [True]
    assert of("model with language") == [True]  # whatever the order of its factors
    assert of("task with language") == [False]
    assert of("single-task maths, Spanish at n = 5000 is flagged") == [True]
    assert of("multi-task maths, Spanish at n = 0 is flagged") == [False]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"curves": FULL, "take": "model"}, "aya-23-7b"),
        ({"curves": FULL | {"train_languages": ["en+es+fr", "en+ja+zh"]}, "count": "id"}, 2),
        ({"curves": FULL, "points": {"samples_per_language": [0, 100]}, "count": "english.value"}, 2),
        ({"curves": FULL, "count": "points"}, 8),
        ({"curves": FULL, "count": "held_out_languages"}, 3),
        ({"curves": FULL, "points": {"samples_per_language": 0}, "take": "change.seen.value"}, None),
        ({"noise": {"task": "math", "measure": "english"}, "take": "groups"}, 19),
        ({"comparisons": {"kind": "setting", "task": "math", "measure": "english"}, "count": "verdict.p"}, 2),
        ({"sum": [{"curves": FULL, "take": "gain.at"}, {"curves": FULL, "min": "points.samples_per_language"}]}, 5000),
    ],
)
def test_expressions_reach_every_part(paper: Statistics, value: dict[str, Any], found: float | str | None) -> None:
    assert check_one(paper, value).found == found


def test_mean_over_languages_is_taken_within_each_element(paper: Statistics) -> None:
    curve = next(c for c in paper.curves if c.model == "aya-23-7b" and c.task == "math" and len(c.points) == 16)
    means = [sum(e.value or 0 for e in point.per_language.values()) / 8 for point in curve.points]
    value = {"curves": {"id": curve.id}, "points": {}, "max": "mean(per_language.*.value)"}
    assert check_one(paper, value).found == pytest.approx(max(means), abs=1e-6)


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ({"curves": FULL | {"model": "aya-23-8b"}, "take": "gain.value"}, "no curves with model=aya-23-8b, setting="),
        (
            {"curves": FULL, "points": {"samples_per_language": 7}, "take": "english.value"},
            "no points with samples_per",
        ),
        ({"dynamics": {}, "count": "curve"}, "the statistics hold no dynamics"),
        ({"curves": {"task": "math"}, "take": "gain.value"}, "there are 7 of gain.value, and one was to be taken"),
        ({"curves": FULL, "take": "gains.seen.cross_fitted.value"}, "is undefined: needs scores per item"),
        (
            {"sum": [{"curves": {"task": "no"}, "count": "id"}, {"curves": {"task": "no"}, "max": "gain.value"}]},
            "no curves",
        ),
    ],
)
def test_what_is_not_there_is_null_with_a_note(paper: Statistics, value: dict[str, Any], note: str) -> None:
    check = check_one(paper, value)
    assert check.found is None and check.holds is None
    assert note in check.note


def test_a_number_holds_within_its_tolerance_and_a_text_if_it_is_equal(paper: Statistics) -> None:
    value = {"curves": FULL, "max": "points.non_english.value"}  # .384286
    assert check_one(paper, value, 0.384, 0.0005).holds is True
    assert check_one(paper, value, 0.385, 0.0005).holds is False
    assert check_one(paper, {"curves": FULL, "take": "gain.at"}, 5000, 0.0).holds is True
    assert check_one(paper, {"curves": FULL, "take": "model"}, "aya-23-7b", None).holds is True
    assert check_one(paper, {"curves": FULL, "take": "model"}, "llama", None).holds is False
    assert check_one(paper, {"curves": FULL, "take": "model"}, 7, 0.0).holds is None


FILE = """\
claims:
  - claim: the gain
    source: table 1
    value: {curves: {model: a, task: math}, take: gain.value}
    expected: 6.8
    tolerance: 0.05
  - claim: the best mean
    source: table 2
    value:
      curves: {model: a}
      points: {samples_per_language: 0}
      max: mean(per_language.*.value)
    expected: 0.4
    tolerance: 0.05
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("source: table 1", "sorce: table 1", 3, "claims[0].sorce: unknown key, expected `source`?"),
        ("{model: a, task", "{modle: a, task", 4, "claims[0].value.curves.modle: unknown, expected `model`?"),
        (
            "{curves: {model: a, task",
            "{curve: {model: a, task",
            4,
            "claims[0].value.curve: unknown, expected `curves`?",
        ),
        ("take: gain.value", "take: gain.valu", 4, "got 'gain.valu'; valu: unknown, expected `value`?"),
        ("take: gain.value", "take: gain", 4, "claims[0].value.take: got 'gain', expected the path of one value"),
        ("take: gain.value", "take: gain.value.low", 4, "expected nothing below the value before 'low'"),
        ("take: gain.value", "take: gain().value", 4, "expected names joined by dots"),
        ("take: gain.value", "tak: gain.value", 4, "claims[0].value.tak: stands last, expected one of take, count"),
        ("curves: {model: a, task: math}, ", "", 4, "got 0 lists before `take`, expected one"),
        ("{model: a, task: math}", "math", 4, "claims[0].value.curves: got 'math', expected a mapping"),
        ("      points: {samples", "      pionts: {samples", 11, "claims[1].value.pionts: unknown, expected `points`?"),
        ("samples_per_language: 0", "english: 0", 11, "claims[1].value.points.english: unknown, expected"),
        ("    tolerance: 0.05\n  -", "  -", 2, "claims[0].tolerance: is missing while `expected` is 6.8"),
        ("expected: 6.8", "expected: better", 6, "claims[0].tolerance: is set while `expected` is 'better'"),
        ("expected: 6.8", "expected: [1]", 5, "claims[0].expected: got [1], expected a number or text"),
        ("tolerance: 0.05\n  -", "tolerance: -1\n  -", 6, "claims[0].tolerance: got -1"),
        ("{curves: {model: a, task: math}, take: gain.value}", "{sum: []}", 4, "claims[0].value.sum: got []"),
        ("{curves: {model: a, task: math}, take: gain.value}", "{sum: [3]}", 4, "claims[0].value.sum[0]: got 3"),
    ],
)
def test_a_fault_is_refused_with_file_line_and_field(
    old: str, new: str, line: int, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "claims.yaml"
    assert FILE.count(old) >= 1
    path.write_text(FILE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StudyError) as error:
        read_claims(path, Statistics)
    assert str(error.value).startswith(f"{path}:{line}: ") and message in str(error.value), str(error.value)


def test_a_file_without_claims_says_what_is_expected(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text("- claim\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"claims\.yaml: got no mapping of fields, expected `claims:`"):
        read_claims(path, Statistics)


def numbers(path: Path) -> Iterator[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield tuple(value for name, value in row.items() if name not in ("family", "size", "metric"))


@pytest.mark.skipif(not SHARED.exists(), reason="the table that the scores were taken from is not at hand")
def test_scores_are_those_that_were_taken_from_the_paper() -> None:
    assert list(numbers(PAPER / "scores.csv")) == list(numbers(SHARED))
