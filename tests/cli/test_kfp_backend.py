"""What real back ends (2.14 and newer) did with pipelines, held on the compiled file: a test for each thing seen."""

from pathlib import Path

import pytest

from clt.cluster import MAX_CELLS, MAX_INLINE_BYTES, shards
from tests.pipelines.compiled import FULL, Compiled, compiled

# The fields of kfp-kubernetes 2.14.3's messages, read off its package; a back end refuses a run for any other.
KNOWN_TO_2_14 = {
    "": {
        *("secretAsVolume", "secretAsEnv", "pvcMount", "nodeSelector", "podMetadata", "imagePullSecret"),
        *("imagePullPolicy", "configMapAsVolume", "configMapAsEnv", "activeDeadlineSeconds", "fieldPathAsEnv"),
        *("tolerations", "genericEphemeralVolume", "nodeAffinity", "podAffinity", "enabledSharedMemory"),
        "emptyDirMounts",
    },
    "secretAsVolume": {"secretName", "mountPath", "optional", "secretNameParameter"},
    "pvcMount": {"taskOutputParameter", "constant", "componentInputParameter", "mountPath", "pvcNameParameter"},
    "nodeSelector": {"labels", "nodeSelectorJson"},
    "podMetadata": {"labels", "annotations"},
    "tolerations": {"key", "operator", "value", "effect", "tolerationSeconds", "tolerationJson"},
    "emptyDirMounts": {"volumeName", "mountPath", "medium", "sizeLimit"},
}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled(tmp_path_factory.mktemp("full"), FULL)


HOOK = {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}  # how a back end knows a task that runs after failures


def test_statistics_run_after_failed_cells_because_the_loop_sits_in_a_sub_pipeline(full: Compiled) -> None:
    measured = full.spec["components"]["comp-measure"]["dag"]["tasks"]
    assert sorted(measured) == ["cells", "statistics"]
    assert (measured["statistics"]["dependentTasks"], measured["statistics"]["triggerPolicy"]) == (["cells"], HOOK)
    assert "dag" in full.spec["components"]["comp-cells"]
    (loop,) = full.spec["components"]["comp-cells"]["dag"]["tasks"].values()
    assert "parameterIterator" in loop


def test_the_run_fails_in_a_task_after_the_statistics_which_keeps_its_report(full: Compiled) -> None:
    handled = full.spec["components"]["comp-exit-handler-1"]["dag"]["tasks"]
    assert sorted(handled) == ["fetch", "measure", "plan", "require-complete"]
    required = handled["require-complete"]
    assert (required["dependentTasks"], required["triggerPolicy"]) == (["measure"], HOOK)


def test_no_cell_begins_before_the_hub_models_are_in_the_store(full: Compiled) -> None:
    assert full.tasks["fetch"]["dependentTasks"] == ["plan"]
    assert full.tasks["measure"]["dependentTasks"] == ["fetch", "plan"]


def test_nothing_waits_for_a_hook_and_no_task_has_two(full: Compiled) -> None:
    """A back end makes a hook of the task that it depends on: no task can depend on it, and a second one is lost."""
    dags = [full.spec["root"], *full.spec["components"].values()]
    for tasks in (dag["dag"]["tasks"] for dag in dags if "dag" in dag):
        hooks = {name: task["dependentTasks"] for name, task in tasks.items() if task.get("triggerPolicy") == HOOK}
        assert all(len(before) == 1 for before in hooks.values())
        assert len({before[0] for before in hooks.values()}) == len(hooks)
        assert not any(set(hooks) & set(task.get("dependentTasks", [])) for task in tasks.values())


def test_nothing_waits_for_a_loop_or_collects_from_it(full: Compiled) -> None:
    loops = [name for name, task in full.tasks.items() if "parameterIterator" in task]
    assert not any(set(loops) & set(task.get("dependentTasks", [])) for task in full.tasks.values())
    assert "Collected" not in full.path.read_text() and "outputDefinitions" not in full.spec["components"]["comp-cells"]


def test_the_exit_task_is_the_only_hook_of_the_whole(full: Compiled) -> None:
    root = full.spec["root"]["dag"]["tasks"]
    assert sorted(root) == ["cleanup", "exit-handler-1"]
    assert root["cleanup"]["dependentTasks"] == ["exit-handler-1"]
    assert root["cleanup"]["triggerPolicy"] == {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}


def test_every_input_is_passed_explicitly(full: Compiled) -> None:
    for name in full.leaves:
        component = full.spec["components"][full.tasks[name]["componentRef"]["name"]]
        assert set(full.tasks[name]["inputs"]["parameters"]) == set(component["inputDefinitions"]["parameters"]), name


