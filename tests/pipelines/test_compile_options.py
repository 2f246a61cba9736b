"""What a cluster would refuse is refused when compiling, with the option and what is expected."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from clt.components.image import GPU_IMAGE, IMAGE
from clt.errors import UserError
from clt.pipelines.compile import compile_pipeline
from clt.pipelines.compile_options import (
    BACKENDS,
    CompileOptions,
    check_options,
    parse_node_selector,
    parse_tolerations,
)
from tests.pipelines.compiled import FULL, compiled

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"image": "has space"}, "--image has space: expected an image such as"),
        ({"gpu_image": "clt@sha256:12"}, "--gpu-image clt@sha256:12: expected an image"),
        ({"store_secret": "Clt_Store"}, "--store-secret Clt_Store: expected the name of an object"),
        ({"hub_secret": "-hub"}, "--hub-secret -hub: expected the name"),
        ({"cache_claim": "a/b"}, "--cache-claim a/b: expected the name"),
        ({"cache_claim": "models", "gpu_image": ""}, "--cache-claim models: expected it with --gpu-image"),
        ({"data_claim": "a/b"}, "--data-claim a/b: expected the name"),
        (
            {"endpoint": "minio:9000"},
            "--store-endpoint minio:9000: expected an address such as http://minio.example:9000",
        ),
        ({"endpoint": "http://minio:9000/bucket"}, "--store-endpoint http://minio:9000/bucket: expected an address"),
        ({"gpus": 2}, "--gpus 2 with --gpu-image: expected one of them"),
        ({"backend": "2.13"}, "--backend 2.13: expected one of 2.14, 2.15, 2.16, 2.17"),
        ({"parallelism": 0}, "--parallelism 0: expected at least 1"),
        ({"retries": -1}, "--retries -1: expected at least 0"),
        ({"timeout_hours": 0}, "--timeout-hours 0: expected at least 1"),
    ],
)
def test_what_a_cluster_would_refuse_is_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as refused:
        check_options(replace(FULL, **changed))
    assert str(refused.value).startswith(message)


def test_a_password_in_the_endpoint_is_not_repeated() -> None:
    with pytest.raises(UserError, match="--store-endpoint: has a user or a password") as refused:
        check_options(CompileOptions(endpoint="http://me:hunter2@minio:9000"))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", ["pool", "=cpu", "a b=c", "pool=c d", "pool=-"])
def test_what_is_no_label_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="expected KEY=VALUE, such as pool=cpu"):
        parse_node_selector([text])


@pytest.mark.parametrize("text", ["gpu", "gpu=yes", "gpu=yes:Never", ":NoSchedule", "=yes:NoSchedule"])
def test_what_is_no_taint_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="expected KEY=VALUE:EFFECT or KEY:EFFECT, EFFECT one of NoSchedule"):
        parse_tolerations([text])


def test_images_that_may_change_are_named(tmp_path: Path) -> None:
    said = compile_pipeline(tmp_path / "pipeline.yaml", CompileOptions(gpu_image="gpu:1", image="pipeline:1"))
    assert [line.split(" is not named by digest")[0] for line in said[:2]] == ["image pipeline:1", "image gpu:1"]
    assert not any("digest" in line for line in compile_pipeline(tmp_path / "pipeline.yaml", FULL))


def test_without_an_image_of_jobs_the_pods_train_themselves(tmp_path: Path) -> None:
    here = compiled(tmp_path, CompileOptions(gpus=2, hub_secret="hub", judge_secret="keys", data_claim="corpora"))
    for name in ("train", "evaluate"):
        accelerator = here.container(name)["resources"]["accelerator"]
        assert (accelerator["resourceType"], accelerator["resourceCount"]) == ("nvidia.com/gpu", "2")
        assert here.pod(name)["pvcMount"] and "hub" in here.secrets(name)
        assert here.secrets(name)["keys"] == here.environment(name)["CLT_ENDPOINT_KEYS"]
        assert here.environment(name)["CLT_IMAGE"] == GPU_IMAGE
    for name in here.leaves:
        assert here.container(name)["image"] == GPU_IMAGE
        assert "CLT_JOB_IMAGE" not in here.environment(name)
    assert "accelerator" not in here.container("mix")["resources"]


def test_images_of_this_version_are_the_default() -> None:
    assert CompileOptions().pipeline_image == GPU_IMAGE
    assert CompileOptions(gpu_image="gpu:1").pipeline_image == IMAGE


def test_no_secret_is_mounted_where_there_is_none(tmp_path: Path) -> None:
    without = compiled(tmp_path, CompileOptions(store_secret=""))
    assert not any("secretAsVolume" in pod for pod in without.platform.values())
    assert not any("OBJECT_STORE_SECRET" in without.environment(name) for name in without.leaves)


def test_every_pod_of_a_run_has_the_label_by_which_the_network_policy_knows_it(tmp_path: Path) -> None:
    policies = yaml.safe_load_all((MANIFESTS / "base" / "network.yaml").read_text(encoding="utf-8"))
    (policy,) = [each["spec"] for each in policies if each["metadata"]["name"] == "clt-run"]
    labels = policy["podSelector"]["matchLabels"]
    for backend in BACKENDS:
        found = compiled(tmp_path, replace(FULL, backend=backend))
        assert found.leaves
        for task in found.leaves:
            assert found.pod(task)["podMetadata"]["labels"] == labels
    reached = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
    assert policy["policyTypes"] == ["Egress"] and {53, 443, 6443, 9000} < reached and 80 not in reached
    blocks = [peer["ipBlock"] for rule in policy["egress"] for peer in rule.get("to", []) if "ipBlock" in peer]
    assert blocks and all(block["except"] for block in blocks), "a cloud's metadata service stays out of reach"
