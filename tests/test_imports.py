"""The layers: nothing imports upward, outsiders use what a package exports, and no files import each other in a circle.

Imports inside functions count as well: they are late for speed, not to hide an arrow.
"""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

CLT = Path(__file__).resolve().parents[1] / "clt"
# Layers of packages, from the ground up; packages of one layer do not know each other.
LAYERS = (
    {"errors", "hashing", "languages", "logs", "progress"},
    {"metrics"},
    {"study"},
    {"store"},
    {"data", "models", "endpoints"},
    {"planning"},
    {"training", "evaluation"},
    {"statistics"},
    {"baselines"},
    {"cluster"},
    {"local"},
    {"next_cells"},
    {"components"},
    {"pipelines"},
    {"cli"},
)
WITHOUT_EXPORTS = {"components", "pipelines"}  # outsiders import their files, each for itself
TOP = {"", "__main__", "api", "studies"}  # may use everything, and nothing below uses them; "" is clt itself


def modules() -> dict[str, Path]:
    """Dotted name to file of all that is below clt, its links (components, pipelines, studies) included."""
    found = {}
    for top in [CLT, *(path for path in CLT.iterdir() if path.is_symlink())]:
        for path in top.resolve().rglob("*.py"):
            inside = path.relative_to(top.resolve()).with_suffix("").parts
            found[".".join(("clt", *top.relative_to(CLT).parts, *inside)).removesuffix(".__init__")] = path
    return found


MODULES = modules()


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imports(name: str) -> Iterator[str]:
    """The modules of ours that a module imports; a name that is no module counts as a name of its package."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "clt")
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "clt":
            inner = [f"{node.module}.{alias.name}" for alias in node.names if alias.name not in exports(node.module)]
            yield from (each if each in MODULES else node.module for each in inner or [node.module])


@cache
def exports(package: str) -> tuple[str, ...]:
    """What a package's `__all__` lists: a function may be named like its file."""
    if package not in MODULES:
        return ()
    lists = [
        node.value
        for node in tree(package).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return tuple(ast.literal_eval(lists[0])) if lists else ()


def package(name: str) -> str:
    """The first name below clt; empty for clt itself."""
    return [*name.split("."), ""][1]


def layer(name: str) -> int:
    return next(number for number, packages in enumerate(LAYERS) if package(name) in packages)


# From a module to what it imports of other packages.
BETWEEN = sorted(
    (name, target)
    for name in MODULES
    if package(name) not in TOP
    for target in set(imports(name))
    if package(name) != package(target)
)


def test_every_package_has_a_layer() -> None:
    assert {package(name) for name in MODULES} == set().union(*LAYERS) | TOP


def test_every_import_has_its_whole_name() -> None:
    relative = [
        f"{name}: line {node.lineno}"
        for name in MODULES
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == [], "the other tests here do not see relative imports"


def test_nothing_below_imports_what_notebooks_use() -> None:
    assert [f"{name} -> {target}" for name, target in BETWEEN if package(target) in TOP] == []


def test_nothing_imports_upward() -> None:
    known = [(name, target) for name, target in BETWEEN if package(target) not in TOP]
    assert [f"{name} -> {target}" for name, target in known if layer(target) >= layer(name)] == []


def test_outsiders_use_what_a_package_exports() -> None:
    past = [
        f"{name} -> {target}"
        for name, target in BETWEEN
        if target.count(".") > 1 and package(target) not in WITHOUT_EXPORTS
    ]
    assert past == []


def test_no_files_import_each_other_in_a_circle() -> None:
    """Nor through an `__init__`: a package's files do not import what their own package exports."""
    try:
        TopologicalSorter({name: set(imports(name)) - {name} for name in MODULES}).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))
