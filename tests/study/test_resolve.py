"""Where paths of a study lead."""

from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.planning import inspect_model
from clt.study import Study, load_study, require_commits, resolve


def _study(text: str, model: str = "", source: str = "") -> Study:
    if model:
        text = text.replace("{name: large, parameters: 3000}", f"{{name: large, parameters: 3000, {model}}}")
    if source:
        text = text.replace("{rows: 50, bytes_per_row: 80}", source, 1)
    return load_study(text)


def test_demo_paths_lead_into_the_demo(text: str, demo_folder: Path, tmp_path: Path) -> None:
    study = resolve(_study(text, "path: 'demo:small'", "'demo:math_test.{language}.jsonl'"), tmp_path)
    assert study.model("large").path == str(demo_folder / "models" / "small")
    assert study.tasks["math"].test.path == str(demo_folder / "data" / "math_test.{language}.jsonl")


def test_relative_paths_start_at_the_study_file(text: str, tmp_path: Path) -> None:
    study = resolve(_study(text, "path: ../models/own", "data/{language}.jsonl"), tmp_path / "studies")
    assert study.model("large").path == str(tmp_path / "models" / "own")
    assert study.tasks["math"].test.path == str(tmp_path / "studies" / "data" / "{language}.jsonl")
    assert study.tasks["math"].train.path is None


def test_variables_are_replaced_and_named_if_they_are_missing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = _study(text, source="'${SOME_DATA}/{language}.jsonl'")
    monkeypatch.setenv("SOME_DATA", "/data")
    assert resolve(study, tmp_path).tasks["math"].test.path == "/data/{language}.jsonl"
    monkeypatch.delenv("SOME_DATA")
    with pytest.raises(StudyError, match=r"tasks\.math\.test\.path: got .*'SOME_DATA' is not set"):
        resolve(study, tmp_path)


def test_hub_ids_stay_and_need_a_revision(text: str, tmp_path: Path) -> None:
    study = resolve(_study(text, "path: org/model, revision: abc"), tmp_path)
    assert study.model("large").path == "org/model"
    with pytest.raises(StudyError, match=r"models\[1\]\.revision: missing for the hub model 'org/model'"):
        resolve(_study(text, "path: org/model"), tmp_path)
    (tmp_path / "org" / "model").mkdir(parents=True)
    assert resolve(_study(text, "path: org/model"), tmp_path).model("large").path == str(tmp_path / "org" / "model")


def test_hub_data_sets_may_be_named_by_language_and_need_a_revision(text: str, tmp_path: Path) -> None:
    study = resolve(_study(text, source="{hub: 'org/set-{language}', revision: abc}"), tmp_path)
    assert study.tasks["math"].test.hub == "org/set-{language}"
    with pytest.raises(StudyError, match=r"tasks\.math\.test\.revision: missing for the hub data set"):
        resolve(_study(text, source="{hub: org/set, config: '{language}'}"), tmp_path)


def test_a_folder_has_no_revision(text: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"models\[1\]\.revision: got 'abc'"):
        resolve(_study(text, "path: ./own, revision: abc"), tmp_path)


def test_a_variable_that_leads_to_an_address_is_refused_without_its_value(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_DATA", "https://user:hunter2@host")
    with pytest.raises(StudyError, match=r"tasks\.math\.test\.path: .*leads to an address") as error:
        resolve(_study(text, source="'${SOME_DATA}/{language}.jsonl'"), tmp_path)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("revision", ["main", "v1.0", "refs/convert/parquet", "0123abc"])
def test_a_revision_that_can_move_is_refused_with_the_line_to_type(text: str, tmp_path: Path, revision: str) -> None:
    source = f"{{hub: org/set, config: '{{language}}', revision: {revision}}}"
    with pytest.raises(StudyError) as error:
        require_commits(resolve(_study(text, source=source), tmp_path))
    assert f"tasks.math.test.revision: got '{revision}', which can move" in str(error.value)
    assert f"`git ls-remote https://huggingface.co/datasets/org/set {revision}`" in str(error.value)
    with pytest.raises(StudyError, match=r"models\[1\]\.revision: .*https://huggingface.co/org/model main`"):
        require_commits(resolve(_study(text, "path: org/model, revision: main"), tmp_path))


def test_commits_and_folders_do_not_move(text: str, tmp_path: Path) -> None:
    source = f"{{hub: org/set, config: '{{language}}', revision: {'0123456789' * 4}}}"
    require_commits(resolve(_study(text, f"path: org/model, revision: {'a' * 40}", source), tmp_path))
    require_commits(resolve(_study(text, "path: ./own", "{hub: './set-{language}'}"), tmp_path))


def test_resolving_twice_changes_nothing(text: str, tmp_path: Path) -> None:
    study = resolve(_study(text, "path: own, ", "data/{language}.jsonl"), tmp_path)
    assert resolve(study, Path("/elsewhere")) == study


def test_a_declared_model_cannot_be_inspected_for_a_run(text: str) -> None:
    with pytest.raises(StudyError, match=r"models\.large\.path: missing, .* can only be planned"):
        inspect_model(load_study(text).model("large"))