def test_the_exit_task_is_not_told_a_status_that_would_be_wrong(full: Compiled) -> None:
    inputs = full.tasks["cleanup"]["inputs"]["parameters"]
    assert sorted(inputs) == ["run", "store"] and "taskFinalStatus" not in str(inputs)


def test_cells_travel_as_keys_and_as_many_as_asked_for_run_side_by_side(full: Compiled) -> None:
    (loop,) = full.spec["components"]["comp-cells"]["dag"]["tasks"].values()
    assert loop["iteratorPolicy"] == {"parallelismLimit": 4}
    for name in ("mix", "train", "evaluate"):
        assert sorted(full.tasks[name]["inputs"]["parameters"]) == ["cell_key", "run", "store", "study_key"]


def test_no_uri_is_set_and_no_artifact_is_an_input(full: Compiled) -> None:
    assert "importer" not in full.path.read_text()
    assert not any("artifacts" in task.get("inputs", {}) for task in full.tasks.values())


def test_artifacts_are_those_that_the_run_page_shows(full: Compiled) -> None:
    assert full.outputs("plan") == {"plan_overview": "Markdown"}
    assert full.outputs("mix") == {"mixture": "Dataset", "items": "Dataset"}
    assert full.outputs("train") == {"model": "Model", "validation_losses": "Markdown"}
    assert full.outputs("evaluate") == {"scores": "Dataset", "mean_scores": "Markdown", "samples": "HTML"}
    assert full.outputs("statistics") == {"summary": "Markdown", "report": "HTML", "transfer_metrics": "Metrics"}


def test_inline_studies_stay_far_below_what_a_parameter_may_be() -> None:
    assert MAX_INLINE_BYTES * 7 <= 64_000


def test_a_cell_is_three_tasks(full: Compiled) -> None:
    (loop,) = (task for task in full.tasks.values() if "parameterIterator" in task)
    assert sorted(full.spec["components"][loop["componentRef"]["name"]]["dag"]["tasks"]) == ["evaluate", "mix", "train"]


def test_a_larger_study_is_several_runs(full: Compiled) -> None:
    assert len(shards(MAX_CELLS + 1)) == 2
    assert full.spec["root"]["inputDefinitions"]["parameters"]["shard_of_cells"]["defaultValue"] == "1/1"


def test_a_failed_task_is_not_run_again_and_its_step_is_told_how_often_it_may_try(full: Compiled) -> None:
    """A back end tries again whatever it was, minutes later, and never after an eviction: a step does that itself."""
    assert not any("retryPolicy" in task for task in full.tasks.values())
    assert {full.environment(name)["CLT_RETRIES"] for name in full.leaves} == {"3"}


def test_every_task_ends_although_its_image_cannot_be_pulled(tmp_path: Path) -> None:
    """The exit task as well: a back end waits for such a pod for ever, and the run stays CANCELING."""
    from dataclasses import replace

    hours = dict.fromkeys(("plan", "fetch", "mix", "statistics"), 9) | {"cleanup": 1, "require-complete": 1}
    hours |= {"train": 720, "evaluate": 720}
    full = compiled(tmp_path, replace(FULL, timeout_hours=9))
    found = {name: int(full.pod(name)["activeDeadlineSeconds"]) / 3600 for name in full.leaves}
    assert found == hours
    last = compiled(tmp_path, FULL, statistics_only=True)
    found = {name: int(last.pod(name)["activeDeadlineSeconds"]) / 3600 for name in last.leaves}
    assert found == {"await-runs": 720, "statistics": 6, "require-complete": 1}


def test_secrets_are_volumes_since_as_variables_they_are_refused(full: Compiled) -> None:
    assert not any("secretAsEnv" in pod or "configMapAsEnv" in pod for pod in full.platform.values())
    for name in full.leaves:
        assert full.secrets(name)["clt-object-store"] == full.environment(name)["OBJECT_STORE_SECRET"]
    readers = ["fetch", "mix", "plan"]  # of the hub; the jobs that read models mount the token themselves
    assert [name for name in full.leaves if "hub-token" in full.secrets(name)] == readers
    assert [name for name in full.leaves if "HF_TOKEN_PATH" in full.environment(name)] == readers
    assert full.environment("mix")["HF_TOKEN_PATH"] == full.secrets("mix")["hub-token"] + "/token"


def test_only_fields_that_the_oldest_back_end_knows_are_in_the_file(full: Compiled) -> None:
    for pod in full.platform.values():
        assert set(pod) <= KNOWN_TO_2_14[""]
        for name, value in pod.items():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    assert set(one) <= KNOWN_TO_2_14[name], name


