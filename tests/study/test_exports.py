"""What the package exports is what its `__init__` lists."""

import types

import clt.study as study


def test_exports_are_sorted_and_complete() -> None:
    public = {
        name
        for name, value in vars(study).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    constants = sorted(name for name in study.__all__ if name.isupper())
    rest = sorted(name for name in study.__all__ if not name.isupper())
    capitals = [name for name in rest if name[0].isupper()]
    assert study.__all__ == [*constants, *capitals, *(name for name in rest if name[0].islower())]
    assert set(study.__all__) == public
