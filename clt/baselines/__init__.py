"""Recurring baselines: what their runs say.

Each name is imported at its first use: pages need jinja2 and rich, and most who import this package need neither.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clt.baselines.document import Verdict
    from clt.baselines.page import render_history, verdict_markdown, verdict_text

_LATE = {"Verdict": "document", "render_history": "page", "verdict_markdown": "page", "verdict_text": "page"}

__all__ = ["Verdict", "render_history", "verdict_markdown", "verdict_text"]


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
