"""How improvements go with covariates: against scipy, against literal versions, and on studies with a known truth."""

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test, spearmanr
from statsmodels.stats.multitest import multipletests

from clt.statistics.analyses.languages.covariates import (
    COVARIATES,
    TOO_FEW,
    _permutation_p,
    covariate_effects,
    rank_correlations,
)
from clt.statistics.analyses.languages.facts import closest
from clt.statistics.analyses.languages.schema import CovariateEffect
from clt.statistics.languages.distance import distances
from clt.statistics.scores.curve_data import curves
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.scores.table import COLUMNS

MakeRows = Callable[..., pd.DataFrame]
TRAINED = ("es", "fr", "ja", "zh")
HELD_OUT = ("ar", "bn", "de", "id", "ko", "pt", "ru", "sw", "th")
FROM_ENGLISH = "syntactic distance from English"
TO_TRAINING = "syntactic distance to the closest training language"


def mean_rows(
    improvements: Mapping[str, float],
    *,
    trained: Sequence[str] = TRAINED,
    task: str = "math",
    metric: str = "score",
    higher_is_better: bool = True,
    counts: Sequence[int] = (0, 10, 50),
) -> pd.DataFrame:
    """Mean scores that rise from 0.2 by a language's improvement until the largest n."""
    rows = [
        {
            "study": "made-0",
            "model": "small",
            "family": "made",
            "setting": "single_task",
            "task": task,
            "metric": metric,
            "higher_is_better": higher_is_better,
            "mixture": "mixture",
            "train_languages": "+".join(("en", *trained)),
            "samples_per_language": float(n),
            "exposure": "unseen",
            "seed": 0,
            "repeat": "",
            "selected": True,
            "language": language,
            "score": 0.2 + improvement * n / max(counts),
        }
        for language, improvement in {"en": 0.0, **improvements}.items()
        for n in counts
    ]
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


def effects(*frames: pd.DataFrame) -> list[CovariateEffect]:
    return covariate_effects(list(curves(pd.concat(frames, ignore_index=True))))


def named(found: Sequence[CovariateEffect], covariate: str) -> CovariateEffect:
    (one,) = (one for one in found if one.covariate == covariate)
    return one


def noise(generator: np.random.Generator, codes: Sequence[str]) -> dict[str, float]:
    return dict(zip(codes, generator.normal(0.2, 0.05, len(codes)), strict=True))


@pytest.mark.parametrize("ties", [False, True])
def test_correlation_of_one_role_is_spearmans(ties: bool) -> None:
    generator = np.random.default_rng(1)
    x, rows = generator.normal(size=8), generator.normal(size=(5, 8))
    if ties:
        x, rows = x.round(0), rows.round(0)
    expected = [spearmanr(x, row).statistic for row in rows]
    np.testing.assert_allclose(rank_correlations(x, rows, (0,) * 8), expected, atol=1e-12)


def test_correlation_given_the_role_is_that_of_the_ranks_residuals() -> None:
    generator = np.random.default_rng(2)
    role = (1, 1, 1, 0, 0, 0, 0, 1)
    x, y = generator.normal(size=(2, 8)) + np.array(role)
    design = np.column_stack((np.ones(8), role))
    left = [
        values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
        for values in (np.argsort(np.argsort(v)).astype(float) for v in (x, y))
    ]
    assert rank_correlations(x, y[None], role)[0] == pytest.approx(np.corrcoef(*left)[0, 1])


@pytest.mark.parametrize("ties", [False, True])
def test_p_equals_scipys_exact_permutation_test(ties: bool) -> None:
    generator = np.random.default_rng(3)
    for _ in range(3):
        x, y = generator.normal(size=(2, 5))
        x = x.round(0) if ties else x
        scipys = permutation_test(
            (x,), lambda drawn, y=y: spearmanr(drawn, y).statistic, permutation_type="pairings", n_resamples=np.inf
        )
        # scipy's own p doubles the smaller tail, and the distribution is not symmetric where there are ties
        statistics = np.abs(scipys.null_distribution)
        assert _permutation_p(x, y, (0,) * 5)[0] == pytest.approx(
            (statistics >= abs(scipys.statistic) - 1e-9).mean(), abs=1e-6
        )


def test_p_given_the_role_equals_a_loop_over_exchanges_within_it() -> None:
    generator = np.random.default_rng(4)
    role = (1, 1, 1, 1, 0, 0, 0)
    x, y = generator.normal(size=(2, 7)) + 3 * np.array(role)
    value = abs(rank_correlations(x, y[None], role)[0])
    as_far = [
        abs(rank_correlations(x, y[[*first, *second]][None], role)[0]) >= value - 1e-9
        for first in permutations(range(4))
        for second in permutations(range(4, 7))
    ]
    p, least = _permutation_p(x, y, role)
    assert len(as_far) == 144
    assert p == pytest.approx(np.mean(as_far), abs=1e-6)
    assert 1 / 144 <= least <= np.mean(as_far)