@pytest.mark.parametrize(("backend", "known"), [("2.14", False), ("2.15", False), ("2.16", True), ("2.17", True)])
def test_the_security_context_is_there_where_the_back_end_knows_it(tmp_path: Path, backend: str, known: bool) -> None:
    from dataclasses import replace

    from clt.pipelines.compile import compile_pipeline

    said = compile_pipeline(tmp_path / "pipeline.yaml", replace(FULL, backend=backend))
    context = {"runAsUser": "65532", "runAsGroup": "65532", "runAsNonRoot": True}
    pods = compiled(tmp_path, replace(FULL, backend=backend)).platform.values()
    assert [pod.get("securityContext") for pod in pods] == [context if known else None] * len(pods)
    assert said == ([] if known else [said[0]])
    assert known or said[0].startswith(f"back end {backend}: left out the pods' security context, known from 2.16 on")


def test_jobs_have_a_service_account_of_their_own(full: Compiled) -> None:
    for name in ("plan", "train", "evaluate", "cleanup"):  # plan asks the cluster whether it would take the jobs
        assert full.environment(name)["CLT_JOB_SERVICE_ACCOUNT"] == "clt-job"
        assert full.environment(name)["CLT_JOB_IMAGE"] == FULL.gpu_image
    for name in ("fetch", "mix", "statistics"):
        assert not any(variable.startswith("CLT_JOB") for variable in full.environment(name)), name


def test_the_run_knows_itself_by_its_id(full: Compiled) -> None:
    for name in full.leaves:  # the back end replaces it only as a whole constant of the task itself
        constant = full.tasks[name]["inputs"]["parameters"]["run"]["runtimeValue"]["constant"]
        assert constant == "{{$.pipeline_job_uuid}}", name


def test_parameters_are_typed_for_the_api(full: Compiled) -> None:
    parameters = full.spec["root"]["inputDefinitions"]["parameters"]
    assert {name: one["parameterType"] for name, one in parameters.items()} == dict.fromkeys(
        ("repeat_label", "shard_of_cells", "store_uri", "study_yaml_or_uri"), "STRING"
    )


def test_an_image_needs_a_shell_mktemp_python_and_kfp_only(full: Compiled) -> None:
    for name in full.leaves:
        command = full.container(name)["command"]
        assert command[0] == "sh" and "mktemp" in command[2] and "python3 -m kfp.dsl.executor_main" in command[2]
        assert "pip" not in command[2]


def test_the_pods_write_to_their_cache_only(full: Compiled) -> None:
    for name in full.leaves:
        (mount,) = full.pod(name)["emptyDirMounts"]
        assert mount["mountPath"] == full.environment(name)["CLT_CACHE"] == "/cache"


def test_the_data_claim_is_where_rows_are_read(full: Compiled) -> None:
    mounts = {name: full.pod(name).get("pvcMount", []) for name in full.leaves}
    assert [name for name, found in mounts.items() if found] == ["mix", "plan"]
    assert [(one["constant"], one["mountPath"]) for one in mounts["mix"]] == [("corpora", "/data")]


def test_every_pod_has_its_image_place_and_resources(full: Compiled) -> None:
    for name in full.leaves:
        pod, resources = full.pod(name), full.container(name)["resources"]
        assert full.container(name)["image"] == FULL.image
        assert pod["imagePullPolicy"] == "IfNotPresent"
        assert pod["nodeSelector"] == {"labels": {"pool": "cpu", "example.com/zone": "a"}}
        assert pod["tolerations"] == [
            {"key": "dedicated", "operator": "Equal", "value": "clt", "effect": "NoSchedule"},
            {"key": "spot", "operator": "Exists", "effect": "NoExecute"},
        ]
        assert {f"resource{what}" for what in ("CpuRequest", "CpuLimit", "MemoryRequest", "MemoryLimit")} <= set(
            resources
        )
        assert "accelerator" not in resources
        assert full.environment(name)["AWS_ENDPOINT_URL"] == "http://minio.example:9000"


def test_the_last_run_of_a_split_study_is_three_tasks_in_a_row(tmp_path: Path) -> None:
    last = compiled(tmp_path, FULL, statistics_only=True)
    assert last.spec["pipelineInfo"]["name"] == "transfer-statistics"
    assert last.leaves == ["await-runs", "require-complete", "statistics"]
    assert last.tasks["statistics"]["dependentTasks"] == ["await-runs"]
    assert last.tasks["require-complete"]["dependentTasks"] == ["statistics"]
    assert sorted(last.spec["root"]["inputDefinitions"]["parameters"]) == [
        "repeat_label", "store_uri", "study_yaml_or_uri",
    ]  # fmt: skip
