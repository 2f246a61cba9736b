"""The plan component: see README.md."""

from clt.components.plan.component import plan

__all__ = ["plan"]