@pytest.mark.parametrize(("covariate", "slope"), [(FROM_ENGLISH, -0.5), (FROM_ENGLISH, 0.5), (TO_TRAINING, -0.5)])
def test_a_planted_effect_is_found_with_its_sign(covariate: str, slope: float) -> None:
    generator = np.random.default_rng(5)
    improvements = {
        code: value / 5
        + slope * (distances(code, "en") if covariate == FROM_ENGLISH else closest(code, TRAINED))["syntactic"]
        + 0.3 * (code in TRAINED)
        for code, value in noise(generator, (*TRAINED, *HELD_OUT)).items()
    }
    one = named(effects(mean_rows(improvements)), covariate)
    assert one.answer == ("rises" if slope > 0 else "falls")
    assert one.languages == 13
    assert one.corrected_p is not None and one.corrected_p < 0.05
    assert one.correlation.value is not None and abs(one.correlation.value) > 0.8


@pytest.mark.parametrize(
    ("trained_rise", "studies"),
    [
        (0.5, 60),
        pytest.param(0.0, 400, marks=[pytest.mark.simulation, pytest.mark.timeout(900)]),
        pytest.param(0.5, 400, marks=[pytest.mark.simulation, pytest.mark.timeout(900)]),
    ],
)
def test_without_an_effect_something_is_found_in_at_most_one_study_in_twenty(trained_rise: float, studies: int) -> None:
    """Also where the trained languages rise: permuting residuals freely took their role for an effect."""
    generator = np.random.default_rng(6)
    codes = (*TRAINED, *HELD_OUT[:5])
    false, small = 0, dict.fromkeys(COVARIATES, 0)
    for _ in range(studies):
        improvements = {c: v + trained_rise * (c in TRAINED) for c, v in noise(generator, codes).items()}
        found = effects(mean_rows(improvements, counts=(0, 10)))
        false += any(one.answer in ("rises", "falls") for one in found)
        for one in found:
            small[one.covariate] += one.p is not None and one.p <= 0.05
    bound = 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)
    assert false / studies <= bound
    assert max(small.values()) / studies <= bound


def test_lower_is_better_turns_the_sign_of_the_change() -> None:
    improvements = noise(np.random.default_rng(7), (*TRAINED, *HELD_OUT))
    up = effects(mean_rows(improvements))
    down = effects(mean_rows({code: -value for code, value in improvements.items()}, higher_is_better=False))
    assert up == down


def test_four_languages_are_too_few() -> None:
    found = effects(mean_rows({"es": 0.1, "fr": 0.3, "ar": 0.2, "ko": 0.5}, trained=("es", "fr")))
    assert {one.answer for one in found} == {TOO_FEW}
    assert all(one.p is None and one.correlation.value is None and one.correlation.reason for one in found)


def test_three_and_two_languages_have_too_few_orders_for_a_p() -> None:
    improvements = {"es": 0.1, "ja": 0.3, "ar": 0.2, "ko": 0.5, "th": 0.4}
    one = named(effects(mean_rows(improvements, trained=("es", "ja"))), FROM_ENGLISH)
    assert (one.answer, one.p, one.correction) == (TOO_FEW, None, "")
    assert one.correlation.value is not None


def test_languages_whose_best_order_would_not_stand_are_too_few() -> None:
    """Five languages have 120 orders, two of them as extreme: p = 2/120, three times that is 0.05."""
    rising = sorted(("es", "ja", "zh", "ar", "ko"), key=lambda code: distances(code, "en")["syntactic"])
    improvements = {code: 0.1 * k for k, code in enumerate(rising)}
    one = named(effects(mean_rows(improvements, trained=())), FROM_ENGLISH)
    assert one.correlation.value == 1 and one.p == pytest.approx(2 / 120, abs=1e-6)
    assert one.correction == "Holm over 3 covariates"  # without training languages
    assert one.answer == TOO_FEW


def test_languages_of_one_role_are_taken_by_themselves_where_both_have_enough() -> None:
    improvements = noise(np.random.default_rng(8), (*TRAINED, *HELD_OUT))
    both = effects(mean_rows(improvements, trained=(*TRAINED, "de")))
    assert [one.languages for one in both if one.covariate == FROM_ENGLISH] == [8, 5]
    together = effects(mean_rows(improvements))
    assert [one.languages for one in together if one.covariate == FROM_ENGLISH] == [13]
    assert "given their role" in together[0].scope


