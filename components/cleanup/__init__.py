"""The cleanup component: see README.md."""

from clt.components.cleanup.component import cleanup

__all__ = ["cleanup"]
