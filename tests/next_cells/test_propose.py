"""From a store to a proposal, and what is said where there is nothing to propose."""

from dataclasses import replace
from pathlib import Path

import pytest

from clt.errors import UserError
from clt.next_cells import Claim, NextRequest, Proposal, propose
from clt.planning import plan_study, read_study
from clt.store import Store, open_store
from clt.study import StudyRecord
from tests.next_cells.finished_cells import finish, record_of, trained

ENOUGH = 1e6  # hours
STARTER = Path(__file__).resolve().parents[2] / "studies" / "starter" / "study.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "store"))


def proposed(store: Store, record: StudyRecord, **asked: object) -> Proposal:
    return propose(store, record.study, replace(NextRequest(hours=ENOUGH), **asked))  # type: ignore[arg-type]


def cells(proposal: Proposal) -> list[str]:
    return [cell for step in proposal.steps for cell in step.cells]


def test_where_nothing_was_run_the_first_cells_are_of_the_grid(store: Store) -> None:
    record = record_of()
    proposal = proposed(store, record)
    assert {step.kind for step in proposal.steps} == {"grid"}
    assert "-n0-" in proposal.steps[0].cells[0]
    assert any("no cell of the study is done" in note for note in proposal.notes)
    assert not Path(store.uri).exists()


def test_what_is_assumed_of_losses_is_said(store: Store) -> None:
    losses = record_of(("metrics: [math_answer]", "metrics: [bits_per_byte]"))
    said = "bits_per_byte: the paper's runs do not tell how runs differ in it; 2.5% of the score"
    assert any(note.startswith(said) for note in proposed(store, losses).notes)
    assert not any("do not tell" in note for note in proposed(store, record_of()).notes)


def test_finished_cells_are_not_proposed_and_shrink_the_regret(store: Store) -> None:
    record = record_of()
    before = proposed(store, record, new=False)
    done = trained(record, sizes=(0, 1000))
    finish(store, record, *done)
    after = proposed(store, record, new=False)
    assert not {cell.key for cell in done} & set(cells(after))
    assert sum(each.now for each in after.expectations) < sum(each.now for each in before.expectations)
    assert {each.about for each in after.expectations} == {"en+es+ja at n = 1,000"}


def test_when_all_is_done_it_says_so(store: Store) -> None:
    record = record_of()
    finish(store, record, *trained(record), rise=3.0)
    proposal = proposed(store, record, new=False)
    assert not proposal.steps and "all cells that could be proposed are done" in proposal.statement


def test_cells_beside_the_grid_come_once_something_was_run(store: Store) -> None:
    record = record_of()
    finish(store, record, *trained(record))
    kinds = {step.kind for step in proposed(store, record, hours=1.0).steps}
    assert kinds and kinds <= {"new n", "further seed", "single donor"}
    assert not proposed(store, record, new=False).steps


def test_fewer_hours_than_the_cheapest_cells_take_are_refused_with_what_they_take(store: Store) -> None:
    with pytest.raises(
        UserError, match=r"--gpu-hours: got 1e-06, expected at least .*small-.*-n0-.*takes that many GPU hours"
    ):
        proposed(store, record_of(), hours=1e-6)


@pytest.mark.parametrize("hours", [0.0, -1.0, float("nan"), float("inf")])
def test_hours_have_to_be_a_number_above_0(hours: float) -> None:
    with pytest.raises(UserError, match="--gpu-hours: got"):
        NextRequest(hours=hours)


def test_the_hours_are_kept(store: Store) -> None:
    everything = proposed(store, record_of())
    half = proposed(store, record_of(), hours=everything.spent / 2)
    assert 0 < half.spent <= everything.spent / 2


def test_another_study_s_store_counts_as_empty(store: Store) -> None:
    other = record_of(("name: tiny", "name: other"), ("batch_size: 10", "batch_size: 20"))
    finish(store, other, *trained(other))
    proposal = proposed(store, record_of())
    assert not proposal.done and any("was not planned in" in note for note in proposal.notes)


