"""A study of the demo whose jobs run this checkout in the cluster's pods, and launchers of them."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clt.cluster import Installation, JobSpec
from clt.cluster.jobs.job_spec import Kind
from clt.cluster.jobs.naming import job_name
from clt.store import Store, open_store, read_record
from clt.study import Cell, StudyRecord
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import get
from tests.kubernetes.places import STORE_SECRET
from tests.kubernetes.pods import IMAGE, PATH, POD_FIELDS, Pod, checkout, python, start_pod

STUDY = """
name: two-cells
models: [{name: small, path: demo:small, bytes_per_token: 4.0}]
tasks:
  math:
    train: demo:math_train.{language}.jsonl
    test: demo:math_test.{language}.jsonl
    prompt: "{question}\\n"
    metrics: [math_answer, bits_per_byte]
    max_new_tokens: 4
languages: {english: en, train: [es], evaluate: [en, es, pt]}
mixtures: [{english_samples: 40, samples_per_language: [5, 20]}]
training:
  {max_steps: 12, batch_size: 8, learning_rate: 1.0e-3, max_tokens: 128, checkpoint_every: 4, validation_rows: 4}
evaluation: {max_items: 6, batch_size: 18}
resources:
  training: {cpu: 1, memory: 2Gi, shared_memory: 64Mi}
  evaluation: {cpu: 1, memory: 2Gi, shared_memory: 64Mi}
"""
INSTALLATION = Installation(job_image=IMAGE, store_secret=STORE_SECRET, pod_fields=POD_FIELDS)
# Process 1 cannot be killed from within its container; this one passes SIGTERM on, as KFP's launcher does.
SHELL = """
trap 'kill -TERM $child' TERM
"$@" & child=$!
echo $child > /tmp/pid
wait $child  # ends early when the trap has run
wait $child
"""
LAUNCH = """
import sys
from clt.cluster import JobSpec, run_job
from clt.errors import UserError
kind, store, study, cell, run = sys.argv[1:]
try:
    run_job(JobSpec(kind=kind, store=store, study_key=study, cell_key=cell, run=run))
except UserError as error:
    sys.exit(f"{type(error).__name__}: {error}")
print("complete")
"""


def write_study(
    folder: Path, pod: dict[str, Any] | None = None, mounts: Sequence[dict[str, Any]] = (), **changes: Any
) -> Path:
    """The study file; `changes` replace fields, a mapping is merged into the one there.

    `pod` and `mounts` (of the checkout's volumes) are for the jobs' pods.
    """
    study = yaml.safe_load(STUDY)
    own = checkout()
    path = {"name": "PATH", "value": PATH}  # where a job finds python3
    container = {
        "name": "pytorch",
        "env": [*own["env"], path],
        "volumeMounts": [*own["volumeMounts"], *mounts],
        "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}},  # several jobs fit on a small node
    }
    study["resources"]["pod"] = {"spec": {"containers": [container], "volumes": own["volumes"]} | (pod or {})}
    for name, value in changes.items():
        study[name] = study.get(name, {}) | value if isinstance(value, dict) else value
    file = folder / "study.yaml"
    file.write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    return file


@dataclass(frozen=True)
class Planned:
    """A study in the store of a sandbox, mixed."""

    sandbox: Sandbox
    store: Store
    record: StudyRecord

    def cell(self, samples: int) -> Cell:
        (found,) = [cell for cell in self.record.grid.cells if f"-n{samples}-" in f"{cell.key}-"]
        return found

    def spec(self, cell: Cell, kind: Kind = "training", run: str = "") -> JobSpec:
        return JobSpec(kind=kind, store=self.store.uri, study_key=self.record.key, cell_key=cell.key, run=run)

    def job(self, cell: Cell, kind: Kind = "training", attempt: int = 1) -> str:
        """The name of the PyTorchJob."""
        return job_name(self.spec(cell, kind), self.record, attempt)

    def launch(self, cell: Cell, kind: Kind = "training", run: str = "run-1") -> Pod:
        """A launcher in a pod of its own, under its own service account."""
        spec = self.spec(cell, kind, run)
        return start_pod(
            self.sandbox.namespace,
            *("sh", "-c", SHELL, "sh"),
            *(python(), "-c", LAUNCH, spec.kind, spec.store, spec.study_key, spec.cell_key, run),
            environment=INSTALLATION.environment(),
            store_secret=STORE_SECRET,
        )

    def is_complete(self, cell: Cell) -> bool:
        return self.store.manifest(self.record.training_key(cell)) is not None


def plan(sandbox: Sandbox, study: Path, prefix: str = "") -> Planned:
    """Plan and mix the study in this process, in a store of the sandbox's."""
    from clt.data import mix
    from clt.planning import plan_study
    from clt.study import load_study, resolve

    store = open_store(sandbox.store + prefix)
    key = plan_study(store, resolve(load_study(study, pod_fields=POD_FIELDS), study.parent), text=study.read_text()).key
    record = read_record(store, key)
    for cell in record.grid.cells:
        mix(store, key, cell.key)
    return Planned(sandbox, store, record)


@contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    """Environment variables of this process, put back at the end."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def until(what: Callable[[], Any], seconds: float = 120, pause: float = 0.5) -> Any:
    """The first true value of a question that is asked again and again. AssertionError when time is up."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(pause)
    return found


def jobs(namespace: str) -> list[dict[str, Any]]:
    return list(get("pytorchjobs", f"--namespace={namespace}")["items"])


def pods_of(namespace: str, job: str) -> list[dict[str, Any]]:
    labels = f"--selector=training.kubeflow.org/job-name={job}"
    return list(get("pods", f"--namespace={namespace}", labels)["items"])


def in_process(planned: Planned, cell: Cell, kind: Kind = "training") -> None:
    """Launch from this process, as the administrator of the test cluster."""
    from clt.cluster import Cluster
    from clt.cluster.jobs.launch import launch

    launch(planned.spec(cell, kind), planned.record, INSTALLATION, Cluster.connect(planned.sandbox.namespace))
    sys.stdout.flush()


def one_domain(sandbox: Sandbox) -> dict[str, Any]:
    """DNS without the search domains in which a Master is not: busybox's nslookup, with which the operator's init
    container waits for it, fails if one of several has no answer."""
    services = [service for service in get("services", "--namespace=kube-system")["items"] if _is_dns(service)]
    config = {
        "nameservers": [services[0]["spec"]["clusterIP"]],
        "searches": [f"{sandbox.namespace}.svc.cluster.local"],
    }
    return {"dnsPolicy": "None", "dnsConfig": config}


def _is_dns(service: dict[str, Any]) -> bool:
    return any(port["port"] == 53 for port in service["spec"]["ports"])
