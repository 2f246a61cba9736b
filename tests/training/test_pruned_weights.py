"""Weights are pruned only where no study of the store wants them, and made again bit by bit where one does later."""

import shutil
from typing import Any

import pytest

from clt.cluster import JobSpec, cell_step
from clt.errors import CellFailure, StudyError
from clt.evaluation import evaluate
from clt.local.runner import incomplete
from clt.planning.gone_weights import check_gone_weights
from clt.store import ArtifactFile, CheckpointMetadata, TrainingMetadata, gone_steps, open_store
from clt.study import checkpoint_key
from tests.training.conftest import Plan, Planned
from tests.training.test_train import assert_equal, run, stop_at

ITEMS = '{"id": "a", "language": "%s", "prompt": "1 + 1 =", "reference": "2"}\n'


def complete(planned: Planned) -> Planned:
    """Train and evaluate, as the local runner does."""
    run(planned)
    for task in planned.cell.tasks:
        with planned.store.writer(planned.record.items_key(task)) as attempt:
            lines = "".join(ITEMS % code for code in ("en", "es", "ja"))
            (attempt.path / ArtifactFile.ITEMS).write_text(lines)
    evaluate(planned.store, planned.study_key, planned.cell.key)
    return planned


def kept(planned: Planned) -> list[int]:
    """The steps whose weights are there."""
    keys = planned.store.keys(f"{planned.key}/checkpoints")
    manifests = {int(key.rsplit("/", 1)[1]): planned.store.manifest(key) for key in keys}
    return [step for step, manifest in manifests.items() if manifest is not None and manifest.pruned is None]


def selected(planned: Planned) -> int:
    training = TrainingMetadata.read(planned.store, planned.key)
    assert training is not None
    return training.selected


ALL: dict[str, Any] = {"evaluation": {"checkpoints": "all"}}


@pytest.mark.parametrize("wish", [{"keep_checkpoints": "all"}, ALL, {"evaluation": {"checkpoints": {"every": 1}}}])
def test_a_plain_study_leaves_what_another_one_of_the_store_wants(plan: Plan, wish: dict[str, Any]) -> None:
    other, plain = plan(**wish), plan()
    assert other.key == plain.key and other.study_key != plain.study_key
    complete(plain)
    assert kept(plain) == [2, 4, 6]


def test_a_study_of_another_training_wants_nothing_of_this_one(plan: Plan) -> None:
    plan(keep_checkpoints="all", learning_rate=2e-2)
    plain = complete(plan())
    assert kept(plain) == [selected(plain)]


def test_a_plan_that_nobody_can_read_keeps_everything(plan: Plan) -> None:
    plain = plan()
    with plain.store.writer("studies/older-00000000") as attempt:
        (attempt.path / ArtifactFile.RECORD).write_text("{}")
    complete(plain)
    assert kept(plain) == [2, 4, 6]


def test_what_was_wanted_for_answers_goes_when_they_are_complete(plan: Plan) -> None:
    thorough, plain = plan(**ALL), plan()
    complete(plain)
    assert kept(plain) == [2, 4, 6]
    complete(thorough)
    assert kept(plain) == [selected(plain)]


def test_complete_scores_need_no_weights_though_their_answers_are_gone(plan: Plan) -> None:
    thorough = complete(plan(**ALL))
    for key in thorough.store.keys("answers"):
        assert thorough.store.remove(key, only=thorough.store.manifest(key))
    assert kept(thorough) == [selected(thorough)]
    assert not gone_steps(thorough.store, thorough.record, thorough.cell)


@pytest.mark.parametrize("wish", [{"keep_checkpoints": "all"}, ALL])
def test_pruned_weights_that_are_wanted_later_are_the_same_bits_again(plan: Plan, wish: dict[str, Any]) -> None:
    whole = run(plan(store="whole", keep_checkpoints="all"))
    plain = complete(plan())
    later = plan(**wish)
    gone = {2, 4, 6} - {selected(plain)}
    assert gone_steps(later.store, later.record, later.cell) == gone
    assert incomplete(later.store, later.record, [later.cell.key]) == [later.cell.key]
    job = JobSpec(kind="training", store=later.store.uri, study_key=later.study_key, cell_key=later.cell.key)
    assert not job.is_complete(later.store, later.record)
    manifest = later.store.manifest(later.key)
    run(later)
    assert later.store.manifest(later.key) == manifest
    assert kept(later) == [2, 4, 6]
    assert_equal(later, whole)
    assert job.is_complete(later.store, later.record)
    complete(later)
    assert not incomplete(later.store, later.record, [later.cell.key])


