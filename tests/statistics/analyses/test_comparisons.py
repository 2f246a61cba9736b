"""Which curves are compared, what the comparison is called, and that the correction holds what it says."""

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np
import pytest

from clt.statistics.analyses.comparisons.compute import compare as compare_with
from clt.statistics.analyses.comparisons.compute import pairs
from clt.statistics.analyses.comparisons.schema import Comparison
from clt.statistics.inference.run_noise import RunNoise, find_run_noise
from clt.statistics.scores.curve_data import CurveData
from tests.statistics.conftest import family_of

NONE = RunNoise({})
Make = Callable[..., CurveData]


def compare(curves: Sequence[CurveData], run_noise: RunNoise) -> list[Comparison]:
    return compare_with(curves, family_of(curves, run_noise), run_noise)


@pytest.fixture(scope="module")
def paper(paper_curves: list[CurveData]) -> list[Comparison]:
    return compare(paper_curves, find_run_noise(paper_curves))


def noise(seed: int, points: int = 8, items: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.5, 0.1, (1, items, points, 4))


def kinds(*curves: CurveData) -> list[str]:
    return [pair.kind for pair in pairs(curves)]


def test_comparisons_are_corrected_together_with_all_that_the_page_says(paper: list[Comparison]) -> None:
    verdicts = [one.verdict for one in paper if one.verdict is not None]
    assert len(verdicts) == len(paper) and len({one.contrasts for one in verdicts}) == 1
    assert verdicts[0].contrasts > len(paper)
    assert all(one.corrected_p >= min(1.0, one.p) - 1e-3 for one in verdicts)


def test_the_papers_curves_are_compared_by_model_setting_and_training_languages(paper: list[Comparison]) -> None:
    counts = {kind: sum(one.kind == kind for one in paper) for kind in {one.kind for one in paper}}
    assert counts == {"family": 12, "model": 12, "setting": 24, "size": 24, "training_languages": 33}
    assert all(one.covers == "runs; not the items" and one.items == 0 for one in paper)


def test_what_stands_on_the_papers_tables(paper: list[Comparison]) -> None:
    """35B is better than 7B, multi-task training costs the 7B model maths; training languages make no difference."""
    standing = {kind: [one for one in paper if one.kind == kind and one.answer in ("better", "worse")]
                for kind in ("size", "setting", "training_languages")}  # fmt: skip
    assert len(standing["size"]) >= 20 and {one.answer for one in standing["size"]} == {"better"}
    assert {(one.task, one.answer) for one in standing["setting"]} == {("math", "worse")}
    assert all("aya-23-7b" in one.first for one in standing["setting"])
    assert standing["training_languages"] == []


def test_no_difference_found_says_what_could_have_been_found(paper: list[Comparison]) -> None:
    for one in paper:
        assert one.verdict is not None and one.verdict.detectable is not None
        assert one.verdict.low is not None and one.verdict.high is not None
        assert one.verdict.detectable > (one.verdict.high - one.verdict.low) / 2


def test_two_things_at_once_are_not_compared(curve_of: Make) -> None:
    a = curve_of(noise(1), mixture="x")
    assert kinds(a, curve_of(noise(2), model="b", setting="multi_task", mixture="x")) == []
    assert kinds(a, curve_of(noise(2), model="b", trained=("es",), held_out=("ja", "pt"))) == []
    assert kinds(a, curve_of(noise(2), task="other", mixture="x")) == []
    assert kinds(a, curve_of(noise(2), mixture="x", study="again")) == []  # the same curve of another study


def test_models_are_compared_on_the_same_rows_only(curve_of: Make) -> None:
    """A model trained at a fixed budget differs from one with rows added in two things."""
    added = curve_of(noise(1), rows=[(100.0, 20.0 * k) for k in range(8)], mixture="added")
    fixed = curve_of(noise(2), rows=[(100.0 - 20 * min(k, 5), 20.0 * k) for k in range(8)], mixture="fixed", model="b")
    assert kinds(added, fixed) == []
    assert kinds(added, curve_of(noise(2), rows=added.rows, mixture="another name", model="b")) == ["model"]


def test_settings_are_compared_on_the_same_rows_only(curve_of: Make) -> None:
    """Rows added in one setting against a fixed budget in the other: two things differ."""
    added = curve_of(noise(1), rows=[(100.0, 20.0 * k) for k in range(8)], mixture="single-task")
    fixed = [(100.0 - 20 * min(k, 5), 20.0 * k) for k in range(8)]
    assert kinds(added, curve_of(noise(2), rows=fixed, mixture="fixed", setting="multi_task")) == []
    same = curve_of(noise(2), rows=added.rows, mixture="multi-task", setting="multi_task")
    assert kinds(added, same) == ["setting"]  # as in the demo study


def test_mixtures_that_both_settings_have_are_compared_with_themselves(curve_of: Make) -> None:
    curves = [
        curve_of(noise(k), setting=setting, mixture=mixture)
        for k, (setting, mixture) in enumerate(
            (setting, mixture) for setting in ("single_task", "multi_task") for mixture in ("added", "fixed")
        )
    ]
    found = [(pair.first.identity["mixture"], pair.second.identity["mixture"]) for pair in pairs(curves)
             if pair.kind == "setting"]  # fmt: skip
    assert found == [("added", "added"), ("fixed", "fixed")]


