"""Evaluate a cell: generate answers, take the likelihood of the references, and store every item's scores."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from clt.evaluation.step import evaluate

if TYPE_CHECKING:
    from clt.evaluation.judge import Agreement, Answered, Calibration, Estimate, Ratings, calibrate, rate, read_rated
    from clt.evaluation.metric_module import load_metric

__all__ = [
    "Agreement",
    "Answered",
    "Calibration",
    "Estimate",
    "Ratings",
    "calibrate",
    "evaluate",
    "load_metric",
    "rate",
    "read_rated",
]

_OF_THE_JUDGE = ("Agreement", "Answered", "Calibration", "Estimate", "Ratings", "calibrate", "rate", "read_rated")
_LATER = {"load_metric": "metric_module", **dict.fromkeys(_OF_THE_JUDGE, "judge")}  # what imports something heavy


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"clt.evaluation.{_LATER[name]}"), name)
    raise AttributeError(name)


def __dir__() -> list[str]:
    return __all__
