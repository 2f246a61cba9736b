"""Runs nested in their seeds: a run made again with the same seed is no further run.

Data, order and first weights are the seed's. What repeats of one seed differ by is left to hardware and software, and
says nothing of what another seed would have given: taken for runs they would make every interval too narrow. So the
mean over the repeats of a seed is its run (`clt report --repeats` compares the repeats of a plan themselves).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clt.statistics.scores.sample import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedSeed:
    """A seed that was trained with several times."""

    seed: str
    repeats: int
    different: int  # repeats with scores of their own; 1: nothing was redrawn


def nested_in_seeds(sample: Sample, seeds: Sequence[str]) -> tuple[Sample, tuple[str, ...], tuple[RepeatedSeed, ...]]:
    """The sample with one run a seed, the seeds in their order, and those that have several runs.

    `seeds` holds that of each run, along the first axis of the scores.
    """
    names = tuple(dict.fromkeys(seeds))
    if len(names) == len(seeds):
        return sample, names, ()
    of_seed = [sample.scores[np.array(seeds) == name] for name in names]
    repeated = tuple(
        RepeatedSeed(seed=name, repeats=len(scores), different=len({repeat.tobytes() for repeat in scores}))
        for name, scores in zip(names, of_seed, strict=True)
        if len(scores) > 1
    )
    return replace(sample, scores=np.stack([scores.mean(axis=0) for scores in of_seed])), names, repeated
