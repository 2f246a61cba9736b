"""Single runs on the link scale, and how far items and chance move them, beside literal sums."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from clt.statistics.inference.run_noise_prior import COMMON_SD, LANGUAGE_SD
from clt.statistics.scores.table import ScoreTable
from clt.statistics.target_scores import OF_LOSSES, TargetScores, no_scores, scores_of_targets
from tests.statistics.conftest import COUNTS, made_rows

TARGETS = ("es", "ja", "ko")


def scores(rows: pd.DataFrame, metric: str = "exact_match") -> TargetScores:
    table = ScoreTable(rows=rows, source="made", main_metrics={"math": metric})
    return scores_of_targets(table, {"math": TARGETS})["math"]


def test_a_run_is_the_logit_of_its_mean_over_the_targets() -> None:
    rows = made_rows()
    found = {run.samples_per_language: run.value for run in scores(rows).runs}
    assert sorted(found) == list(COUNTS)
    chosen = rows[rows["language"].isin(TARGETS) & (rows["samples_per_language"] == 80)]
    assert found[80] == pytest.approx(logit(chosen.groupby("language", observed=True)["score"].mean().mean()))


def test_seeds_that_lack_points_of_the_curve_count_as_runs() -> None:
    rows = made_rows(seeds=(0, 1))
    few = rows[(rows["seed"] == 0) | (rows["samples_per_language"] == 80)]
    assert len(scores(few).runs) == len(COUNTS) + 1


def test_runs_without_a_target_are_left_out() -> None:
    rows = made_rows()
    lacking = rows[(rows["language"] != "ko") | (rows["samples_per_language"] != 20)]
    assert {run.samples_per_language for run in scores(lacking).runs} == set(COUNTS) - {20}


def test_losses_count_downwards() -> None:
    rows = made_rows(metric="bits_per_byte")
    rows["higher_is_better"] = False
    values = [run.value for run in scores(rows, "bits_per_byte").runs]
    assert values == sorted(values)  # more rows, less loss


def test_items_count_for_what_runs_do_not_share() -> None:
    """With the same answers in every run nothing is left; with answers apart it is the variance of a mean."""
    rows = made_rows(counts=(0, 80), base=False)
    alike = rows.copy()
    same = rows[rows["samples_per_language"] == 80]["score"].to_numpy()
    for n in (0, 80):
        alike.loc[alike["samples_per_language"] == n, "score"] = same
    assert scores(alike).item_variance < 0.1 * scores(rows).item_variance
    apart = made_rows(counts=(0, 80), base=False)
    generator = np.random.default_rng(0)
    apart["score"] = (generator.random(len(apart)) < 0.5).astype(float)
    assert scores(apart).item_variance == pytest.approx(4 / (3 * 60), rel=0.3)  # logit at 1/2: 1 / (p (1 - p)) = 4


def test_without_repeats_runs_differ_as_the_paper_s_do_and_repeats_are_weighed_with_them() -> None:
    prior = COMMON_SD**2 + LANGUAGE_SD**2 / 3
    assert scores(made_rows()).run_variance == pytest.approx(prior)
    assert scores(made_rows(counts=(0, 20, 40, 80, 160))).run_variance == pytest.approx(prior)  # with neighbouring n
    repeated = scores(made_rows(seeds=tuple(range(4))))
    assert 0 < repeated.run_variance < prior  # seeds of this table differ by their items alone


def test_before_any_run_more_items_make_less_noise() -> None:
    few, many = no_scores("math_answer", 3, 100), no_scores("math_answer", 3, 400)
    assert few.item_variance == pytest.approx(4 * many.item_variance)
    assert not few.runs and few.points(0.0) == pytest.approx(0.25)


def test_the_papers_log_odds_are_not_those_of_losses() -> None:
    assert no_scores("bits_per_byte", 3, 100).run_variance == pytest.approx(
        OF_LOSSES**2 * no_scores("math_answer", 3, 100).run_variance
    )


def test_at_an_end_of_the_range_an_effect_still_counts() -> None:
    assert no_scores("math_answer", 3, 100).points(-20.0) == pytest.approx(0.05 * 0.95)
    assert no_scores("judge", 3, 100).points(0.0) == pytest.approx(0.25)
    assert no_scores("bits_per_byte", 3, 100).points(0.0) == 1.0
