"""The train component: see README.md."""

from clt.components.train.component import train

__all__ = ["train"]
