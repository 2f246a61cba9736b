"""What may be run: the study's grid, and beside it what its rows reach, once something of it was run."""

from clt.next_cells.curves import Curve, curves_of, extended, reachable
from clt.study import StudyRecord
from tests.next_cells.finished_cells import record_of, trained


def wide(record: StudyRecord) -> dict[str, Curve]:
    return {curve.mixture: curve for curve in curves_of(extended(record, new=True).grid) if curve.model == "small"}


def test_the_extended_grid_holds_the_study_s_own_cells() -> None:
    record = record_of()
    assert {cell.key for cell in record.grid.cells} < {cell.key for cell in extended(record, new=True).grid.cells}
    assert extended(record, new=False) is record


def test_new_n_lie_between_and_beyond_those_of_the_curve() -> None:
    assert wide(record_of())["main"].sample_sizes == (0, 10, 32, 100, 320, 1000, 2000)


def test_no_new_n_needs_more_rows_than_there_are() -> None:
    few = record_of(("train: {rows: 3000,", "train: {rows: 1500,"))
    assert max(wide(few)["main"].sample_sizes) == 1000


def test_no_new_n_goes_beyond_a_fixed_budget() -> None:
    fixed = record_of(
        ("english_samples: 100, samples_per_language: [0, 10, 100, 1000]",
         "english_samples: 300, samples_per_language: [0, 100], design: fixed_budget")
    )  # fmt: skip
    assert wide(fixed)["main"].sample_sizes == (0, 100)


def test_each_language_of_a_mixture_is_a_donor_by_itself_and_one_seed_is_new() -> None:
    curves = wide(record_of())
    assert set(curves) == {"main", "only-es", "only-ja"}
    assert curves["only-es"].seeds == (0, 1)


def test_a_single_donor_that_the_study_has_is_not_proposed_again() -> None:
    es = "mixtures:\n  - {name: spanish, english_samples: 100, samples_per_language: [0, 5], languages: [es]}\n"
    assert set(wide(record_of(("mixtures:\n", es)))) == {"main", "spanish", "only-ja"}


def test_a_study_without_english_only_cells_gets_them() -> None:
    bare = record_of(("[0, 10, 100, 1000]", "[10, 100]"))
    every, own = curves_of(extended(bare, new=True).grid), {cell.key for cell in bare.grid.cells}
    assert all((0, 0) in curve.cells for curve in reachable(every, own, ()))


def test_before_anything_was_run_only_the_grid_is_in_reach() -> None:
    record = record_of()
    every, own = curves_of(extended(record, new=True).grid), {cell.key for cell in record.grid.cells}
    untouched = {key for curve in reachable(every, own, ()) for key in curve.cells.values()}
    assert untouched == {cell.key for cell in trained(record)}
    math = [cell.key for cell in trained(record, sizes=(10,), models=("small",)) if cell.tasks == ("math",)]
    started = list(reachable(every, own, math))
    assert {curve.group for curve in started if curve.mixture == "only-es"} == {("small", "single_task", ("math",))}