def test_sets_of_languages_are_compared_where_english_rows_agree(curve_of: Make) -> None:
    one = curve_of(noise(1), rows=[(100.0, 0.0)] * 8)
    same = curve_of(noise(2), rows=[(100.0, 0.0)] * 4 + [(90.0, 0.0)] * 4, trained=("es",), held_out=("ja", "pt"))
    found = list(pairs([one, same]))
    assert [pair.over for pair in found] == [(10, 20, 30)]
    assert found[0].changed == "en+es to en+es+ja"


def test_designs_of_mixtures_are_compared_and_their_english_rows_are_named(curve_of: Make) -> None:
    one = curve_of(noise(1), rows=[(100.0, 0.0)] * 8, mixture="large")
    other = curve_of(noise(2), rows=[(50.0, 0.0)] * 8, mixture="small")
    assert [(pair.kind, pair.changed) for pair in pairs([one, other])] == [
        ("mixture", "large to small, with 100 to 50 English rows")
    ]


@pytest.mark.parametrize(
    ("families", "sizes", "kind"),
    [
        (("f", "f"), (7e9, 35e9), "size"),
        (("f", "g"), (7e9, 8e9), "family"),
        (("f", "g"), (35e9, 8e9), "model"),  # size and family are confounded
        (("f", "g"), (None, 8e9), "model"),
        (("f", "f"), (7e9, 7e9), "model"),
        (("", ""), (7e9, 35e9), "model"),
    ],
)
def test_models_are_a_pair_of_sizes_or_of_families_only_if_they_are_nothing_else(
    curve_of: Make, families: tuple[str, str], sizes: tuple[float | None, float | None], kind: str
) -> None:
    one, other = (
        curve_of(noise(k), model=f"m{k}", family=family, size=size)
        for k, (family, size) in enumerate(zip(families, sizes, strict=True))
    )
    assert kinds(one, other) == [kind]


def test_curves_of_two_studies_are_compared(curve_of: Make) -> None:
    single = curve_of(noise(1), study="s-1")
    multi = curve_of(noise(2), study="m-2", setting="multi_task")
    found = compare([multi, single], NONE)
    assert {one.study for one in found} == {"s-1, m-2"} and {one.kind for one in found} == {"setting"}


def test_only_common_n_above_zero_and_languages_of_the_same_role_go_in(curve_of: Make) -> None:
    full = curve_of(noise(1), means=True, counts=(0, 10, 20, 30, 40, 50, 60, 70))
    part = curve_of(noise(2, points=4), means=True, counts=(0, 20, 30, 80), trained=("es",), held_out=("ja", "pt"))
    found = {one.measure: one for one in compare([full, part], NONE)}
    assert {tuple(one.over) for one in found.values()} == {(20, 30)}
    assert found["seen"].languages == ["es"] and found["unseen"].languages == ["pt"]
    assert set(found["non_english"].languages) == {"es", "ja", "pt"}
    assert set(found["non_english"].per_language) == {"es", "ja", "pt"}
    assert found["english"].answer == "no interval"  # two n are too few, and no run was repeated


def test_order_of_the_curves_changes_nothing(curve_of: Make) -> None:
    curves = [
        curve_of(noise(1, items=20), setting="multi_task"),
        curve_of(noise(2, items=20)),
        curve_of(noise(3, items=20), trained=("es",), held_out=("ja", "pt")),
    ]
    first = compare(curves, NONE)
    assert [one.changed for one in first if one.measure == "english"] == [
        "single_task to multi_task",
        "en+es to en+es+ja",
    ]
    assert all(compare(order, NONE) == first for order in permutations(curves))


@pytest.mark.parametrize(("higher", "answer"), [(True, "better"), (False, "worse")])
def test_more_is_worse_where_lower_is_better(curve_of: Make, higher: bool, answer: str) -> None:
    scores = noise(1, items=40)
    one = curve_of(scores, higher_is_better=higher)
    other = curve_of(scores + 1 + noise(2, items=40), higher_is_better=higher, setting="multi_task")
    assert {found.answer for found in compare([one, other], NONE)} == {answer}


def test_items_without_repeated_runs_are_said_to_be_conditional_on_the_seeds(curve_of: Make) -> None:
    one, other = curve_of(noise(1, items=40)), curve_of(noise(2, items=40), setting="multi_task")
    assert {found.covers for found in compare([one, other], NONE)} == {"items; conditional on the seeds"}


@pytest.mark.simulation
@pytest.mark.timeout(900)
@pytest.mark.parametrize("items", [1, 40])
def test_without_any_difference_few_reports_name_one(curve_of: Make, items: int) -> None:
    """400 reports over three sets of training languages and no effect. Per n the items' luck is shared by all
    curves; runs add their own. Means: t over 7 n; items: the paired t."""
    generator = np.random.default_rng(20)
    reports, named = 400, 0
    for _ in range(reports):
        luck = generator.normal(0.5, 0.2, (1, items, 1, 4))  # of en, es, ja, pt
        curves = []
        for trained, order in ((("es",), [0, 1, 2, 3]), (("es", "ja"), [0, 1, 2, 3]), (("ja",), [0, 2, 1, 3])):
            scores = (luck + generator.normal(0, 0.05, (1, items, 8, 4)))[..., order]
            held_out = tuple(("en", "es", "ja", "pt")[k] for k in order[len(trained) + 1 :])
            curves.append(curve_of(scores, means=items == 1, trained=trained, held_out=held_out))
        found = compare(curves, NONE)
        named += any(one.answer in ("better", "worse") for one in found)
    assert named / reports <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / reports), named / reports
    print(f"{items} items: a false difference in {named / reports:.1%} of reports")
