"""From sources to mixtures: inspection, test items, nested selection, decontamination. Torch-free, streaming."""

from clt.data.catalog import Catalog
from clt.data.file_content import unused_conversions
from clt.data.inspection import inspect_catalog, inspect_sources, splits_needed
from clt.data.mixture import mix
from clt.data.shots import choose_shots

__all__ = [
    "Catalog",
    "choose_shots",
    "inspect_catalog",
    "inspect_sources",
    "mix",
    "splits_needed",
    "unused_conversions",
]
