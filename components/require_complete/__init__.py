"""The require_complete component: see README.md."""

from clt.components.require_complete.component import require_complete

__all__ = ["require_complete"]
