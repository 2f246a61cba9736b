"""A study file of a proposal: what is done keeps its key, every chosen cell is there, and no curve is split."""

from pathlib import Path

import pytest
import yaml

from clt.next_cells import NextRequest, propose, study_text
from clt.next_cells.curves import curves_of, extended
from clt.next_cells.writing import written_mixtures
from clt.planning import plan_study, preview_plan, read_study
from clt.planning.preview import inspected_record
from clt.store import Store, open_store
from clt.study import Study, StudyRecord, expand
from tests.next_cells.finished_cells import TEXT, finish, record_of, trained

STARTER = Path(__file__).resolve().parents[2] / "studies" / "starter" / "study.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "store"))


def written(record: StudyRecord, have: set[str]) -> Study:
    wide = extended(record, new=True)
    mixtures = tuple(written_mixtures(curves_of(wide.grid), wide.study, have))
    return record.study.model_copy(update={"mixtures": mixtures})


def keys(record: StudyRecord, study: Study) -> set[str]:
    return {cell.key for cell in expand(study).cells if not cell.is_base}


def test_the_study_has_exactly_the_cells_that_are_wanted() -> None:
    record = record_of()
    small = trained(record, sizes=(0, 10, 1000), models=("small",))
    large = [cell for cell in trained(record, sizes=(0, 100), models=("large",)) if cell.tasks == ("math",)]
    have = {cell.key for cell in (*small, *large)}
    assert keys(record, written(record, have)) == have


def test_a_curve_stays_in_one_mixture_of_one_name() -> None:
    record = record_of()
    have = {cell.key for cell in trained(record, sizes=(0, 10), models=("small",))}
    have |= {cell.key for cell in trained(record, sizes=(0, 10, 100), models=("large",))}
    study = written(record, have)
    curves = [(point.model, point.tasks) for point in expand(study).points if point.samples_per_language == 10]
    assert len(curves) == len(set(curves)) == 4
    assert len({mixture.name for mixture in study.mixtures}) == len(study.mixtures) == 2


def test_curves_of_one_design_share_a_mixture() -> None:
    record = record_of()
    have = {cell.key for cell in trained(record)}
    (mixture,) = written(record, have).mixtures
    assert (mixture.models, mixture.tasks) == (("small", "large"), ("math", "news"))


def test_english_only_cells_that_nothing_else_goes_with_are_kept() -> None:
    record = record_of()
    have = {cell.key for cell in trained(record, sizes=(0,), models=("small",))}
    assert keys(record, written(record, have)) == have


@pytest.mark.parametrize("beside", [True, False])
def test_what_is_done_is_not_done_again(store: Store, tmp_path: Path, beside: bool) -> None:
    source = tmp_path / "study.yaml"
    source.write_text(STARTER.read_text(encoding="utf-8").replace("data/", f"{STARTER.parent}/data/"), encoding="utf-8")
    study = read_study(source)
    record = plan_study(store, study)
    done = trained(record, sizes=(0, 4))
    finish(store, record, *done)
    proposal = propose(store, study, NextRequest(hours=1.0))
    folder = tmp_path if beside else tmp_path / "elsewhere"
    folder.mkdir(exist_ok=True)
    target = folder / "next.yaml"
    target.write_text(study_text(proposal, study, source, folder), encoding="utf-8")
    after = read_study(target)
    again, _ = inspected_record(after, "", store)
    before = {record.evaluation_key(cell) for cell in done}
    chosen = {cell for step in proposal.steps for cell in step.cells}
    assert chosen and before <= {again.evaluation_key(cell) for cell in again.grid.cells}
    assert {cell.key for cell in trained(again)} == chosen | {cell.key for cell in done}
    assert len(preview_plan(after, None, 1).cells) == len(again.grid.cells)


def test_norwegian_stays_a_language(store: Store, tmp_path: Path) -> None:
    """YAML 1.1 reads `no` as false."""
    source = tmp_path / "study.yaml"
    text = TEXT.replace("train: [es, ja]", "train: [es, no]").replace("[en, es, ja, ko]", "[en, es, no, ko]")
    source.write_text(text, encoding="utf-8")
    study = read_study(source)
    target = tmp_path / "next.yaml"
    target.write_text(
        study_text(propose(store, study, NextRequest(hours=1.0)), study, source, tmp_path), encoding="utf-8"
    )
    assert read_study(target).languages == study.languages


def test_the_rest_of_the_file_stays_as_it_was_written(store: Store, tmp_path: Path) -> None:
    study = read_study(STARTER)
    text = study_text(propose(store, study, NextRequest(hours=1.0)), study, STARTER, STARTER.parent)
    before, after = yaml.safe_load(STARTER.read_text(encoding="utf-8")), yaml.safe_load(text)
    assert {name: after[name] for name in ("tasks", "languages", "training")} == {
        name: before[name] for name in ("tasks", "languages", "training")
    }
