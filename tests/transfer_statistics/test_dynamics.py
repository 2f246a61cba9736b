"""Dynamics over checkpoints: half steps and lag against known curves, pooled correlation against a literal version."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from components.transfer_statistics.evidence.dynamics import dynamics, half_steps, pooled_spearman
from components.transfer_statistics.scores.table import COLUMNS, ScoreTable

SIMULATIONS = 400
STEPS = np.array([50, 100, 150, 200, 250, 300])
TRAINED, HELD_OUT = ("es", "ja"), ("pt", "ko")


def rise(half: float, steps: np.ndarray = STEPS) -> np.ndarray:
    """From 0 at the first step to 1 at the last, half of it made at about `half`."""
    level = 1 / (1 + np.exp(-(steps - half) / 30))
    return np.asarray((level - level[0]) / (level[-1] - level[0]))


def study(
    *,
    seen: float = 150,
    unseen: float = 150,
    counts: tuple[int, ...] = (0, 20),
    seeds: tuple[int, ...] = (0,),
    items: int = 40,
    noise: float = 0.3,
    seed: int = 0,
    metric: str = "score",
    base: bool = False,
    steps: np.ndarray = STEPS,
) -> ScoreTable:
    """Scores per item and checkpoint; S makes half of its rise at `seen`, U half of its smaller one at `unseen`."""
    generator = np.random.default_rng(seed)
    difficulty = generator.normal(0, 0.2, items)
    parts = []
    runs = [(n, run, at) for n in counts for run in seeds for at in range(len(steps))]
    for n, run, at in runs + ([(None, 0, None)] if base else []):
        for language in ("en", *TRAINED, *HELD_OUT):
            size, half = (0.6, seen) if language in TRAINED else (0.3, unseen)
            level = 0.0 if language == "en" or at is None else size * rise(half, steps)[at]
            scores = 1 + level + difficulty + generator.normal(0, noise, items)
            parts.append(
                pd.DataFrame(
                    {
                        "study": "made-0",
                        "model": "small",
                        "family": "",
                        "setting": "single_task" if n is not None else "base",
                        "task": "math",
                        "metric": metric,
                        "higher_is_better": metric != "bits_per_byte",
                        "mixture": "all" if n is not None else "",
                        "train_languages": "+".join(("en", *TRAINED)) if n is not None else "en",
                        "samples_per_language": np.nan if n is None else float(n),
                        "exposure": "unseen",
                        "seed": run,
                        "repeat": "",
                        "checkpoint": 0 if at is None else steps[at],
                        "selected": at is None or at == len(steps) - 1,
                        "language": language,
                        "item": [f"item-{k:03d}" for k in range(items)],
                        "score": scores if metric != "bits_per_byte" else 4 - scores,
                    }
                ).reindex(columns=list(COLUMNS))
            )
    rows = pd.concat(parts, ignore_index=True)
    return ScoreTable(
        rows=rows[rows["selected"]], checkpoints=rows[~rows["selected"]], source="made", main_metrics={"math": metric}
    )


def exact(half: float) -> float:
    """Where the known curve, linear between checkpoints, has made half of its rise."""
    return float(np.interp(0.5, rise(half), STEPS))


def by_run(table: ScoreTable) -> dict[tuple, tuple[np.ndarray, np.ndarray]]:
    """S and U over the checkpoints of each (n, seed), from plain means."""
    rows = pd.concat([table.rows, table.checkpoints])
    means = rows.groupby(["samples_per_language", "seed", "checkpoint", "language"])["score"].mean().unstack()
    return {
        run: (part[list(TRAINED)].mean(axis=1).to_numpy(), part[list(HELD_OUT)].mean(axis=1).to_numpy())
        for run, part in means.groupby(level=[0, 1])
    }


def test_half_steps_are_the_first_crossing_of_the_middle() -> None:
    steps = np.array([10.0, 20, 30, 40])
    rises, falls, crosses_twice, dips_first, stays, late = half_steps(
        np.array([[0, 1, 2, 4], [4, 3, 2, 0], [0, 3, 1, 4], [1, -1, 0, 1.5], [2, 3, 1, 2], [0, 0, 0, 1]]), steps
    )
    assert (rises, falls, late) == (30, 30, 35)
    assert crosses_twice == pytest.approx(10 + 10 * 2 / 3)
    assert dips_first == pytest.approx(30 + 10 * 1.25 / 1.5)
    assert np.isnan(stays)


def test_half_steps_do_not_see_direction_nor_unit() -> None:
    values, steps = np.random.default_rng(0).normal(size=(50, 6)), np.arange(6.0)
    assert half_steps(3 - 2 * values, steps) == pytest.approx(half_steps(values, steps))
    assert half_steps(values, 7 * steps) == pytest.approx(7 * half_steps(values, steps))


def test_a_known_lag_is_found_and_timed_without_noise() -> None:
    for one in dynamics(study(seen=120, unseen=200, noise=1e-6)):
        assert one.half_seen.value == pytest.approx(exact(120), abs=0.01)
        assert one.half_unseen.value == pytest.approx(exact(200), abs=0.01)
        assert one.lag.value == pytest.approx(exact(200) - exact(120), abs=0.01)
        assert one.answer == "lags"
    assert {one.answer for one in dynamics(study(seen=200, unseen=120, noise=0.01))} == {"leads"}


def test_points_are_plain_means_at_every_checkpoint_and_n() -> None:
    table = study(counts=(0, 20, 50))
    found = dynamics(table)
    assert [one.samples_per_language for one in found] == [0, 20, 50]
    for one in found:
        seen, unseen = by_run(table)[one.samples_per_language, 0]
        assert [point.step for point in one.points] == list(STEPS)
        assert [point.seen.value for point in one.points] == pytest.approx(seen, abs=1e-6)
        assert [point.unseen.value for point in one.points] == pytest.approx(unseen, abs=1e-6)
        assert one.items == 40 and one.covers == "items; conditional on the seeds"


def test_bits_per_byte_has_the_timing_of_the_score_it_mirrors() -> None:
    mirrored = dynamics(study(unseen=200, metric="bits_per_byte"))
    for one, other in zip(mirrored, dynamics(study(unseen=200)), strict=True):
        for name in ("half_seen", "half_unseen", "lag"):
            ends = [getattr(getattr(one, name), end) for end in ("value", "low", "high")]
            assert ends == pytest.approx([getattr(getattr(other, name), end) for end in ("value", "low", "high")])
        assert one.answer == other.answer and one.metric == "bits_per_byte"


def test_the_base_model_is_step_zero_and_the_start_of_the_change() -> None:
    table = study(base=True, counts=(20,), noise=0.001)
    (one,) = dynamics(table)
    assert [point.step for point in one.points] == [0, *STEPS]
    moved = table.rows["setting"] == "base"
    lower = table.rows["score"].mask(moved & table.rows["language"].isin(TRAINED), table.rows["score"] - 2)
    (changed,) = dynamics(ScoreTable(rows=table.rows.assign(score=lower), checkpoints=table.checkpoints,
                                     source="made", main_metrics={}))  # fmt: skip
    assert one.half_seen.value == pytest.approx(exact(150), abs=1)
    assert changed.half_seen.value == pytest.approx(50 * 1.3 / 2, abs=1)  # half of 0.6 + 2 before the first checkpoint


def test_runs_share_the_steps_that_all_of_them_have() -> None:
    table = study(seeds=(0, 1), counts=(20,))
    late = (table.checkpoints["seed"] == 1) & (table.checkpoints["checkpoint"] == 100)
    (one,) = dynamics(ScoreTable(rows=table.rows, checkpoints=table.checkpoints[~late], source="made", main_metrics={}))
    assert [point.step for point in one.points] == [50, 150, 200, 250, 300] and one.runs == ["0", "1"]
    few = table.checkpoints["checkpoint"] == 100  # two points, and nothing between them
    assert not dynamics(ScoreTable(rows=table.rows, checkpoints=table.checkpoints[few], source="", main_metrics={}))


def test_a_change_within_noise_has_no_half_and_says_why() -> None:
    table = study(counts=(20,))
    still = table.checkpoints["language"].isin(HELD_OUT)
    last = table.rows.set_index(["language", "item"])["score"]
    scores = table.checkpoints["score"].copy()
    scores[still] = [last[code, item] for code, item in table.checkpoints.loc[still, ["language", "item"]].to_numpy()]
    (one,) = dynamics(
        ScoreTable(rows=table.rows, checkpoints=table.checkpoints.assign(score=scores), source="", main_metrics={})
    )
    assert one.half_seen.value is not None
    assert one.half_unseen.value is None and one.half_unseen.reason is not None and "change" in one.half_unseen.reason
    assert one.lag.reason == one.half_unseen.reason and one.answer == "undefined"


def test_means_have_a_timing_and_no_interval() -> None:
    table = study(counts=(20,))
    keys = [name for name in COLUMNS if name not in ("item", "score")]
    rows, others = (
        part.groupby(keys, dropna=False)["score"].mean().reset_index().assign(item=None)[list(COLUMNS)]
        for part in (table.rows, table.checkpoints)
    )
    (one,) = dynamics(ScoreTable(rows=rows, checkpoints=others, source="", main_metrics={}))
    (whole,) = dynamics(table)
    assert one.lag.value == pytest.approx(whole.lag.value, abs=1e-6)
    assert one.lag.low is None and one.lag.method == "none: only means" and one.answer == "no interval"


def test_pooled_spearman_is_a_literal_permutation_of_whole_runs() -> None:
    table = study(counts=(0, 20, 50, 90), steps=np.array([50, 100, 150]))
    (found,) = pooled_spearman(table)
    runs = list(by_run(table).values())
    pooled = np.concatenate([seen for seen, _ in runs])

    def value(order: tuple[int, ...]) -> float:
        return float(stats.spearmanr(pooled, np.concatenate([runs[k][1] for k in order])).statistic)

    observed = value((0, 1, 2, 3))
    as_far = [abs(value(order)) >= abs(observed) - 1e-9 for order in permutations(range(4))]
    assert found.spearman.value == pytest.approx(observed, abs=1e-6)
    assert found.spearman.p == pytest.approx(np.mean(as_far), abs=1e-6)
    assert found.spearman.n == 12 and found.spearman.over == "3 checkpoints of each of 4 runs at 4 n"
    assert found.train_languages == ["en", "es", "ja"] and found.mixture == "all"


def test_longer_runs_give_as_many_checkpoints_as_the_shortest_for_the_pooled_correlation() -> None:
    table = study(counts=(0, 20, 50, 90), seeds=(0, 1))
    short = (table.checkpoints["samples_per_language"] == 0) & ~table.checkpoints["checkpoint"].isin([100, 200])
    rows, others = table.rows, table.checkpoints[~short]
    (found,) = pooled_spearman(ScoreTable(rows=rows, checkpoints=others, source="", main_metrics={}))
    runs = by_run(table)
    pairs = [np.array(runs[n, seed])[:, [1, 3, 5]] for n in (0, 20, 50, 90) for seed in (0, 1)]
    seen, unseen = np.concatenate(pairs, axis=1)
    assert found.spearman.value == pytest.approx(stats.spearmanr(seen, unseen).statistic, abs=1e-6)
    assert found.spearman.p is not None and found.spearman.over == "3 checkpoints of each of 8 runs at 4 n"


def test_one_score_a_point_is_no_pooled_correlation(made: Callable, table_of: Callable) -> None:
    table = table_of(made(items=20))
    assert not dynamics(table) and not pooled_spearman(table)
    (seeds,) = pooled_spearman(table_of(made(items=20, seeds=(0, 1))))
    assert seeds.spearman.n == 8 and seeds.spearman.over == "1 checkpoint of each of 8 runs at 4 n"


def test_the_order_of_the_rows_changes_nothing() -> None:
    table = study(seeds=(0, 1))
    mixed = ScoreTable(
        rows=table.rows.sample(frac=1, random_state=1),
        checkpoints=table.checkpoints.sample(frac=1, random_state=2),
        source="",
        main_metrics={},
    )
    assert dynamics(mixed) == dynamics(table) and pooled_spearman(mixed) == pooled_spearman(table)


@pytest.mark.simulation
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("seen", "unseen"), [(120, 200), (150, 150)])
def test_the_lags_interval_covers_its_truth(seen: float, unseen: float) -> None:
    found = [
        dynamics(study(seen=seen, unseen=unseen, counts=(20,), items=60, seed=seed))[0] for seed in range(SIMULATIONS)
    ]
    lag = exact(unseen) - exact(seen)
    inside = np.mean([(one.lag.low or 0) <= lag <= (one.lag.high or 0) for one in found])
    assert 0.92 <= inside <= 0.98
    if seen == unseen:
        assert np.mean([one.answer == "not resolved" for one in found]) >= 0.92
    else:
        assert np.mean([one.answer == "lags" for one in found]) >= 0.9
