"""The fetch component: see README.md."""

from clt.components.fetch.component import fetch

__all__ = ["fetch"]
