"""A loss and the score that mirrors it must give the same answers: only the sign of levels and changes differs."""

from collections.abc import Callable

import pandas as pd
import pytest

from clt.statistics.analyses.gains.compute import group_gains
from clt.statistics.compute import compute_statistics
from clt.statistics.document import Statistics
from clt.statistics.scores.table import ScoreTable
from clt.statistics.values import Estimate

TOP = 10.0  # score = TOP - loss


@pytest.fixture(scope="module")
def loss_and_score(
    make_rows: Callable, table_of: Callable[[pd.DataFrame], ScoreTable]
) -> tuple[Statistics, Statistics]:
    """Statistics of losses and of the scores that mirror them: two settings, repeated runs, held-out languages."""
    parts = [
        make_rows(metric="bits_per_byte", items=30, setting=setting, seed=seed, seeds=(0, 1))
        for seed, setting in enumerate(("single_task", "multi_task"))
    ]
    parts[1] = parts[1][parts[1]["setting"] != "base"]
    losses = pd.concat(parts, ignore_index=True)
    scores = losses.assign(metric="rouge_l", higher_is_better=True, score=TOP - losses["score"])
    return compute_statistics(table_of(losses)), compute_statistics(table_of(scores))


def same(one: Estimate, other: Estimate) -> None:
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=2e-6)
    assert (one.method, one.reason) == (other.method, other.reason)


def mirrored(one: Estimate, other: Estimate, top: float = 0.0) -> None:
    ends = [None if end is None else top - end for end in (other.value, other.high, other.low)]
    assert (one.value, one.low, one.high) == pytest.approx(tuple(ends), abs=2e-6)
    assert (one.method, one.reason) == (other.method, other.reason)


def test_levels_and_changes_are_mirrored(loss_and_score: tuple[Statistics, Statistics]) -> None:
    for loss, score in zip(loss_and_score[0].curves, loss_and_score[1].curves, strict=True):
        for one, other in zip(loss.points, score.points, strict=True):
            for name in ("english", "seen", "unseen", "non_english"):
                mirrored(getattr(one, name), getattr(other, name), TOP)
                if one.change is not None and other.change is not None:
                    mirrored(getattr(one.change, name), getattr(other.change, name))
            mirrored(one.gap, other.gap)
        mirrored(loss.english_cost, score.english_cost)


def test_gains_shares_plateau_and_correlation_are_the_same(loss_and_score: tuple[Statistics, Statistics]) -> None:
    for loss, score in zip(loss_and_score[0].curves, loss_and_score[1].curves, strict=True):
        assert set(loss.gains) == set(score.gains)
        for name, gain in loss.gains.items():
            same(gain, score.gains[name])
            same(gain.cross_fitted, score.gains[name].cross_fitted)
            assert (gain.at, gain.resolvable) == (score.gains[name].at, score.gains[name].resolvable)
        same(loss.transfer_share, score.transfer_share)
        assert loss.plateau_at == score.plateau_at
        assert loss.spearman == score.spearman


def test_findings_comparisons_and_recommendations_have_the_same_answers(
    loss_and_score: tuple[Statistics, Statistics],
) -> None:
    loss, score = loss_and_score
    assert [one.answer for one in loss.findings] == [one.answer for one in score.findings]
    assert "improved" in {one.answer for one in loss.findings}
    for one, other in zip(loss.comparisons, score.comparisons, strict=True):
        assert one.verdict is not None and other.verdict is not None
        assert (one.answer, one.verdict.p) == (other.answer, other.verdict.p)
        mirrored(one.difference, other.difference)
    for ours, theirs in zip(loss.recommendations, score.recommendations, strict=True):
        ends = [(each.value, each.low, each.high) for each in (ours.improvement, theirs.improvement)]
        assert ends[0] == pytest.approx(ends[1], rel=2e-3)  # their factor is a quantile of draws
        mirrored(ours.english, theirs.english)  # a change of the score itself
        assert (ours.resolvable, ours.not_worse) == (theirs.resolvable, theirs.not_worse)
        assert ours.statement == theirs.statement


def test_gains_by_group_are_the_same_for_s_and_u(loss_and_score: tuple[Statistics, Statistics]) -> None:
    loss, score = (
        [one for one in group_gains(statistics.curves) if one.measure != "relative"] for statistics in loss_and_score
    )
    assert len(loss) == len(score) > 0
    for one, other in zip(loss, score, strict=True):
        same(one.mean, other.mean)


def test_r_of_losses_is_their_ratio_and_its_gain_is_a_fall(loss_and_score: tuple[Statistics, Statistics]) -> None:
    """It is above 1 where other languages are worse than English; a score's R is below 1 there."""
    for loss, score in zip(loss_and_score[0].curves, loss_and_score[1].curves, strict=True):
        first, last = loss.points[0], loss.points[-1]
        assert first.relative.value == pytest.approx(first.non_english.value / first.english.value, abs=1e-5)
        assert first.relative.value > last.relative.value > 1 > score.points[0].relative.value
        assert loss.gain.value > 0 and loss.gain.cross_fitted.value > 0


def test_the_mirror_has_the_same_noise(loss_and_score: tuple[Statistics, Statistics]) -> None:
    for one, other in zip(loss_and_score[0].noise, loss_and_score[1].noise, strict=True):
        if one.measure != "relative":
            same(one.sd, other.sd)
