"""The reaper as it is installed: the CronJob's own pod, with its own few rights."""

from datetime import UTC, datetime, timedelta
from typing import Any

from clt.cluster import Cluster
from clt.cluster.jobs.lease import Lease
from clt.cluster.jobs.naming import MANAGED
from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.kubectl import create, get
from tests.kubernetes.launching import jobs, until
from tests.kubernetes.pods import IMAGE, PATH, Pod, checkout


def make_job(namespace: str, name: str, *, labels: dict[str, str], silent: timedelta | None) -> None:
    """A job that would hold its pod for an hour, and the Lease of a launcher silent for so long, if any."""
    container = {"name": "pytorch", "image": IMAGE, "imagePullPolicy": "IfNotPresent", "command": ["sleep", "3600"]}
    master = {"replicas": 1, "restartPolicy": "Never", "template": {"spec": {"containers": [container]}}}
    metadata = {"name": name, "labels": labels}
    job = {"apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob", "metadata": metadata}
    create(job | {"spec": {"pytorchReplicaSpecs": {"Master": master}}}, f"--namespace={namespace}")
    if silent is None:
        return
    spec = {
        "holderIdentity": "a-launcher",
        "leaseDurationSeconds": 60,
        "renewTime": (datetime.now(UTC) - silent).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    lease: dict[str, Any] = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata}
    create(lease | {"spec": spec}, f"--namespace={namespace}")


def start_reaper(namespace: str) -> Pod:
    """A pod from the CronJob's template, with this checkout in the place of the image (test_images has that)."""
    cronjob = get("cronjob", "clt-reaper", f"--namespace={namespace}")
    template = cronjob["spec"]["jobTemplate"]["spec"]["template"]
    metadata, spec = template["metadata"] | {"generateName": "clt-reaper-"}, template["spec"]
    own, (container,) = checkout(), spec["containers"]
    container["image"] = IMAGE
    container["env"] += [*own["env"], {"name": "PATH", "value": PATH}]
    container["volumeMounts"] = own["volumeMounts"]
    spec["volumes"] = own["volumes"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    made = create(pod, f"--namespace={namespace}")
    return Pod(namespace, made["metadata"]["name"])


def names(sandbox: Sandbox, kind: str) -> set[str]:
    return {thing["metadata"]["name"] for thing in get(kind, f"--namespace={sandbox.namespace}")["items"]}


def test_a_job_that_nobody_watches_is_freed_and_no_other(sandbox: Sandbox) -> None:
    make_job(sandbox.namespace, "abandoned", labels=MANAGED, silent=timedelta(hours=1))
    make_job(sandbox.namespace, "watched", labels=MANAGED, silent=None)
    launcher = Lease(Cluster.connect(sandbox.namespace), "watched", MANAGED)
    assert launcher.take()
    make_job(sandbox.namespace, "somebody-elses", labels={}, silent=timedelta(hours=1))
    until(lambda: len(names(sandbox, "pods") & {"abandoned-master-0", "watched-master-0"}) == 2)
    reaper = start_reaper(sandbox.namespace)
    assert reaper.wait(180) == 0, reaper.log()
    assert reaper.log().startswith("abandoned: ")
    assert reaper.log().splitlines()[-1] == f"1 deleted in namespace {sandbox.namespace}"
    until(lambda: "abandoned-master-0" not in names(sandbox, "pods"))
    assert {job["metadata"]["name"] for job in jobs(sandbox.namespace)} == {"watched", "somebody-elses"}
    assert names(sandbox, "leases") == {"watched", "somebody-elses"}
    launcher.release()
