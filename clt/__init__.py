"""Measure cross-lingual transfer in multilingual post-training.

What a notebook uses is exported here (docs/python.md); each name is imported at its first use, so that `import clt`
costs nothing. The packages below are the library (docs/architecture.md).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clt.api import (
        CellEvent,
        compute_statistics,
        export_model,
        load_study,
        plan,
        read_scores,
        run,
        status,
        write_report,
    )
    from clt.errors import CellFailure, DataError, StoreError, StudyError, UserError
    from clt.local import CellStatus, RunResult
    from clt.planning import Plan
    from clt.statistics import ScoreTable, Statistics
    from clt.store import Store, open_store
    from clt.study import Cell, Study

__all__ = [
    "Cell",
    "CellEvent",
    "CellFailure",
    "CellStatus",
    "DataError",
    "Plan",
    "RunResult",
    "ScoreTable",
    "Statistics",
    "Store",
    "StoreError",
    "Study",
    "StudyError",
    "UserError",
    "compute_statistics",
    "export_model",
    "load_study",
    "open_store",
    "plan",
    "read_scores",
    "run",
    "status",
    "write_report",
]

_HOMES = {
    "clt.errors": ("CellFailure", "DataError", "StoreError", "StudyError", "UserError"),
    "clt.local": ("CellStatus", "RunResult"),
    "clt.planning": ("Plan",),
    "clt.statistics": ("ScoreTable", "Statistics"),
    "clt.store": ("Store", "open_store"),
    "clt.study": ("Cell", "Study"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "clt.api")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
