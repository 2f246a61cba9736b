"""The belief is plain conditioning of a normal distribution; further seeds tell nothing about the items."""

import numpy as np
import pytest

from clt.next_cells.arms import Arms, arms_of
from clt.next_cells.belief import DEFAULT_SD, LEVEL_VARIANCE, Belief, Noise, Observations, likeliest
from clt.next_cells.curves import curves_of
from clt.next_cells.kernel import Correlations, Likeness
from tests.next_cells.finished_cells import record_of

NOISE = {"math": Noise(run=0.01, items=0.004), "news": Noise(run=0.02, items=0.002)}
NOTHING = Observations(np.zeros(0, dtype=int), np.zeros(0))


@pytest.fixture(scope="module")
def arms() -> Arms:
    record = record_of()
    return arms_of(record, curves_of(record.grid))


def observed(arms: Arms, values: dict[int, float]) -> Observations:
    return Observations(np.array(list(values)), np.array(list(values.values())))


def test_a_rise_is_0_at_no_rows_and_the_kernel_is_a_covariance(arms: Arms) -> None:
    covariance = Likeness.of(arms.arms).covariance(Correlations(sd={"math": 0.4, "news": 0.2}))
    assert np.linalg.eigvalsh(covariance).min() > 0
    variance = np.diag(covariance)
    by_n = {arm.samples_per_language: variance[at] for at, arm in enumerate(arms.arms) if arm.decision[2] == "math"}
    assert 0 < by_n[10] < by_n[100] < by_n[1000] < 2 * 0.4**2


def test_mixtures_of_the_same_languages_are_the_most_alike() -> None:
    record = record_of(
        (
            "mixtures:\n",
            "mixtures:\n  - {name: es, english_samples: 100, samples_per_language: [0, 1000], languages: [es]}\n"
            "  - {name: ja, english_samples: 100, samples_per_language: [0, 1000], languages: [ja]}\n",
        )
    )
    arms = arms_of(record, curves_of(record.grid))
    at = {
        "+".join(arm.languages): place
        for place, arm in enumerate(arms.arms)
        if arm.decision == ("small", "single_task", "math") and arm.samples_per_language == 1000
    }
    covariance = Likeness.of(arms.arms).covariance(Correlations(sd={"math": 1.0, "news": 1.0}))
    apart, near = covariance[at["en+es"], at["en+ja"]], covariance[at["en+es"], at["en+es+ja"]]
    assert 0 < apart < near < covariance[at["en+es"], at["en+es"]]


def test_the_belief_is_the_conditional_distribution(arms: Arms) -> None:
    base = len(arms.arms) + arms.arms[2].base
    seen = observed(arms, {2: 0.9, base: -0.2, 1: 0.5})
    belief = Belief.of(arms, NOISE, seen)
    prior = Likeness.of(arms.arms).covariance(likeliest(arms, NOISE, seen))
    places, level = [2, 1], np.ones((3, 3)) * LEVEL_VARIANCE
    joint = level + np.diag([NOISE["math"].run + NOISE["math"].items] * 3)
    joint[np.ix_([0, 2], [0, 2])] += prior[np.ix_(places, places)]
    cross = np.zeros((len(arms.arms), 3))
    cross[:, [0, 2]] = prior[:, places]
    assert np.allclose(belief.rises, cross @ np.linalg.solve(joint, seen.values), atol=1e-6)
    assert np.allclose(belief.rise_covariance, prior - cross @ np.linalg.solve(joint, cross.T), atol=1e-6)


def test_runs_that_are_expected_shrink_the_belief_as_runs_that_are_known(arms: Arms) -> None:
    belief = Belief.of(arms, NOISE, NOTHING)
    positions, run_noise = np.array([2, len(arms.arms) + arms.arms[2].base]), np.array([0.01, 0.01])
    known = belief.after(positions, np.array([0.7, 0.1]), run_noise)
    assert np.allclose(belief.less(belief.shift(positions, run_noise)).covariance, known.covariance)


def test_further_seeds_do_not_reduce_what_the_items_make(arms: Arms) -> None:
    base = len(arms.arms) + arms.arms[2].base
    seeds = np.array([2, base] * 500)
    belief = Belief.of(arms, NOISE, NOTHING).after(seeds, np.zeros(1000), np.full(1000, 0.01))
    assert belief.rise_covariance[2, 2] == pytest.approx(2 * NOISE["math"].items, rel=0.1)


def test_english_only_training_of_several_mixtures_is_one_base() -> None:
    record = record_of(
        (
            "mixtures:\n",
            "mixtures:\n  - {name: es, english_samples: 100, samples_per_language: [0, 5], languages: [es]}\n",
        )
    )
    arms = arms_of(record, curves_of(record.grid))
    assert len(arms.bases) == 4  # two models, two tasks


def test_a_multi_task_cell_measures_an_arm_of_each_task() -> None:
    record = record_of(("mixtures:\n", "settings: [multi_task]\nmixtures:\n"))
    arms = arms_of(record, curves_of(record.grid))
    assert all({arms.task(at) for at in positions} == {"math", "news"} for positions in arms.measured_by.values())
    assert len(arms.decisions) == 4


def test_scores_that_rise_alike_in_both_models_make_their_correlation_likelier(arms: Arms) -> None:
    def values(other: float) -> Observations:
        rises = {"small": 1.0, "large": other}
        shown = {
            at: rises[arm.decision[0]] * np.log1p(arm.samples_per_language) / 7
            for at, arm in enumerate(arms.arms)
            if arm.decision[2] == "math"
        }
        bases = {len(arms.arms) + at: 0.0 for at, base in enumerate(arms.bases) if base[2] == "math"}
        return observed(arms, shown | bases)

    assert likeliest(arms, NOISE, values(1.0)).model > likeliest(arms, NOISE, values(-1.0)).model


def test_one_small_rise_does_not_make_all_rises_small(arms: Arms) -> None:
    """It used to: the interval of a change that was measured once with six items was 1 point wide."""
    at = next(at for at, arm in enumerate(arms.arms) if arm.samples_per_language == 10)
    once = likeliest(arms, NOISE, observed(arms, {at: 0.0, len(arms.arms) + arms.arms[at].base: 0.0}))
    assert once.sd["math"] >= DEFAULT_SD / 2 and once.length <= 8
