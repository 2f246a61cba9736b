"""What others may import from clt.cluster: every name is there, and importing the package loads nothing heavy."""

import subprocess
import sys

import clt.cluster
from clt.cluster import _FILE_OF

HEAVY = ("torch", "kubernetes", "pandas", "pyarrow", "kfp")


def test_every_exported_name_is_there_and_listed_once() -> None:
    assert sorted(_FILE_OF) == sorted(clt.cluster.__all__) == sorted(set(clt.cluster.__all__))
    for name in clt.cluster.__all__:
        assert getattr(clt.cluster, name) is not None


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import clt.cluster, sys; sys.exit(', '.join({set(HEAVY)} & set(sys.modules)) or None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_functions_say_what_they_take_return_and_raise() -> None:
    """In Google's form: a section for the arguments where there are several."""
    functions = [getattr(clt.cluster, name) for name in clt.cluster.__all__ if name.islower()]
    for function in functions:
        text = function.__doc__ or ""
        assert "Args:" in text and ("Returns:" in text or "Yields:" in text or "Raises:" in text), function