def test_a_training_that_was_let_go_is_made_again_for_who_keeps_its_weights_alone(plan: Plan) -> None:
    plain, keeper = complete(plan()), plan(keep_checkpoints="all")
    plain.store.remove(plain.key, only=None)
    assert not incomplete(plain.store, plain.record, [plain.cell.key])
    assert incomplete(keeper.store, keeper.record, [keeper.cell.key]) == [keeper.cell.key]
    run(keeper)
    assert kept(keeper) == [2, 4, 6] and not incomplete(keeper.store, keeper.record, [keeper.cell.key])


def test_a_run_on_a_cluster_trains_a_complete_cell_whose_pruned_weights_are_wanted(plan: Plan) -> None:
    plain = complete(plan())
    later = plan(keep_checkpoints="all")

    def trains(planned: Planned) -> bool:
        done: list[str] = []

        def train(_: object) -> None:
            run(planned)
            done.append("train")

        cell_step(planned.store.uri, planned.study_key, planned.cell.key, "train", "run-1", train)
        return bool(done)

    assert (trains(plain), trains(later), trains(later)) == (False, True, False)
    assert kept(later) == [2, 4, 6]


@pytest.mark.parametrize("step", [1, 3, 5])
def test_making_weights_again_goes_on_where_it_was_stopped(plan: Plan, step: int) -> None:
    whole = run(plan(store="whole", keep_checkpoints="all"))
    complete(plan())
    later = plan(keep_checkpoints="all")
    if step <= max(gone_steps(later.store, later.record, later.cell)):  # it goes no farther than that
        stop_at(later, step)
    run(later)
    assert kept(later) == [2, 4, 6]
    assert_equal(later, whole)


def test_states_that_an_end_left_over_do_not_hide_weights_that_are_gone(plan: Plan) -> None:
    planned = plan(keep_checkpoints="all")
    run(planned)
    training = planned.store.manifest(planned.key)
    folder = open_store(planned.store.uri).folder
    shutil.rmtree(folder / planned.key)
    stop_at(planned, 5)  # leaves the state of step 4
    with planned.store.writer(planned.key) as attempt:
        assert training is not None
        attempt.metadata.update(training.metadata)
    planned.store.prune(checkpoint_key(planned.key, 2), "for this test")
    run(planned)
    assert 2 in kept(planned)


def test_weights_that_would_not_be_the_same_are_refused(plan: Plan) -> None:
    planned = run(plan(keep_checkpoints="all"))
    training = TrainingMetadata.read(planned.store, planned.key)
    assert training is not None
    planned.store.prune(checkpoint_key(planned.key, 2), "for this test")
    planned.store.remove(planned.key, only=planned.store.manifest(planned.key))
    other = CheckpointMetadata(step=2, validation_loss=9.0, validation={})
    with planned.store.writer(planned.key) as attempt:
        training.model_copy(update={"checkpoints": [other, *training.checkpoints[1:]]}).write(attempt)
    later = plan(keep_checkpoints="all")
    with pytest.raises(CellFailure, match=r"training again did not give the same ones.*keep_checkpoints: selected"):
        run(later)
    assert 2 not in kept(later)


def test_weights_of_an_accelerator_that_are_gone_are_refused_when_the_study_is_planned(plan: Plan) -> None:
    planned = run(plan(keep_checkpoints="all"))
    plain, later = plan(), plan(**ALL)
    planned.store.prune(checkpoint_key(planned.key, 2), "for this test")
    check_gone_weights(later.store, later.record)  # a CPU made them
    manifest = planned.store.manifest(planned.key)
    assert manifest is not None
    shutil.rmtree(open_store(planned.store.uri).folder / planned.key / "attempts")
    (open_store(planned.store.uri).folder / planned.key / "manifest.json").unlink()
    with planned.store.writer(planned.key) as attempt:
        attempt.metadata.update({**manifest.metadata, "environment": {"device": "NVIDIA H100"}})
    with pytest.raises(StudyError, match=r"evaluation\.checkpoints: .* step 2 were pruned, and NVIDIA H100 would not"):
        check_gone_weights(later.store, later.record)
    check_gone_weights(plain.store, plain.record)  # it wants none of them


def test_the_validation_loss_of_the_standing_checkpoint_is_recorded(plan: Plan) -> None:
    """Killed between checkpoint and state, a GPU computes another loss than that of the weights that stand."""
    planned = plan()
    stands = CheckpointMetadata(step=2, validation_loss=0.25, validation={"en": 0.25})
    with planned.store.writer(checkpoint_key(planned.key, 2)) as attempt:
        stands.write(attempt)
    run(planned)
    training = TrainingMetadata.read(planned.store, planned.key)
    assert training is not None
    assert training.checkpoint(2) == stands and training.selected == 2
