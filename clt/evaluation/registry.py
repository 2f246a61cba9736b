"""Metrics by name: modules that score generated text, loaded without a network, and functions of a likelihood."""

import importlib.util
import inspect
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from clt.evaluation.bits_per_byte import bits_per_byte
from clt.evaluation.item_metric import ItemMetric

METRICS_FOLDER = Path(__file__).parent / "metrics"
# Of the reference's bits (None: it cannot be asked for) and the reference; NaN: unscored.
LIKELIHOOD_METRICS: dict[str, Callable[[float | None, str], float]] = {"bits_per_byte": bits_per_byte}


@cache
def load_metric(name: str) -> ItemMetric:
    """The `evaluate` module metrics/NAME.py, once a process; `name` is one of METRICS that scores generated text.

    Loaded from its path and held in memory. `evaluate.load(path)` works for these files too, but it copies each of them
    into a cache folder in the home directory behind a file lock, which a pod may not have and workers would queue for.
    """
    spec = importlib.util.spec_from_file_location(f"clt.evaluation.metrics.{name}", METRICS_FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # what inspect needs to find its docstring
    spec.loader.exec_module(module)
    for member in vars(module).values():
        if inspect.isclass(member) and issubclass(member, ItemMetric) and not inspect.isabstract(member):
            return member(keep_in_memory=True, cache_dir=tempfile.gettempdir())
    raise AssertionError(f"metrics/{name}.py holds no metric")
