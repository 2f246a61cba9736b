"""What `clt` promises: whole messages, exit codes, help, documentation, and a fast start."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from clt.cli.main import main
from clt.cli.start_commands import write_starter
from clt.planning import plan_study, read_study
from clt.store import open_store

REPOSITORY = Path(__file__).resolve().parents[2]
PAPER = REPOSITORY / "studies" / "paper" / "single_task.yaml"
COMMANDS = sorted(main.commands)


def clt(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_help(command: str) -> None:
    found = main.commands[command]
    assert found.help, command
    unexplained = [option.opts for option in found.params if isinstance(option, click.Option) and not option.help]
    assert unexplained == []
    assert clt(command, "--help").exit_code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"clt {command}" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_version() -> None:
    assert re.fullmatch(r"clt, version \d+\.\d+\.\d+\n", clt("--version").output)


def test_start_and_the_papers_plan_import_nothing_heavy() -> None:
    heavy = ["torch", "transformers", "kfp", "pandas", "pyarrow", "datasets", "scipy", "matplotlib", "kubernetes"]
    code = (
        "import sys\nfrom clt.cli.main import main\n"
        f"main(['plan', {str(PAPER)!r}], standalone_mode=False)\n"
        f"sys.exit(', '.join(sorted(set(sys.modules) & set({heavy!r}))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_plan_prints_cells_and_totals() -> None:
    result = clt("plan", PAPER, "--cells", "model=aya-23-7b,n=0|100", "--workers", "4")
    assert result.exit_code == 0, result.output
    assert "aya-23-7b-math-n100-seed0-" in result.output
    assert "aya-23-35b" not in result.output.split("Note:")[0]
    for total in ("GPU hours", "optimizer steps", "time with 4 side by side", "disk at the end and at most"):
        assert total in result.output


def test_plan_says_what_the_study_could_find_and_warns_of_one_seed() -> None:
    output = clt("plan", PAPER).output
    assert "Smallest differences that it would find, 4 times in 5" in output
    assert re.search(r"math +│ math_answer +│ +250 │ +1 │ +4 \+ 3 │ +[\d.]+ pts", output)
    assert re.search(r"Assumed: .* correlate by 0\.3 between runs", output)
    assert "Warning: no cell has a second seed." in output


def test_plan_refuses_what_exceeds_the_limits(tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    text = PAPER.read_text(encoding="utf-8")
    study.write_text(re.sub(r"(?m)^limits:.*$", "", text) + "\nlimits: {gpu_hours: 1}\n", encoding="utf-8")
    result = clt("plan", study)
    assert result.exit_code == 2
    assert re.search(
        r"Error: limits\.gpu_hours: got 1, the study needs [\d.]+; raise the limit, or take fewer cells", result.stderr
    )


def test_a_wrong_field_is_named_with_its_line(tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(PAPER.read_text(encoding="utf-8") + "sedes: [0]\n", encoding="utf-8")
    result = clt("plan", study)
    line = len(study.read_text(encoding="utf-8").splitlines())
    assert result.exit_code == 2
    assert result.stderr == f"Error: {study}:{line}: sedes: unknown key, expected `seeds`?\n"
    assert result.stdout == ""


def test_a_study_file_that_is_not_there(tmp_path: Path) -> None:
    result = clt("run", "no.yaml", "--store", tmp_path / "store")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: no.yaml: cannot be read (No such file or directory), expected the path of a study file\n"
    )
    assert not (tmp_path / "store").exists()


def test_a_study_that_can_only_be_planned_is_not_run(tmp_path: Path) -> None:
    result = clt("run", PAPER, "--store", tmp_path / "store")
    assert result.exit_code == 2
    waited, error = result.stderr.splitlines()
    assert waited.startswith("planning: ")
    assert error.startswith("Error: models.aya-23-7b.path: missing, expected a hub id, a folder or demo:NAME")


def test_an_unknown_filter_value_names_the_known_ones() -> None:
    result = clt("plan", PAPER, "--cells", "model=gpt")
    assert result.exit_code == 2
    assert "--cells model=gpt: got 'gpt', expected one of aya-23-7b, aya-23-35b" in result.stderr


def test_a_store_of_another_kind_is_refused_by_name() -> None:
    result = clt("status", "--store", "gs://bucket/x")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: store 'gs://bucket/x': got the scheme 'gs', expected s3://BUCKET/PREFIX or a local folder\n"
    )


@pytest.mark.parametrize("command", [["status"], ["report", "--output", "out", "--study"]])
def test_an_unknown_study_lists_the_studies_of_the_store(command: list[str], tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for key in ("first-11111111", "second-22222222"):
        with store.writer(f"studies/{key}"):
            pass
    result = clt(*command, "third-33333333", "--store", tmp_path)
    assert result.exit_code == 2
    assert result.stderr == (
        f"Error: got 'third-33333333', expected a study file or a study of the store {tmp_path}: "
        "first-11111111, second-22222222\n"
    )


def test_a_study_file_that_was_never_planned_says_how_to_run_it(tmp_path: Path) -> None:
    result = clt("status", PAPER, "--store", tmp_path / "store")
    assert result.exit_code == 2
    assert (
        f"not planned in the store {tmp_path / 'store'} (or changed since; a pilot is found with its `--limit`)"
        in result.stderr
    )
    assert f"run it with `clt run {PAPER} --store {tmp_path / 'store'}`" in result.stderr


def test_status_finds_a_pilot_by_its_limit(tmp_path: Path) -> None:
    write_starter(tmp_path / "study")
    study = tmp_path / "study" / "study.yaml"
    record = plan_study(open_store(tmp_path / "store"), read_study(study, 2))
    result = clt("status", study, "--limit", "2", "--store", tmp_path / "store")
    assert (result.exit_code, record.key in result.output) == (0, True)
    assert clt("status", study, "--store", tmp_path / "store").exit_code == 2


def test_status_of_an_empty_store(tmp_path: Path) -> None:
    result = clt("status", "--store", tmp_path / "store")
    assert (result.exit_code, result.output) == (0, f"no study in the store {tmp_path / 'store'}\n")


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clt.planning.read_study", lambda *_: 1 / 0)
    assert isinstance(clt("plan", PAPER).exception, ZeroDivisionError)


def test_compile_writes_the_pipeline_with_the_image(tmp_path: Path) -> None:
    file, image = tmp_path / "new" / "pipeline.yaml", f"example.org/clt@sha256:{'0' * 64}"
    result = clt("compile", "-o", file, "--image", image, "--backend", "2.17")
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    assert "no --gpu-image: training and evaluation run in the pipeline's own pods" in result.stderr
    assert file.read_text(encoding="utf-8").count(f"image: {image}") == 8


def test_compile_says_what_it_leaves_out_and_what_may_change(tmp_path: Path) -> None:
    result = clt("compile", "-o", tmp_path / "pipeline.yaml", "--image", "example.org/clt:1")
    assert result.exit_code == 0
    assert "image example.org/clt:1 is not named by digest" in result.stderr
    assert "back end 2.14: left out the pods' security context" in result.stderr
    assert result.stdout == f"{tmp_path / 'pipeline.yaml'}\n"


def test_compile_refuses_what_a_cluster_would(tmp_path: Path) -> None:
    result = clt("compile", "-o", tmp_path / "pipeline.yaml", "--gpu-image", "example.org/clt:1", "--gpus", "8")
    assert (result.exit_code, (tmp_path / "pipeline.yaml").exists()) == (2, False)
    assert result.output.startswith("Error: --gpus 8 with --gpu-image: expected one of them")


def test_an_image_from_a_variable_that_is_not_set_is_refused(tmp_path: Path) -> None:
    result = clt("compile", "-o", tmp_path / "pipeline.yaml", "--gpu-image", "")
    assert result.exit_code == 2 and "--gpu-image: got an empty text" in result.stderr


def test_a_pipeline_is_a_yaml_file(tmp_path: Path) -> None:
    result = clt("compile", "-o", tmp_path / "pipeline.json")
    assert result.exit_code == 2 and "expected a name that ends in .yaml" in result.stderr
