"""The grid: which cells and points a study has, and what makes a cell another cell."""

from collections.abc import Callable

from clt.study import Cell, Study, StudyRecord, expand, load_study

RecordOf = Callable[..., StudyRecord]
N = "samples_per_language: [0, 10, 20]"


def test_grid_is_models_by_tasks_by_n_by_seeds_and_base_models(record_of: RecordOf) -> None:
    grid = record_of(("training:", "seeds: [0, 1]\ntraining:")).grid
    assert len(grid.points) == 2 * 2 * 3 * 2
    assert len(grid.cells) == len(grid.points) + 2
    assert [cell.key for cell in grid.cells if cell.is_base] == [cell.key for cell in grid.cells[:2]]
    assert {point.cell for point in grid.points} == {cell.key for cell in grid.cells if not cell.is_base}


def test_english_only_points_of_several_mixtures_are_one_cell(text: str) -> None:
    other = "  - {name: latin, english_samples: 100, samples_per_language: [0, 10], languages: [es]}\ntraining:"
    grid = expand(load_study(text.replace("training:", other)))
    english = [point for point in grid.points if point.samples_per_language == 0 and point.model == "small"]
    assert len(english) == 4
    assert len({point.cell for point in english}) == 2  # one a task
    assert {point.train_languages for point in english} == {("es", "ja"), ("es",)}


def test_fixed_budget_replaces_english_rows(record_of: RecordOf) -> None:
    grid = record_of((N, f"{N}\n    design: fixed_budget\n    weights: {{ja: 1.5}}")).grid
    rows = {cell.samples_per_language: cell.rows for cell in grid.cells if cell.model == "small"}
    assert rows[0] == {"en": 100}
    assert rows[10] == {"en": 75, "es": 10, "ja": 15}
    assert rows[20] == {"en": 50, "es": 20, "ja": 30}


def test_multi_task_is_one_cell_over_all_tasks(record_of: RecordOf) -> None:
    grid = record_of(("training:", "settings: [multi_task]\ntraining:")).grid
    trained = [cell for cell in grid.cells if not cell.is_base]
    assert {cell.tasks for cell in trained} == {("math", "news")}
    assert len(trained) == 2 * 3


def test_exposure_follows_the_cell_and_role_follows_the_curve(study: Study) -> None:
    grid = expand(study)
    english = next(point for point in grid.points if point.samples_per_language == 0)
    cell = grid.cell(english.cell)
    assert [cell.exposure(code, "en") for code in ("en", "es", "ko")] == ["english", "unseen", "unseen"]
    assert [english.role(code, "en") for code in ("en", "es", "ko")] == ["english", "trained", "held_out"]
    more = grid.cell(next(point for point in grid.points if point.samples_per_language == 10).cell)
    assert [more.exposure(code, "en") for code in ("en", "es", "ko")] == ["english", "seen", "unseen"]


def test_more_n_seeds_models_and_mixtures_leave_the_other_cells_as_they_are(record_of: RecordOf) -> None:
    before = record_of()
    for change in (
        (N, "samples_per_language: [5, 20, 10, 0]"),
        ("training:", "seeds: [3, 0]\ntraining:"),
        ("  - {name: large", "  - {name: huge, parameters: 9000}\n  - {name: large"),
        ("  - name: main", "  - {name: more, english_samples: 50, samples_per_language: [0]}\n  - name: main"),
    ):
        after = record_of(change)
        assert _identities(before) < _identities(after), change


def _identities(record: StudyRecord) -> set[tuple[str, str, str]]:
    def keys(cell: Cell) -> tuple[str, str, str]:
        return cell.key, "" if cell.is_base else record.training_key(cell), record.evaluation_key(cell)

    return {keys(cell) for cell in record.grid.cells}


def test_a_pilot_is_capped_everywhere(study: Study) -> None:
    pilot = study.limited(12)
    assert pilot.mixtures[0].english_samples == 12
    assert pilot.mixtures[0].samples_per_language == (0, 10, 12)
    assert pilot.evaluation.max_items == 12
    assert study.limited(3).training.validation_rows == 3
    assert study.limited(8).mixtures[0].samples_per_language == (0, 8)  # 10 and 20 became equal
    assert study.limited(10**6).mixtures == study.mixtures


def test_a_pilot_keeps_a_budget_and_its_weights(text: str) -> None:
    weighted = text.replace(N, f"{N}\n    design: fixed_budget\n    weights: {{ja: 2}}")
    mixture = load_study(weighted).limited(15).mixtures[0]
    assert mixture.samples_per_language == (0, 5)
    assert mixture.rows(5, "ja") + mixture.rows(5, "es") == 15
