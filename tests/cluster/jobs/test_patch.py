"""A study's patch of the pod template is merged as Kubernetes merges one."""

from pathlib import Path

import pytest

from clt.cluster.jobs.patch import strategic_merge
from clt.errors import StudyError
from tests.cluster.jobs.conftest import record_with


def test_a_patch_merges_named_things_and_replaces_the_rest() -> None:
    base = {
        "metadata": {"labels": {"a": "1"}},
        "spec": {
            "containers": [{"name": "pytorch", "env": [{"name": "A", "value": "1"}], "command": ["x", "y"]}],
            "volumes": [{"name": "cache", "emptyDir": {}}],
            "automountServiceAccountToken": False,
        },
    }
    patch = {
        "metadata": {"labels": {"b": "2"}},
        "spec": {
            "containers": [
                {"name": "pytorch", "env": [{"name": "A", "value": "9"}, {"name": "B", "value": "2"}], "command": ["z"]}
            ],
            "volumes": [{"name": "cache", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "more"}],
            "automountServiceAccountToken": None,
        },
    }
    merged = strategic_merge(base, patch)
    assert merged["metadata"]["labels"] == {"a": "1", "b": "2"}
    assert merged["spec"] == {
        "containers": [
            {"name": "pytorch", "env": [{"name": "A", "value": "9"}, {"name": "B", "value": "2"}], "command": ["z"]}
        ],
        "volumes": [{"name": "cache", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "more"}],
    }


@pytest.mark.parametrize("text", ["pod", "[1]"])
def test_a_patch_must_be_a_mapping(tmp_path: Path, text: str) -> None:
    with pytest.raises(StudyError, match="pod"):
        record_with(tmp_path, {"pod": text})