def test_languages_that_the_source_does_not_know_are_left_out() -> None:
    improvements = noise(np.random.default_rng(9), (*TRAINED, *HELD_OUT))
    unknown = effects(mean_rows({**improvements, "qaa": 0.9}))
    known = effects(mean_rows(improvements))
    for covariate in set(COVARIATES) - {"script of a training language"}:
        assert named(unknown, covariate) == named(known, covariate)


def test_a_covariate_that_does_not_vary_is_undefined() -> None:
    codes = ("ar", "ko", "th", "sw", "ru", "de")
    found = effects(mean_rows(noise(np.random.default_rng(10), codes), trained=()))
    script = named(found, "script of a training language")
    assert script.answer == "undefined" and script.p is None and "does not vary" in (script.correlation.reason or "")


def test_sets_of_training_languages_are_kept_apart_and_tasks_are_joined_by_rank() -> None:
    improvements = noise(np.random.default_rng(11), (*TRAINED, *HELD_OUT))
    longer = {code: 100 * value for code, value in improvements.items()}  # another unit, the same ranks
    found = effects(
        mean_rows(improvements),
        mean_rows(longer, task="summaries", metric="rouge"),
        mean_rows(improvements, trained=("es", "fr")),
    )
    scopes = [one.scope.split(";")[0] for one in found if one.covariate == FROM_ENGLISH]
    assert scopes == [
        "task math, 1 curve trained on en+es+fr",
        "task math, 1 curve trained on en+es+fr+ja+zh",
        "task summaries, 1 curve trained on en+es+fr+ja+zh",
        "all tasks, 2 curves trained on en+es+fr+ja+zh",
    ]
    values = [one.correlation.value for one in found if one.covariate == FROM_ENGLISH][1:]
    assert values[0] == pytest.approx(values[1]) == pytest.approx(values[2])


def test_holm_is_that_of_statsmodels() -> None:
    found = effects(mean_rows(noise(np.random.default_rng(12), (*TRAINED, *HELD_OUT))))
    p = [one.p for one in found]
    expected = multipletests(p, method="holm")[1]
    np.testing.assert_allclose([one.corrected_p for one in found], expected, atol=5e-6)  # of six digits, six times
    assert {one.correction for one in found} == {f"Holm over {len(COVARIATES)} covariates"}


def test_items_give_an_interval_and_means_do_not(make_rows: MakeRows) -> None:
    with_items = named(effects(make_rows(counts=(0, 200), base=False)), FROM_ENGLISH).correlation
    assert with_items.method.startswith("percentile; items resampled")
    assert with_items.low is not None and with_items.high is not None and with_items.value is not None
    assert -1 <= with_items.low < with_items.high <= 1
    means = named(effects(mean_rows(noise(np.random.default_rng(13), (*TRAINED, *HELD_OUT)))), FROM_ENGLISH)
    assert means.correlation.low is None and means.correlation.method == "none: only means over items"


def test_items_that_never_change_the_order_give_no_interval(make_rows: MakeRows) -> None:
    """An interval of no width would read as certainty, and the languages are not resampled."""
    rows = make_rows(counts=(0, 200), base=False)
    code = rows["language"].map({code: k for k, code in enumerate(sorted(set(rows["language"])))})
    generator = np.random.default_rng(15)
    rows["score"] = code * (rows["samples_per_language"] > 0) + generator.normal(0, 0.01, len(rows))
    still = named(effects(rows), FROM_ENGLISH).correlation
    assert still.value is not None and (still.low, still.high) == (None, None)
    assert still.method == "none: the items never change the order"


def test_order_of_rows_changes_nothing(make_rows: MakeRows) -> None:
    rows = pd.concat([make_rows(counts=(0, 20), items=20), make_rows(counts=(0, 20), items=20, task="other", seed=1)])
    assert effects(rows) == effects(rows.sample(frac=1, random_state=1))


def test_curves_without_english_only_training_are_passed_over() -> None:
    assert effects(mean_rows(noise(np.random.default_rng(14), (*TRAINED, *HELD_OUT)), counts=(10, 50))) == []
    assert covariate_effects([]) == []


def test_nothing_is_resolved_in_the_papers_seven_languages() -> None:
    paper = list(curves(read_scores(Path("studies/paper/scores.csv")).rows))
    found = covariate_effects(paper)
    assert len(found) == 3 * 4 * len(COVARIATES)  # three sets of training languages, three tasks and all of them
    assert {one.languages for one in found} == {7}
    assert {one.answer for one in found} == {TOO_FEW, "not resolved", "undefined"}
