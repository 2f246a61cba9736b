"""A training that nothing disturbs, others that are, and how long each fault takes."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clt.study import Cell
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.fault_table import Fault, Measure
from tests.kubernetes.faults.trainings import LONG, TWO_NODES, Start, weights
from tests.kubernetes.launching import Planned, one_domain, plan, variables, write_study


@pytest.fixture
def fault(record_property: Callable[[str, object], None]) -> Measure:
    """`with fault(NAME) as seen:` measures from there; the test says when the fault was seen and over."""

    @contextmanager
    def measure(name: str) -> Iterator[Fault]:
        one = Fault()
        yield one
        record_property("fault", (name, one.detected, one.recovered))

    return measure


@pytest.fixture(scope="module", autouse=True)
def store_variables(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with variables(sandbox.objects.variables | {"CLT_CACHE": str(tmp_path_factory.mktemp("cache"))}):
        yield


@pytest.fixture(scope="module")
def expected(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The checksums of all checkpoints after a training that nothing disturbed, in this process."""
    from clt.training import train

    planned = plan(sandbox, write_study(tmp_path_factory.mktemp("undisturbed"), training=LONG), "-undisturbed")
    cell = planned.cell(20)
    train(planned.store, planned.record.key, cell.key, lambda *_: None)
    return weights(planned, cell)


@pytest.fixture(scope="module")
def expected_of_two(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same after a training on two nodes, as a job."""
    folder = tmp_path_factory.mktemp("undisturbed-two")
    study = write_study(folder, one_domain(sandbox), training=LONG, resources=TWO_NODES)
    planned = plan(sandbox, study, "-undisturbed-two")
    cell = planned.cell(20)
    launcher = planned.launch(cell)
    assert launcher.wait(420) == 0, launcher.log()
    return weights(planned, cell)


@pytest.fixture
def start(sandbox: Sandbox, tmp_path: Path) -> Start:
    """A study of its own for each test, planned and mixed."""

    def plan_it(
        name: str, *, pod: dict[str, Any] | None = None, resources: dict[str, Any] | None = None, **training: Any
    ) -> tuple[Planned, Cell]:
        study = write_study(tmp_path, pod, name=name, training=LONG | training, resources=resources or {})
        planned = plan(sandbox, study, f"-{name}")
        return planned, planned.cell(20)

    return plan_it


@pytest.fixture
def part() -> Iterator[Callable[[str, str], None]]:
    """Stop and start a part of the test cluster; all are started again at the end."""
    tool = os.environ.get("TEST_CLUSTER") or shutil.which("cluster")
    if tool is None:
        pytest.skip("the parts of this cluster cannot be stopped: set TEST_CLUSTER to a tool with `stop NAME`")
    stopped = set()

    def act(what: str, name: str) -> None:
        subprocess.run([tool, what, name], check=True, capture_output=True)
        stopped.add(name) if what == "stop" else stopped.discard(name)

    yield act
    for name in list(stopped):
        act("start", name)
