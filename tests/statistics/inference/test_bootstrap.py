"""Resamples of items that not all languages have: spread as of independent draws, whatever is shared."""

import numpy as np
import pytest

from clt.statistics.inference.bootstrap import draw, resampled_means
from clt.statistics.scores.sample import Sample


def sample_of(mask: np.ndarray) -> Sample:
    """Normal scores of one run at one point."""
    scores = np.where(mask, np.random.default_rng(3).normal(size=mask.shape), 0.0)
    items = tuple(f"{k:04d}" for k in range(len(mask)))
    return Sample(items=items, scores=scores[None, :, None], mask=mask, present=np.ones((1, mask.shape[1]), dtype=bool))


@pytest.mark.parametrize("missing", [0.0, 0.2, 0.5])
def test_items_that_go_missing_language_by_language_keep_their_part_of_the_variance(missing: float) -> None:
    """Drawn only among items of the very same languages, most of them had nobody to change places with."""
    sample = sample_of(np.random.default_rng(1).random((200, 8)) >= missing)
    found = resampled_means(sample, draw(sample, 4000))[:, 0].std(axis=0)
    for k, error in enumerate(found):
        scores = sample.scores[0, sample.mask[:, k], 0, k]
        assert error == pytest.approx(scores.std() / np.sqrt(len(scores)), rel=0.06)


def test_test_sets_of_their_own_keep_their_number_of_items_in_every_resample() -> None:
    mask = np.repeat(np.eye(3, dtype=bool), 5, axis=0)
    assert (draw(sample_of(mask), 50) @ mask == 5).all()


def test_a_language_of_one_item_has_no_resamples() -> None:
    mask = np.ones((20, 2), dtype=bool)
    mask[1:, 1] = False
    means = resampled_means(sample_of(mask), draw(sample_of(mask), 50))
    assert np.isfinite(means[..., 0]).all() and np.isnan(means[..., 1]).all()
