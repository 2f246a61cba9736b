"""What a cell's steps record: pointers whose checksum is of the files they lead to, and readable tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clt.cluster import cell_step, record_pointer, start_run
from clt.cluster.runs.cell import CellStep
from clt.cluster.runs.frame import FRAME
from clt.errors import CellFailure
from clt.hashing import digest
from clt.store import (
    CheckpointMetadata,
    EvaluatedCheckpointMetadata,
    EvaluationMetadata,
    ScoreSummary,
    TrainingMetadata,
    open_store,
    read_record,
)
from clt.study import checkpoint_key
from tests.answered_study import Said, Told, store_answers, told_record

RUN = "6e0a2f9c"


@pytest.fixture
def trained(study: str, store: str) -> Iterator[CellStep]:
    """A trained cell, complete by what its steps leave in the store."""
    started = start_run(store, study, "1/1", "none", RUN)
    opened = open_store(store)
    record = read_record(opened, started.study_key)
    cell = next(cell for cell in record.grid.cells if not cell.is_base)
    checkpoint = CheckpointMetadata(step=8, validation_loss=1.25, validation={"en": 1.0, "es": 1.5})
    scores = [
        ScoreSummary(task="sums", metric="exact_match", language="es", items=6, unscored=0, mean=0.5),
        ScoreSummary(task="sums", metric="exact_match", language="ja", items=6, unscored=6, mean=None),
    ]
    for key, kept in (
        (record.training_key(cell), TrainingMetadata(selected=8, checkpoints=[checkpoint], tokens=10, seconds=1.0)),
        (record.evaluation_key(cell), EvaluationMetadata(steps=[8], selected=8)),
    ):
        files = EvaluatedCheckpointMetadata(
            cell=cell.key, step=8, scores=scores, items=6, tokens_generated=1, seconds=1.0, environment={}
        )
        with opened.writer(checkpoint_key(key, 8)) as attempt:
            (attempt.path / "thing").write_text(key, encoding="utf-8")
            files.write(attempt)
        with opened.writer(key) as attempt:
            kept.write(attempt)
    yield cell_step(store, started.study_key, cell.key, "evaluate", RUN, lambda _: pytest.fail("it is complete"))


@pytest.mark.parametrize("what", ["scores", "model"])
def test_a_pointers_checksum_is_that_of_the_selected_checkpoints_files(trained: CellStep, what: str) -> None:
    """It was the one of no files: they are below the key, not at it."""
    facts = getattr(trained, what)()
    manifest = trained.store.manifest(checkpoint_key(facts["key"], 8))
    assert manifest is not None and manifest.files
    assert facts["checksum"] == digest({name: file.sha256 for name, file in manifest.files.items()}) != digest({})
    assert facts["location"].startswith(f"{trained.store.uri}/{facts['key']}/checkpoints/00000008/attempts/")


def test_an_artifacts_own_file_says_where_the_thing_is(
    trained: CellStep, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from kfp.dsl import Dataset

    artifact = Dataset(uri=str(tmp_path_factory.mktemp("artifact") / "scores"))
    record_pointer(artifact, trained.scores())
    assert artifact.metadata == trained.scores()
    assert f'"location": "{trained.scores()["location"]}"' in Path(artifact.path).read_text(encoding="utf-8")


def test_a_base_model_says_where_its_own_weights_are(trained: CellStep) -> None:
    record = trained.record
    base = next(cell for cell in record.grid.cells if cell.is_base)
    facts = CellStep(store=trained.store, record=record, cell=base).model()
    assert facts["location"] == record.study.models[0].path


def test_tables_name_the_cell_and_its_numbers(trained: CellStep) -> None:
    assert trained.validation_losses().startswith(f"# {trained.cell.key}\n\nAfter step 8:\n")
    assert "| mean | 1.2500 |\n| en | 1.0000 |\n| es | 1.5000 |\n" in trained.validation_losses()
    assert trained.mean_scores().startswith(f"# {trained.cell.key}\n")
    assert "| sums | exact_match | es | 0.5000 | 6 |\n| sums | exact_match | ja | – | 6 |\n" in trained.mean_scores()


def test_an_error_of_a_step_is_the_cells_and_the_runs(study: str, store: str) -> None:
    started = start_run(store, study, "1/1", "none", RUN)
    opened = open_store(store)
    record = read_record(opened, started.study_key)
    cell = record.grid.cells[0]

    def fail(step: CellStep) -> None:
        state = opened.state(record.evaluation_key(cell))
        assert (state.state, state.facts["step"], state.facts["run"]) == ("running", "train", RUN)
        raise CellFailure("out of memory")

    with pytest.raises(CellFailure):
        cell_step(store, started.study_key, cell.key, "train", RUN, fail)
    for key in (record.evaluation_key(cell), f"runs/{RUN}/cells/{cell.key}/train"):
        assert opened.state(key).error == "out of memory"


def test_a_complete_cell_is_worked_on_where_pruned_weights_are_wanted(trained: CellStep, study: str) -> None:
    """`clt run` made them again, a run of the pipeline said that all was done."""
    store, key = trained.store, trained.record.training_key(trained.cell)
    keeping = Path(study).with_name("keeping.yaml")
    keeping.write_text(Path(study).read_text().replace("max_steps", "keep_checkpoints: all, max_steps"))
    started = start_run(store.uri, str(keeping), "1/1", "none", "another")
    done: list[CellStep] = []
    cell_step(store.uri, started.study_key, trained.cell.key, "train", "another", done.append)
    assert not done
    store.prune(checkpoint_key(key, 8), "scores are complete")
    cell_step(store.uri, started.study_key, trained.cell.key, "train", "another", done.append)
    assert [step.record.training_key(step.cell) for step in done] == [key]


def test_the_page_of_answers_works_in_kubeflows_frame(tmp_path: Path) -> None:
    opened, record = open_store(tmp_path), told_record()
    cell = next(cell for cell in record.grid.cells if cell.tasks == ("talk",))
    said = {("talk", code): [Said(prompt="¿?", reference="r", answer="<b>sí</b>")] for code in ("en", "es", "ar")}
    store_answers(opened, record, cell, Told(said=said))
    page = CellStep(store=opened, record=record, cell=cell).samples()
    assert FRAME in page and "&lt;b&gt;sí&lt;/b&gt;" in page
