"""From sources to mixtures: inspection, test items, nested selection, decontamination. Torch-free, streaming."""

from clt.data.inspection import inspect_sources
from clt.data.mixture import mix

__all__ = ["inspect_sources", "mix"]
