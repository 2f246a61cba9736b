"""Score generated text: which metric modules there are, and loading one by name without a network."""

import importlib.util
import inspect
import sys
import tempfile
from functools import cache
from pathlib import Path

from clt.evaluation.item_metric import ItemMetric

METRICS_FOLDER = Path(__file__).parent / "metrics"


@cache
def load_metric(name: str) -> ItemMetric:
    """The `evaluate` module metrics/NAME.py, once a process.

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
