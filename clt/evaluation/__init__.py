"""Evaluate a cell: generate answers, take the likelihood of the references, and store every item's scores."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from clt.evaluation.step import evaluate

if TYPE_CHECKING:
    from clt.evaluation.judge import Agreement, Calibration, Estimate, calibrate, read_rated
    from clt.evaluation.metric_module import load_metric

__all__ = ["Agreement", "Calibration", "Estimate", "calibrate", "evaluate", "load_metric", "read_rated"]

_LATER = {  # what imports something heavy, and from which file
    "load_metric": "metric_module",
    **dict.fromkeys(("Agreement", "Calibration", "Estimate", "calibrate", "read_rated"), "judge"),
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"clt.evaluation.{_LATER[name]}"), name)
    raise AttributeError(name)


def __dir__() -> list[str]:
    return __all__
