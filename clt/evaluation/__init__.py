"""Evaluate a cell: generate answers, take the likelihood of the references, and store every item's scores."""

from typing import TYPE_CHECKING, Any

from clt.evaluation.step import evaluate

if TYPE_CHECKING:
    from clt.evaluation.registry import load_metric

__all__ = ["evaluate", "load_metric"]


def __getattr__(name: str) -> Any:
    if name == "load_metric":  # imports `evaluate`, which takes a second
        from clt.evaluation.registry import load_metric

        return load_metric
    raise AttributeError(name)


def __dir__() -> list[str]:
    return __all__
