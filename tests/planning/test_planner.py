"""The plan's numbers, against a calculation by hand."""

from collections.abc import Callable

import pytest

from clt.errors import StudyError, UserError
from clt.planning import check_limits, declared_facts, declared_record, make_plan, optimizer_steps
from clt.study import StudyRecord, judge_prompt, load_study, select_cells

RecordOf = Callable[..., StudyRecord]


def test_one_cell_costs_what_a_hand_calculation_says(record_of: RecordOf) -> None:
    plan = make_plan(
        record_of(
            (
                'bytes_per_row: 80}\n    prompt: "{question}"',
                'bytes_per_row: 80}\n    max_new_tokens: 30\n    prompt: "{question}"',
            )
        )
    )
    cost = next(cost for cost in plan.cells if cost.cell.key.startswith("small-math-n20"))
    assert cost.rows == 100 + 2 * 20
    assert cost.tokens == 140 * 100 / 4
    assert cost.steps == 14
    assert cost.checkpoints == 1
    assert cost.items == 4 * 50
    validation = 3 * 5 * 100 / 4
    assert cost.training_seconds == pytest.approx((6 * 3500 + 2 * validation) * 1000 / 1e6)
    assert cost.evaluation_seconds == pytest.approx(2 * 200 * (80 / 4 + 30) * 1000 / 1e6)
    assert cost.gpu_hours == 0  # a cpu-thread is no GPU
    assert cost.kept_bytes == 1000 * 4
    assert cost.transient_bytes == 2 * 3 * 1000 * 4  # two states of weights and both moments in float32


def test_a_judge_is_asked_for_every_answer_of_every_evaluated_checkpoint(record_of: RecordOf) -> None:
    judge = "judge: {max_tokens: 50, endpoint: {url: 'http://localhost:1/v1', model: judge}}\nlanguages:"
    changes = ("metrics: [math_answer]", "max_new_tokens: 30\n    metrics: [judge]"), ("languages:", judge)
    plan, plain = make_plan(record_of(*changes)), make_plan(record_of())
    evaluated = sum(cost.evaluated_checkpoints for cost in plan.cells if "math" in cost.cell.tasks)
    assert plain.judge is None and plan.judge is not None
    assert plan.judge.calls == evaluated * 4 * 50
    assert plan.judge.completion_tokens == plan.judge.calls * 50
    prompt = judge_prompt("instruction-v1")
    written = len((prompt.system + prompt.user).encode()) + 80
    assert plan.judge.prompt_tokens == pytest.approx(plan.judge.calls * (written / 4 + 30))


def test_a_base_model_is_only_evaluated(record_of: RecordOf) -> None:
    cost = make_plan(record_of()).cells[0]
    assert (cost.rows, cost.steps, cost.training_seconds, cost.kept_bytes) == (0, 0, 0, 0)
    assert cost.items == 2 * 4 * 50  # both tasks
    assert cost.evaluation_seconds > 0


def test_totals_are_sums_and_mixtures_are_counted_once(record_of: RecordOf) -> None:
    plan = make_plan(record_of())
    assert plan.seconds == pytest.approx(sum(cost.seconds for cost in plan.cells))
    assert plan.rows == 2 * 2 * (100 + 120 + 140)
    of_one_model = sum(cost.mixture_bytes for cost in plan.cells if cost.cell.model == "small")
    assert plan.mixtures_bytes == of_one_model  # both models train on the same ones
    assert plan.kept_bytes == of_one_model + sum(cost.kept_bytes for cost in plan.cells)


def test_gpu_hours_count_every_accelerator_of_a_job(record_of: RecordOf) -> None:
    eight = "resources:\n  training: {accelerator: h100, nodes: 2, accelerators_per_node: 4}"
    one = make_plan(record_of(("resources:", "resources:\n  training: {accelerator: h100}")))
    many = make_plan(record_of(("resources:", eight)))
    assert many.gpu_hours == pytest.approx(one.gpu_hours)  # eight times as fast, on eight times as many
    assert one.gpu_hours > 0
    assert many.cells[-1].training_seconds == pytest.approx(one.cells[-1].training_seconds / 8)


def test_lora_costs_less_time_and_disk(record_of: RecordOf) -> None:
    size = ("parameters: 1000", "parameters: 7000000000")
    full = make_plan(record_of(size)).cells[2]
    lora = make_plan(record_of(size, ("- name: small", "- name: small\n    method: lora"))).cells[2]
    assert lora.training_seconds < 0.7 * full.training_seconds
    assert 0 < lora.kept_bytes < 0.02 * full.kept_bytes


