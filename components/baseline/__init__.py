"""The baseline component: see README.md."""

from clt.components.baseline.component import baseline

__all__ = ["baseline"]
