"""The mix component: see README.md."""

from clt.components.mix.component import mix

__all__ = ["mix"]
