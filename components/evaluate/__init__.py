"""The evaluate component: see README.md."""

from clt.components.evaluate.component import evaluate

__all__ = ["evaluate"]
