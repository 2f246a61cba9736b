"""`clt submit`: what is refused before anything is sent, what a back end gets, and what happens the second time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clt.cli.pipeline_file import read_pipeline
from tests.cli.conftest import POD_STUDY, Clt
from tests.cli.kfp_server import BackEnd

STORE = "s3://bucket/studies"


@pytest.fixture
def submit(clt: Clt, pipeline: Path) -> Clt:
    return lambda study, *options: clt("submit", study, "--store", STORE, "--pipeline", pipeline, *options)


def test_a_study_travels_as_a_typed_parameter_and_the_run_says_what_it_is(
    kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path]
) -> None:
    study = pod_study()
    result = submit(study)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    ((run_id, run),) = kfp.runs.items()
    text = study.read_text(encoding="utf-8")
    assert run["runtime_config"]["parameters"] == {
        "study_yaml_or_uri": text, "store_uri": STORE, "repeat_label": "none", "shard_of_cells": "1/1",
    }  # fmt: skip
    assert run["display_name"].startswith("sums 20")
    assert run["description"].startswith("study sums, 3 cells, sha256 ")
    assert run["service_account"] == "clt-launcher"
    assert f"run {run_id}  " in result.stdout
    assert f"/#/runs/details/{run_id}" in result.stdout
    assert [one["display_name"] for one in kfp.experiments.values()] == ["sums"]


def test_a_study_of_more_cells_than_a_run_holds_is_shards_and_a_run_for_the_statistics(
    kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path], statistics_pipeline: Path
) -> None:
    result = submit(pod_study(seeds=31), "--statistics-pipeline", statistics_pipeline, "--experiment", "grid")
    assert result.exit_code == 0, result.output
    runs = list(kfp.runs.values())
    assert [run["display_name"].rsplit(" ", 1)[0] for run in runs] == [
        "sums shard 1/3", "sums shard 2/3", "sums shard 3/3", "sums statistics",
    ]  # fmt: skip
    assert [run["runtime_config"]["parameters"].get("shard_of_cells") for run in runs] == ["1/3", "2/3", "3/3", None]
    assert len({run["experiment_id"] for run in runs}) == 1


def test_a_large_study_needs_the_statistics_pipeline(kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path]) -> None:
    result = submit(pod_study(seeds=31))
    assert result.exit_code == 2
    assert "the study has 63 cells, which is 3 runs and one that waits" in result.stderr
    assert kfp.calls == []


def test_what_is_under_way_is_not_submitted_again_and_what_is_over_is(
    kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path], statistics_pipeline: Path
) -> None:
    options = ("--statistics-pipeline", statistics_pipeline)
    submit(pod_study(seeds=31), *options)
    first = list(kfp.runs)
    kfp.finish(first[1], "FAILED")
    result = submit(pod_study(seeds=31), *options)
    assert result.stdout.count("under way already") == 3
    (again,) = set(kfp.runs) - set(first)
    assert kfp.runs[again]["runtime_config"]["parameters"]["shard_of_cells"] == "2/3"


def test_a_repeat_by_the_runs_own_id_is_always_another_run(
    kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path]
) -> None:
    for _ in range(2):
        assert submit(pod_study(), "--repeat", "run").exit_code == 0
    assert [run["runtime_config"]["parameters"]["repeat_label"] for run in kfp.runs.values()] == ["run", "run"]


def test_shards_cannot_take_their_own_ids_as_repeat(kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path]) -> None:
    result = submit(pod_study(seeds=31), "--repeat", "run")
    assert result.exit_code == 2
    assert "expected a text that they share, such as a date" in result.stderr


def test_a_long_study_goes_through_the_store(
    kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: dict[str, str] = {}
    monkeypatch.setattr("clt.store.write_text", written.__setitem__)
    study = pod_study(text=POD_STUDY + "# " + "x" * 8_000 + "\n")
    assert submit(study).exit_code == 0
    (run,) = kfp.runs.values()
    uri = run["runtime_config"]["parameters"]["study_yaml_or_uri"]
    assert uri.startswith(f"{STORE}/submitted/") and uri.endswith(".yaml")
    assert written == {uri: study.read_text(encoding="utf-8")}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("/data/train", "train", "tasks.sums.train.path: got 'train.{language}.jsonl', which only this machine knows"),
        ("/data/train", "/home/me/train", "tasks.sums.train.path: got '/home/me/train.{language}.jsonl', which only"),
        ("/data/train", "${DATA}/train", "tasks.sums.train.path: got '${DATA}/train.{language}.jsonl', which only"),
        ("path: org/tiny, revision: abc", "path: model", "models[0].path: got 'model', which only this machine knows"),
        (", revision: abc", "", "models[0].revision: missing for the hub model 'org/tiny'"),
        ("path: org/tiny, revision: abc", "parameters: 5", "models[0].path: missing, expected a hub id, demo:NAME"),
        ("seeds:", "sedes:", "sedes: unknown key, expected `seeds`?"),
    ],
)
def test_a_study_that_pods_could_not_run_is_refused_before_anything_is_sent(
    kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path], old: str, new: str, message: str
) -> None:
    result = submit(pod_study(text=POD_STUDY.replace(old, new)))
    assert result.exit_code == 2
    assert message in result.stderr
    assert kfp.calls == []


def test_a_folder_with_the_name_of_a_hub_model_is_not_taken_for_it(
    kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path]
) -> None:
    study = pod_study()
    (study.parent / "org" / "tiny").mkdir(parents=True)
    result = submit(study)
    assert result.exit_code == 2
    assert "models[0].path: got 'org/tiny', which only this machine knows" in result.stderr


def test_a_local_folder_is_no_store_for_pods(clt: Clt, pod_study: Callable[..., Path], pipeline: Path) -> None:
    result = clt("submit", pod_study(), "--store", "runs/demo", "--pipeline", pipeline)
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: --store 'runs/demo': expected s3://BUCKET/PREFIX, BUCKET of lower-case letters, digits, '.' and '-': "
        "pods and this machine share no folder\n"
    )


def test_the_wrong_file_as_pipeline_is_named(
    clt: Clt, pod_study: Callable[..., Path], statistics_pipeline: Path, tmp_path: Path
) -> None:
    for wrong, message in (
        (
            statistics_pipeline,
            "takes the parameters repeat_label (STRING), store_uri (STRING), study_yaml_or_uri (STRING), expected ",
        ),
        (pod_study(), "not a compiled pipeline, expected what `clt compile -o"),
        (tmp_path / "none.yaml", "cannot be read"),
    ):
        result = clt("submit", pod_study(), "--store", STORE, "--pipeline", wrong)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"Error: {wrong}: {message}")


def test_the_pipeline_is_sent_as_kfps_own_client_would(pipeline: Path) -> None:
    from kfp.client.client import _extract_pipeline_yaml

    sent = read_pipeline(pipeline).spec
    assert sent == _extract_pipeline_yaml(str(pipeline)).to_dict()
    assert set(sent) == {"pipeline_spec", "platform_spec"}


@pytest.mark.parametrize(("state", "status"), [("SUCCEEDED", 0), ("FAILED", 1)])
def test_waiting_outlasts_an_outage_and_ends_with_the_runs_outcome(
    kfp: BackEnd, submit: Clt, pod_study: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, state: str, status: int
) -> None:
    start = kfp._start

    def with_end(body: dict) -> dict:
        run = start(body)
        kfp.coming[run["run_id"]].append(state)
        return run

    monkeypatch.setattr(kfp, "_start", with_end)
    kfp.outage = 3
    result = submit(pod_study(), "--wait")
    assert result.exit_code == status
    assert [line.rsplit(" ", 1)[1] for line in result.stdout.splitlines()[2:]] == ["pending", "running", state.lower()]


def test_what_the_back_end_refuses_is_said_in_its_own_words(
    kfp: BackEnd, clt: Clt, pod_study: Callable[..., Path], statistics_pipeline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clt.cli.submit.PipelineFile.require_parameters", lambda *_: None)
    pipeline = statistics_pipeline
    pipeline.write_text(pipeline.read_text(encoding="utf-8").replace("STRING", "NUMBER_INTEGER"), encoding="utf-8")
    result = clt("submit", pod_study(), "--store", STORE, "--pipeline", pipeline)
    assert result.exit_code == 2
    assert "HTTP 400: Invalid input error: input parameter 'study_yaml_or_uri' requires type" in result.stderr
    assert result.stderr.startswith("Error: http://localhost:")
