"""Trackers that show a training while it runs, beside metrics.jsonl: CLT_TRACKERS=wandb,mlflow in its environment.

Where a training is watched is no part of the study, so a study file says nothing of it. Addresses, projects and secrets
are the trackers' own variables, such as WANDB_API_KEY, WANDB_PROJECT and MLFLOW_TRACKING_URI.
"""

import importlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from clt.errors import CellFailure
from clt.hashing import digest

VARIABLE = "CLT_TRACKERS"
_LOG = logging.getLogger("clt.training")

Scalars = Mapping[str, float]


class Tracker(Protocol):
    """One run of a tracker."""

    def log(self, scalars: Scalars, step: int) -> object: ...

    def end(self) -> object: ...


class Wandb:
    """A run of Weights & Biases, the same again when a training goes on."""

    def __init__(self, package: Any, name: str, facts: Mapping[str, Any]) -> None:
        self._run = package.init(id=digest([name, dict(facts)])[:16], name=name, config=dict(facts), resume="allow")

    def log(self, scalars: Scalars, step: int) -> None:
        self._run.log(dict(scalars), step=step)

    def end(self) -> None:
        self._run.finish()


class Mlflow:
    """A run of MLflow; a training that goes on makes another one of its name."""

    def __init__(self, package: Any, name: str, facts: Mapping[str, Any]) -> None:
        self._client = package.MlflowClient()
        experiment = package.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME", "clt"))
        self._run = self._client.create_run(experiment.experiment_id, run_name=name).info.run_id
        for key, value in facts.items():
            self._client.log_param(self._run, key, value)

    def log(self, scalars: Scalars, step: int) -> None:
        for name, value in scalars.items():
            self._client.log_metric(self._run, name, value, step=step)

    def end(self) -> None:
        self._client.set_terminated(self._run)


_KINDS: dict[str, Callable[[Any, str, Mapping[str, Any]], Tracker]] = {"wandb": Wandb, "mlflow": Mlflow}


@contextmanager
def tracked(name: str, facts: Mapping[str, Any], is_main: bool) -> Iterator[Callable[[Scalars, int], None]]:
    """What is called with scalars by name, and their step; it does nothing where no tracker is asked for.

    A tracker that fails is warned of once and left alone from then on: it never ends a training.

    Args:
        name: Of the run.
        facts: That tell it from others.
        is_main: Only the main process of a training tracks.

    Raises:
        CellFailure: The variable names an unknown tracker, or one whose package is not installed.
    """
    packages = {tracker: _package(tracker) for tracker in _asked()} if is_main else {}
    trackers: dict[str, Tracker] = {}

    def attempt(tracker: str, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception as error:  # whatever a network or a server does
            trackers.pop(tracker, None)
            _LOG.warning(f"{tracker} does not track this training any more: {type(error).__name__}: {error}")

    def begin(tracker: str) -> None:
        trackers[tracker] = _KINDS[tracker](packages[tracker], name, facts)

    def log(scalars: Scalars, step: int) -> None:
        for tracker, run in list(trackers.items()):
            attempt(tracker, partial(run.log, scalars, step))

    for tracker in packages:
        attempt(tracker, partial(begin, tracker))
    try:
        yield log
    finally:
        for tracker, run in list(trackers.items()):
            attempt(tracker, run.end)


def _asked() -> list[str]:
    names = [name.strip() for name in os.environ.get(VARIABLE, "").split(",")]
    return [name for name in dict.fromkeys(names) if name]


def _package(tracker: str) -> Any:
    if tracker not in _KINDS:
        raise CellFailure(f"{VARIABLE}: got {tracker!r}, expected some of {', '.join(_KINDS)}, separated by commas")
    try:
        return importlib.import_module(tracker)
    except ImportError:
        raise CellFailure(
            f"{VARIABLE}: {tracker} is not installed; pip install 'cross-lingual-transfer[{tracker}]', in the image "
            "of the jobs too"
        ) from None
