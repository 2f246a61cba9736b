"""How often the first screen says something false where nothing changes, and how often it finds what is there.

`make simulations` prints the table of docs/performance.md.
"""

from dataclasses import replace

import numpy as np
import pytest

from clt.statistics.family import Family, change_key, resolved
from clt.statistics.inference.run_noise import find_run_noise
from clt.statistics.scores.curve_data import CurveData, curves
from tests.statistics.conftest import family_of
from tests.statistics.family.null_studies import NullStudy, table_of

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(3600)]
STUDIES = 200
SETS = (("es", "fr", "ja", "zh"), ("es", "fr"), ("ja", "zh"))
SHAPES = {
    "8 curves, 1 seed": NullStudy(models=4, tasks=2),
    "3 training sets x 2 tasks, 1 seed": NullStudy(tasks=2, train=SETS),
    "8 curves, 3 seeds": NullStudy(models=4, tasks=2, seeds=3),
    "9 curves, 3 seeds": NullStudy(models=3, tasks=3, seeds=3),
    "8 curves of three n, 1 seed": NullStudy(models=4, tasks=2, sample_sizes=(0, 500, 5000)),
    "8 curves, 1 seed, two-parameter items": NullStudy(models=4, tasks=2, scores="two-parameter"),
    "8 curves, 1 seed, overlap with zeros": NullStudy(models=4, tasks=2, scores="overlap"),
    "8 curves, 1 seed, judge of 1 to 5": NullStudy(models=4, tasks=2, scores="judge"),
    "8 curves, 1 seed, runs differ by 0.3": NullStudy(models=4, tasks=2, common_sd=0.3, language_sd=0.3),
    "8 curves, 1 seed, runs do not differ": NullStudy(models=4, tasks=2, common_sd=0.0, language_sd=0.0),
}


# Three n tell nothing of the noise between runs, and these runs differ by more than the paper's, which stand for it.
BEYOND_THE_PRIOR = NullStudy(models=4, tasks=2, sample_sizes=(0, 500, 5000), common_sd=0.2, language_sd=0.2)


def family_and_curves(study: NullStudy, seed: int) -> tuple[Family, list[CurveData]]:
    made = list(curves(table_of(study, seed)))
    return family_of(made, find_run_noise(made)), made


def test_runs_that_differ_twice_as_much_as_the_papers_overturn_few_verdicts() -> None:
    made = [family_and_curves(BEYOND_THE_PRIOR, seed)[0] for seed in range(STUDIES)]
    false = sum(any(resolved(family.verdict(key)) for key in family.noises) for family in made)
    print(f"8 curves of three n, runs differ by 0.2: any false verdict in {false / STUDIES:.1%} of {STUDIES} studies")
    assert false / STUDIES <= 0.15


@pytest.mark.parametrize("shape", SHAPES)
def test_without_any_effect_few_studies_have_a_false_verdict(shape: str) -> None:
    false = sum(
        any(resolved(family.verdict(key)) for key in family.noises)
        for family, _ in (family_and_curves(SHAPES[shape], seed) for seed in range(STUDIES))
    )
    print(f"{shape}: any false verdict in {false / STUDIES:.1%} of {STUDIES} studies")
    assert false / STUDIES <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / STUDIES)


@pytest.mark.parametrize("shape", ["8 curves, 1 seed", "3 training sets x 2 tasks, 1 seed", "8 curves, 3 seeds"])
def test_a_rise_of_a_quarter_more_than_the_detectable_one_is_found_four_times_in_five(shape: str) -> None:
    """Planted in every curve at once, in log-odds; five studies tell first what share of the detectable rise it is."""
    study, studies = SHAPES[shape], STUDIES // 4
    reached, _ = _found(replace(study, rise=1.0), range(5))
    shares, found = _found(replace(study, rise=1.25 / np.mean(reached)), range(1000, 1000 + studies))
    print(f"{shape}: a rise of {np.mean(shares):.2f} times the detectable one is found in {np.mean(found):.0%}")
    assert np.mean(found) >= 0.8


def _found(study: NullStudy, seeds: range) -> tuple[list[float], list[bool]]:
    """Rises of S as shares of the detectable one, and whether they are found, of every curve of every study."""
    shares, found = [], []
    for seed in seeds:
        family, made = family_and_curves(study, seed)
        for data in made:
            verdict = family.verdict(change_key(data.id, "trained"))
            assert verdict is not None and verdict.value is not None and verdict.detectable is not None
            shares.append(verdict.value / verdict.detectable)
            found.append(resolved(verdict))
    return shares, found
