"""The pipeline's image itself, in a namespace that admits nothing beyond Pod Security's `restricted`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clt.components.image import IMAGE
from tests.kubernetes.back_end import Run, compile_here
from tests.kubernetes.conftest import ObjectStore, Sandbox
from tests.kubernetes.kubectl import get, kubectl
from tests.kubernetes.launching import write_study
from tests.kubernetes.places import RESTRICTED, apply, fresh_namespace, make_store_secret, place
from tests.kubernetes.pods import start_pod

pytestmark = pytest.mark.timeout(600)

# Where the images have the demo, whose rows and models jobs in this checkout's pods must find, too.
DEMO = "/opt/venv/lib/python3.11/site-packages/clt/studies/demo"


@pytest.fixture(scope="module")
def image(cluster: None) -> str:
    """Skip where no node has the image: which registry has it, if any, only the user knows."""
    images = [
        name for node in get("nodes")["items"] for image in node["status"]["images"] for name in image["names"] or ()
    ]
    if not any(name.endswith(IMAGE) for name in images):
        pytest.skip(f"no node has {IMAGE}: images/README.md says how to build and load it")
    return IMAGE


@pytest.fixture(scope="module")
def restricted(image: str, objects: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with fresh_namespace(RESTRICTED) as namespace:
        make_store_secret(namespace, objects.access_key, objects.secret_key, objects.endpoint)
        apply(place(tmp_path_factory.mktemp("place"), "base", namespace))
        yield Sandbox(namespace, objects)


def test_the_image_tells_its_version(restricted: Sandbox) -> None:
    pod = start_pod(restricted.namespace, "clt", "--version", image=IMAGE)
    assert pod.wait() == 0, pod.log()
    assert pod.log() == f"clt, version {IMAGE.rpartition(':')[2]}\n"


def test_the_reaper_as_the_cronjob_starts_it_ends_well(restricted: Sandbox) -> None:
    namespace = f"--namespace={restricted.namespace}"
    kubectl("create", "job", "reaper-now", "--from=cronjob/clt-reaper", namespace)
    kubectl("wait", "job/reaper-now", "--for=condition=Complete", "--timeout=100s", namespace)
    assert kubectl("logs", "job/reaper-now", namespace) == f"0 deleted in namespace {restricted.namespace}\n"


def test_tasks_that_launch_no_job_need_nothing_beside_the_image(restricted: Sandbox, tmp_path: Path) -> None:
    study = write_study(tmp_path, resources={"pod": {}})
    run = Run(restricted, compile_here(tmp_path), f"{restricted.store}/image", image=IMAGE)
    study_key, cells = run.plan(study.read_text(encoding="utf-8"))
    mixed = run.task("mix", study_key=study_key, cell_key=cells[-1])
    assert mixed.metadata("mixture")["store_uri"] == run.store
    cleanup = run.task("cleanup")
    assert f"0 of {len(cells)} cells complete" in cleanup.log and not cleanup.parameters


def test_a_launcher_in_the_image_trains_in_other_pods(image: str, sandbox: Sandbox, tmp_path: Path) -> None:
    demo = {"name": "checkout", "mountPath": DEMO, "subPath": "studies/demo", "readOnly": True}
    study = write_study(tmp_path, mounts=[demo])
    run = Run(sandbox, compile_here(tmp_path), f"{sandbox.store}/image", image=image)
    study_key, cells = run.plan(study.read_text(encoding="utf-8"))
    cell = cells[-1]
    for task in ("mix", "train"):
        done = run.task(task, study_key=study_key, cell_key=cell)
        assert done.code == 0, done.log
    assert ": created\n" in done.log
    assert done.metadata("model")["cell"] == cell and done.metadata("model")["checksum"]
