"""Where a study may read from: the hub, this machine and mounted volumes, and no variable that holds a secret."""

from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.study import load_study, resolve

ADDRESSES = [
    "{path: 'http://host/{language}.jsonl'}",
    "{path: 'file:///etc/{language}'}",
    "{path: 's3://bucket/http://host/{language}.jsonl'}",
    "{hub: 's3://bucket/{language}'}",
    "{path: '{language}', languages: {es: 's3://bucket/x'}}",
    "{path: 'simplecache::http://host/{language}'}",
    "{hub: 'https://host/{language}'}",
    "{hub: org/set, config: '{language}', files: 'http://169.254.169.254/latest'}",
    "{hub: org/set, config: '{language}', files: 'zip://a::http://host/x'}",
    "{hub: org/set, config: 'ftp://{language}'}",
    "{hub: org/set, split: 'hf://{language}'}",
    "{path: '{language}', languages: {es: 'http://host/x'}}",
]


@pytest.mark.parametrize("source", ADDRESSES)
def test_an_address_is_refused_wherever_a_source_may_hold_one(text: str, source: str) -> None:
    with pytest.raises(StudyError, match=r"inline study:9: tasks\.math\.test\.\w+(\.es)?: got an address"):
        load_study(text.replace("{rows: 50, bytes_per_row: 80}", source, 1))


def test_a_path_may_lead_into_a_bucket(text: str, tmp_path: Path) -> None:
    changed = text.replace("{rows: 50, bytes_per_row: 80}", "{path: 's3://data/math/{language}.jsonl'}", 1)
    changed = changed.replace("name: large,", "name: large, path: 's3://data/models/large/',")
    study = resolve(load_study(changed), tmp_path)
    assert study.tasks["math"].test.path == "s3://data/math/{language}.jsonl"
    assert study.models[1].path == "s3://data/models/large"


@pytest.mark.parametrize("path", ["s3://data", "s3://Data/x", "s3://data/x?versionId=1", "s3://user:key@host/x"])
def test_what_is_no_place_in_a_bucket_is_refused(text: str, tmp_path: Path, path: str) -> None:
    study = load_study(text.replace("name: large,", f"name: large, path: '{path}',"))
    with pytest.raises(StudyError, match=r"models\[1\]\.path: .*expected a path, a hub id, s3://BUCKET/PATH"):
        resolve(study, tmp_path)


@pytest.mark.parametrize("files", ["../../{language}", "/etc/{language}", "~/{language}", "a/../../{language}"])
def test_files_of_a_folder_lie_in_it(text: str, files: str) -> None:
    with pytest.raises(StudyError, match=r"tasks\.math\.test\.files: .*inside `hub`"):
        load_study(text.replace("{rows: 50, bytes_per_row: 80}", f"{{hub: ./set, files: '{files}'}}", 1))


SECRETS = [
    "AWS_SECRET_ACCESS_KEY",
    "HF_TOKEN",
    "hf_token",
    "DB_PASSWORD",
    "OPENAI_API_KEY",
    "KFP_ENDPOINT",
    "HTTPS_PROXY",
]


@pytest.mark.parametrize("name", SECRETS)
def test_a_variable_that_sounds_like_a_secret_is_refused_and_not_read(
    text: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "hunter2")
    with pytest.raises(StudyError) as error:
        load_study(text.replace("{rows: 50, bytes_per_row: 80}", f"'${{{name}}}/{{language}}.jsonl'", 1))
    assert f"inline study:9: tasks.math.test.path: got ${{{name}}}, whose name says" in str(error.value)
    assert "hunter2" not in str(error.value)
    with pytest.raises(StudyError, match=r"models\[1\]\.path: got \$"):
        load_study(text.replace("name: large,", f"name: large, path: '${{{name}}}',"))


@pytest.mark.parametrize("name", ["CLT_DATA", "HOME", "MONKEYS", "DATA_DIR", "PWD"])
def test_other_variables_are_taken(text: str, name: str) -> None:
    load_study(text.replace("{rows: 50, bytes_per_row: 80}", f"'${{{name}}}/{{language}}.jsonl'", 1))


def test_a_column_may_tell_the_languages_of_one_file(text: str) -> None:
    source = "{path: all.csv, where: {lang: '{language}'}}"
    assert load_study(text.replace("{rows: 50, bytes_per_row: 80}", source, 1)).tasks["math"].test.where


def test_a_header_belongs_to_cells(text: str) -> None:
    source = "{path: '{language}.x', format: jsonl, header: [id]}"
    with pytest.raises(StudyError, match=r"header: is set for jsonl files, expected it only for csv and tsv"):
        load_study(text.replace("{rows: 50, bytes_per_row: 80}", source, 1))
