"""The house: nothing imports upward, nobody reaches past another package's `__init__`, and there is no circle.

Imports inside functions count as well: they are late for speed, not to hide an arrow.
"""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

CLT = Path(__file__).resolve().parents[1] / "clt"
# From the ground up; packages of one floor do not know each other.
FLOORS = (
    {"errors", "hashing"},
    {"study"},
    {"store"},
    {"data", "models"},
    {"planning"},
    {"training", "evaluation"},
    {"statistics"},
    {"cluster"},
    {"local"},
    {"components"},
    {"pipelines"},
    {"cli"},
)
DOORS = {"components", "pipelines"}  # their files are what outsiders use, each for itself
TOP = {"", "__main__", "api", "studies"}  # may use everything; studies makes the demo's corpus and models


def modules() -> dict[str, Path]:
    """Dotted name to file of all that is below clt, its links (components, pipelines, studies) included."""
    found = {}
    for top in [CLT, *(path for path in CLT.iterdir() if path.is_symlink())]:
        for path in top.resolve().rglob("*.py"):
            inside = path.relative_to(top.resolve()).with_suffix("").parts
            found[".".join(("clt", *top.relative_to(CLT).parts, *inside)).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports(name: str) -> Iterator[str]:
    """The modules of ours that a module imports; a name that is no module counts as a name of its package."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "clt")
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "clt":
            inner = [f"{node.module}.{alias.name}" for alias in node.names if alias.name not in exported(node.module)]
            yield from (each if each in MODULES else node.module for each in inner or [node.module])


@cache
def exported(package: str) -> tuple[str, ...]:
    """What a package's `__all__` lists: a function may be named like its file."""
    if package not in MODULES:
        return ()
    tree = ast.parse(MODULES[package].read_text(encoding="utf-8"))
    lists = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return tuple(ast.literal_eval(lists[0])) if lists else ()


def room(name: str) -> str:
    return [*name.split("."), ""][1]


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(name) in rooms)


ARROWS = sorted({(name, target) for name in MODULES if room(name) not in TOP for target in imports(name)})


def test_every_package_has_a_floor() -> None:
    assert {room(name) for name in MODULES} == set().union(*FLOORS) | TOP


def test_nothing_imports_upward() -> None:
    between = [(name, target) for name, target in ARROWS if target != "clt" and room(name) != room(target)]
    assert [f"{name} -> {target}" for name, target in between if floor(target) >= floor(name)] == []


def test_nobody_reaches_past_the_face_of_another_package() -> None:
    past = [
        f"{name} -> {target}"
        for name, target in ARROWS
        if room(name) != room(target) and target.count(".") > 1 and room(target) not in DOORS
    ]
    assert past == []


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {name: {target for target in imports(name) if target != name} for name in MODULES}
    faces = {name for name, path in MODULES.items() if path.name == "__init__.py"}  # they hand names on
    files = {name: targets - faces for name, targets in graph.items() if name not in faces}
    try:
        TopologicalSorter(files).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))