def test_of_a_study_that_changed_the_cells_that_are_the_same_count(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    text = STARTER.read_text(encoding="utf-8").replace("data/", f"{STARTER.parent}/data/")
    file.write_text(text, encoding="utf-8")
    record = plan_study(store, read_study(file))
    finish(store, record, *trained(record, sizes=(0, 8)))
    assert "[0, 2, 8]" in text
    file.write_text(text.replace("[0, 2, 8]", "[0, 4, 8]"), encoding="utf-8")
    proposal = propose(store, read_study(file), NextRequest(hours=ENOUGH), "study.yaml")
    assert proposal.done == {cell.key for cell in trained(record, sizes=(0, 8))}
    assert any("study.yaml as it is was not planned" in note for note in proposal.notes)


def test_failed_cells_are_proposed_again_and_counted(store: Store) -> None:
    record = record_of()
    finish(store, record, *trained(record, sizes=(0,)))
    failed = trained(record, sizes=(1000,))[0]
    with (
        pytest.raises(RuntimeError),
        store.writer(record.evaluation_key(failed)),
        store.track(record.evaluation_key(failed)),
    ):
        raise RuntimeError("no memory")
    proposal = proposed(store, record)
    assert failed.key in cells(proposal)
    assert any("1 failed cell counts as not run" in note for note in proposal.notes)


def test_a_study_without_english_only_cells_gets_them_or_is_told(store: Store) -> None:
    bare = record_of(("[0, 10, 100, 1000]", "[10, 100]"))
    assert "-n0-" in proposed(store, bare).steps[0].cells[0]
    with pytest.raises(UserError, match=r"no n = 0.*add 0 to samples_per_language"):
        proposed(store, bare, new=False)


def test_english_only_training_alone_leaves_nothing_to_choose(store: Store) -> None:
    with pytest.raises(UserError, match="n = 0 alone"):
        proposed(store, record_of(("[0, 10, 100, 1000]", "[0]")))


def test_targets_are_evaluated_languages(store: Store) -> None:
    assert proposed(store, record_of(), targets=("ko",)).steps
    with pytest.raises(UserError, match="--target: got 'pt', expected evaluated languages: en, es, ja, ko"):
        proposed(store, record_of(), targets=("pt",))


def test_a_budget_has_room_for_a_mixture(store: Store) -> None:
    finish(store, record := record_of(), *trained(record))
    (about,) = {each.about for each in proposed(store, record, budget=150, new=False).expectations}
    assert about == "en+es+ja at n = 10"
    with pytest.raises(UserError, match="--budget: got 50, expected at least 110"):
        proposed(store, record, budget=50)


def test_a_claim_is_narrowed_by_cells_of_its_curve_first(store: Store) -> None:
    record = record_of()
    finish(store, record, *trained(record))
    claim = Claim.parse("model=small,task=math,measure=U")
    proposal = proposed(store, record, claim=claim, hours=1.0)
    (expected,) = proposal.expectations
    assert expected.after < expected.now and expected.about == "en+es+ja at n = 1,000"
    assert (proposal.steps[0].model, proposal.steps[0].tasks) == ("small", ("math",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model=small", "measure: got ''"),
        ("measure=X", "measure: got 'X', expected one of S, U, EN"),
        ("color=red,measure=S", "got 'color=red', expected FIELD=VALUE"),
        ("measure=S,n=0", "n: got '0', expected rows per language"),
        ("task=math,measure=S", "means 2 curves, expected one of: model=small,setting=single_task,task=math"),
        ("model=none,measure=S", "model=none means 0 curves"),
        ("model=small,task=math,measure=S,n=7", "n: got 7, expected one of 10, 100, 1000"),
    ],
)
def test_a_claim_that_means_no_curve_is_refused(store: Store, text: str, message: str) -> None:
    with pytest.raises(UserError) as refused:
        proposed(store, record_of(), claim=Claim.parse(text))
    assert message in str(refused.value)


def test_one_multi_task_cell_lowers_the_regret_of_several_tasks(store: Store) -> None:
    record = record_of(("mixtures:\n", "settings: [multi_task]\nmixtures:\n"))
    proposal = proposed(store, record, hours=ENOUGH)
    assert all(each.after < each.now for each in proposal.expectations) and len(proposal.expectations) == 4
    assert proposal.steps[0].tasks == ("math", "news")
