"""Cells that go together: what is run next leaves every curve with the same seeds at all of its n."""

from clt.next_cells.candidates import candidates
from clt.next_cells.curves import Curve

CELLS = {(n, seed): f"n{n}-seed{seed}" for n in (0, 10, 100) for seed in (0, 1)}
CURVE = Curve(model="small", setting="single_task", tasks=("math",), mixture="main", cells=CELLS)


def next_of(*done: str, curve: Curve = CURVE) -> set[tuple[str, ...]]:
    return {candidate.cells for candidate in candidates([curve], done)}


def test_the_first_n_comes_with_english_only_training() -> None:
    assert next_of() == {("n0-seed0", "n10-seed0"), ("n0-seed0", "n100-seed0")}


def test_a_further_n_is_run_with_every_seed_of_the_curve() -> None:
    done = ("n0-seed0", "n10-seed0", "n0-seed1", "n10-seed1")
    assert next_of(*done) == {("n100-seed0", "n100-seed1")}


def test_a_further_seed_is_run_at_every_n_of_the_curve() -> None:
    done = ("n0-seed0", "n10-seed0", "n100-seed0")
    assert next_of(*done) == {("n0-seed1", "n10-seed1", "n100-seed1")}


def test_what_a_curve_lacks_of_its_seeds_comes_first() -> None:
    done = ("n0-seed0", "n10-seed0", "n100-seed0", "n10-seed1")
    assert ("n0-seed1", "n10-seed1") not in next_of(*done)
    assert next_of(*done) == {("n0-seed1",), ("n0-seed1", "n100-seed1")}


def test_english_only_training_of_another_mixture_is_not_run_again() -> None:
    shared = Curve(model="small", setting="single_task", tasks=("math",), mixture="es",
                   cells={(0, 0): "n0-seed0", (10, 0): "es-n10-seed0"})  # fmt: skip
    assert next_of("n0-seed0", curve=shared) == {("es-n10-seed0",)}


def test_nothing_is_left_of_a_complete_curve_and_a_curve_without_english_only_training_has_no_candidates() -> None:
    assert next_of(*CELLS.values()) == set()
    bare = Curve(model="small", setting="single_task", tasks=("math",), mixture="main", cells={(10, 0): "n10-seed0"})
    assert next_of(curve=bare) == set()