def test_side_by_side_cells_take_less_time_and_more_disk(record_of: RecordOf) -> None:
    one, two = make_plan(record_of()), make_plan(record_of(), workers=2)
    assert two.wall_seconds == pytest.approx(one.wall_seconds / 2)
    assert two.peak_bytes > one.peak_bytes
    assert make_plan(record_of(), workers=1000).wall_seconds == max(cost.seconds for cost in one.cells)


@pytest.mark.parametrize(
    ("length", "rows", "steps"),
    [("epochs: 1", 140, 14), ("epochs: 1", 141, 15), ("epochs: 2.5", 100, 25), ("max_steps: 7", 9, 7)],
)
def test_optimizer_steps(text: str, length: str, rows: int, steps: int) -> None:
    training = load_study(text.replace("epochs: 1", length)).training
    assert optimizer_steps(training, rows) == steps


@pytest.mark.parametrize(("choice", "evaluated"), [("selected", 1), ("all", 14), ("{every: 4}", 4), ("{every: 20}", 1)])
def test_evaluated_checkpoints_follow_the_study(record_of: RecordOf, choice: str, evaluated: int) -> None:
    changes = (
        ("epochs: 1", "epochs: 1\n  checkpoint_every: 1"),
        ("training:", f"evaluation: {{checkpoints: {choice}}}\ntraining:"),
    )
    plan = make_plan(record_of(*reversed(changes)))
    cost = next(cost for cost in plan.cells if cost.cell.key.startswith("small-math-n20"))
    assert (cost.checkpoints, cost.evaluated_checkpoints) == (14, evaluated)


def test_limits_are_refused_by_name_with_what_is_needed(record_of: RecordOf) -> None:
    gpu = ("resources:", "resources:\n  training: {accelerator: h100}")
    limited = record_of(gpu, ("name: tiny", "name: tiny\nlimits: {gpu_hours: 1.0e-9, disk: 1KB}"))
    with pytest.raises(StudyError, match=r"limits\.gpu_hours: got 1e-09, the study needs .*limits\.disk: got 1KB"):
        check_limits(make_plan(limited))
    check_limits(make_plan(record_of(gpu, ("name: tiny", "name: tiny\nlimits: {gpu_hours: 5, disk: 1GB}"))))


def test_planning_without_data_needs_declared_rows(text: str) -> None:
    study = load_study(text.replace("{rows: 50, bytes_per_row: 80}", "math.{language}.jsonl"))
    with pytest.raises(StudyError, match=r"tasks\.math\.test\.rows: missing for en"):
        declared_facts(study)


def test_revisions_that_are_no_commits_are_noted(text: str) -> None:
    hub = "{hub: org/set, config: '{language}', revision: main, rows: 50}"
    study = load_study(text.replace("{rows: 50, bytes_per_row: 80}", hub))
    notes = make_plan(declared_record(study)).notes
    assert any(note.startswith("tasks.math.test: revision 'main' is not a commit") for note in notes)


@pytest.mark.parametrize(
    ("filter", "count"),
    [
        ("model=small", 7),
        ("model=small,n=0|20", 4),
        ("model=small,task=math,n=*", 3),
        ("setting=base", 2),
        ("language=ja,n=10", 4),
        ("small-math-*", 3),
        ("small-math-*,large-news-*", 6),
        ("seed=0,*-news-*", 6),
    ],
)
def test_a_filter_chooses_cells_and_their_points(record_of: RecordOf, filter: str, count: int) -> None:
    chosen = select_cells(record_of().grid, filter)
    assert len(chosen.cells) == count
    keys = {cell.key for cell in chosen.cells}
    assert {point.cell for point in chosen.points} == {cell.key for cell in chosen.cells if not cell.is_base}
    assert all(point.cell in keys for point in chosen.points)


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ("modell=small", "got field 'modell', expected one of model, setting, task, language, n, seed"),
        ("model=tiny", "got 'tiny', expected one of small, large"),
        ("n=7", "got '7', expected one of 0, 10, 20"),
        ("tiny-*", "no cell matches"),
        ("setting=base,n=10", "no cell matches"),
    ],
)
def test_a_filter_that_cannot_match_is_refused(record_of: RecordOf, filter: str, message: str) -> None:
    with pytest.raises(UserError) as error:
        select_cells(record_of().grid, filter)
    assert message in str(error.value)
