"""What stands for the noise between runs where none is repeated is what the paper's own repeated runs say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clt.statistics.inference.link import Link
from clt.statistics.inference.run_noise_prior import COMMON_SD, LANGUAGE_SD, PRIOR_DF, prior_covariance, prior_sd

PAPER = Path(__file__).resolve().parents[3] / "studies/paper/scores.csv"
LINKS = {"instruction_following": Link(1, 5), "summarization": Link(0, 1), "math": Link(0, 1)}


def test_the_prior_is_recomputed_from_the_papers_repeated_runs() -> None:
    rows = pd.read_csv(PAPER, comment="#")
    rows = rows[(rows["model"] == "aya-23-7b") & (rows["setting"] == "single") & (rows["samples_per_language"] == 0)]
    common, language, df = [], [], 0
    for task, link in LINKS.items():
        table = rows[(rows["task"] == task) & (rows["language"] != "en")].pivot(
            index="table", columns="language", values="score"
        )
        deviations = link.of(table.to_numpy())
        deviations -= deviations.mean(axis=0)
        runs, languages = deviations.shape
        shared = deviations.mean(axis=1, keepdims=True)
        language.append(((deviations - shared) ** 2).sum() / ((runs - 1) * (languages - 1)))
        common.append((shared**2).sum() / (runs - 1) - language[-1] / languages)
        df += runs - 1
    assert np.sqrt(np.mean(common)) == pytest.approx(COMMON_SD, abs=0.005)
    assert np.sqrt(np.mean(language)) == pytest.approx(LANGUAGE_SD, abs=0.005)
    assert df == PRIOR_DF


def test_the_spread_of_a_mean_is_that_of_its_covariance() -> None:
    means = np.array([0.1, 0.5, 0.8])
    slopes = np.diag(means * (1 - means))
    assert prior_sd(Link(0, 1), means) == pytest.approx(np.sqrt((slopes @ prior_covariance(3) @ slopes).mean()))


@pytest.mark.parametrize("link", [Link(0, np.inf), Link(-np.inf, np.inf)], ids=["losses", "no known end"])
def test_the_papers_runs_say_nothing_of_other_scales(link: Link) -> None:
    assert np.isnan(prior_sd(link, np.array([0.1, 0.5, 0.8])))


@pytest.mark.parametrize("link", [Link(0, 1), Link(1, 5), Link(0, np.inf), Link(-np.inf, np.inf)])
def test_a_score_survives_the_link_and_the_slope_is_its_derivative(link: Link) -> None:
    scores = np.array([1.2, 2.5, 4.0]) if link.high != 1 else np.array([0.1, 0.5, 0.9])
    assert link.score(link.of(scores)) == pytest.approx(scores)
    step = 1e-6
    assert (link.score(link.of(scores) + step) - scores) / step == pytest.approx(link.slope(scores), rel=1e-4)
