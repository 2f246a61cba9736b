"""The pods that run this checkout can do what the tests of the launcher need of them."""

from tests.kubernetes.conftest import Sandbox
from tests.kubernetes.places import STORE_SECRET
from tests.kubernetes.pods import python, start_pod

PROGRAM = """
import os, sys
import torch, kubernetes
from clt.store import open_store
assert os.getuid() and not os.access("/", os.W_OK)
open("/cache/a", "w").close(), open("/tmp/a", "w").close()
kubernetes.config.load_incluster_config()
namespace = open("/var/run/secrets/kubernetes.io/serviceaccount/namespace").read()
print(len(kubernetes.client.CoreV1Api().list_namespaced_pod(namespace).items), "pods")
open_store(sys.argv[1])
sys.exit(7)
"""


def test_a_pod_runs_the_checkout_as_the_launcher_and_tells_how_it_ended(sandbox: Sandbox) -> None:
    pod = start_pod(sandbox.namespace, python(), "-c", PROGRAM, sandbox.store, store_secret=STORE_SECRET)
    assert pod.wait() == 7, pod.log()
    assert "1 pods" in pod.log()
