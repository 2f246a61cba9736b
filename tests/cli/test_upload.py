"""`clt pipeline upload`: the pipeline in Kubeflow's list says what its form hides, and its version what it is."""

from pathlib import Path

from clt.cli.pipeline_file import read_pipeline
from tests.cli.conftest import Clt
from tests.cli.kfp_server import BackEnd


def test_the_description_names_every_field_of_the_form(kfp: BackEnd, clt: Clt, pipeline: Path) -> None:
    result = clt("pipeline", "upload", pipeline)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    (one,) = kfp.pipelines.values()
    assert one["display_name"] == "transfer-study"
    fields = [line.partition(":")[0] for line in one["description"].splitlines()[1:]]
    assert set(read_pipeline(pipeline).parameters) | {"Service Account", "A recurring run"} == set(fields)
    assert f"/#/pipelines/details/{one['pipeline_id']}" in result.stdout


def test_a_version_is_named_by_the_release_and_the_files_content(kfp: BackEnd, clt: Clt, pipeline: Path) -> None:
    clt("pipeline", "upload", pipeline)
    (version,) = kfp.versions
    assert version["display_name"] == f"0.1.0-{read_pipeline(pipeline).checksum[:12]}"
    assert version["description"] == f"sha256 {read_pipeline(pipeline).checksum}"


def test_the_same_file_again_is_not_put_twice_and_another_one_is_a_new_version(
    kfp: BackEnd, clt: Clt, pipeline: Path, tmp_path: Path
) -> None:
    clt("pipeline", "upload", pipeline)
    again = clt("pipeline", "upload", pipeline)
    assert "transfer-study has the version 0.1.0-" in again.stdout and len(kfp.versions) == 1
    other = tmp_path / "other.yaml"
    assert clt("compile", "-o", other, "--parallelism", "3").exit_code == 0
    clt("pipeline", "upload", other)
    assert (len(kfp.pipelines), len(kfp.versions)) == (1, 2)


def test_another_name_is_another_pipeline(kfp: BackEnd, clt: Clt, statistics_pipeline: Path) -> None:
    for options in ([], ["--name", "mine"]):
        assert clt("pipeline", "upload", statistics_pipeline, *options).exit_code == 0
    assert [one["display_name"] for one in kfp.pipelines.values()] == ["transfer-statistics", "mine"]
    assert not any("shard_of_cells" in one["description"] for one in kfp.pipelines.values())


def test_what_is_no_pipeline_is_refused(kfp: BackEnd, clt: Clt, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text("name: x", encoding="utf-8")
    result = clt("pipeline", "upload", tmp_path / "study.yaml")
    assert result.exit_code == 2 and "not a compiled pipeline" in result.stderr
    assert kfp.calls == []
