"""The await_runs component: see README.md."""

from clt.components.await_runs.component import await_runs

__all__ = ["await_runs"]
