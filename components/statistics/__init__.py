"""The statistics component: see README.md."""

from clt.components.statistics.component import statistics

__all__ = ["statistics"]
