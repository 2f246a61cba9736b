"""Nested selection: the same rows whatever else is in the mixture, the same bytes anywhere."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from clt.data.ranking import in_order, ranks
from clt.store import open_store


def cells(record: Any, **values: Any) -> list[Any]:
    """The trained cells with these values, by rising n."""
    found = [c for c in record.grid.cells if not c.is_base and all(getattr(c, k) == v for k, v in values.items())]
    return sorted(found, key=lambda cell: cell.samples_per_language)


def test_rows_of_smaller_n_begin_the_rows_of_larger_n(workplace):
    record = workplace.plan(workplace.study(seeds=[0, 1]))
    for seed in (0, 1):
        mixed = [workplace.mixture(record, cell.key) for cell in cells(record, seed=seed)]
        for small, large in pairwise(mixed):
            for language in ("en", "ja", "zh", "ar", "ko"):
                assert large.ids(language)[: len(small.ids(language))] == small.ids(language)
        assert [len(m.ids("ja")) for m in mixed] == [0, 2, 5, 9]
        assert all(len(m.ids("en")) == 20 for m in mixed)


def test_same_study_gives_same_bytes_in_another_store(workplace, tmp_path):
    record = workplace.plan(workplace.study())
    cell = cells(record)[-1]
    first = workplace.mixture(record, cell.key)
    workplace.store = open_store(tmp_path / "other")
    again = workplace.plan(workplace.study())
    assert again.key == record.key
    assert workplace.mixture(again, cell.key).sha256 == first.sha256


def test_bytes_of_a_mixture_do_not_change_between_versions(workplace):
    """Raise MIXTURE_FORMAT when this has to change: stores hold mixtures made by older versions."""
    record = workplace.plan(workplace.study())
    mixed = workplace.mixture(record, cells(record)[-1].key)
    assert mixed.ids("ja") == [f"item-{number}" for number in (46, 37, 49, 12, 6, 59, 7, 8, 4)]
    assert mixed.ids("en")[0] == "item-50"


def test_order_of_the_file_does_not_change_the_rows(workplace):
    record = workplace.plan(workplace.study())
    before = workplace.mixture(record, cells(record)[-1].key)
    path = workplace.train("ja")
    path.write_text("".join(reversed(path.read_text(encoding="utf-8").splitlines(keepends=True))), encoding="utf-8")
    record = workplace.plan(workplace.study())
    assert workplace.mixture(record, cells(record)[-1].key).sha256 == before.sha256


def test_seeds_and_languages_draw_different_rows(workplace):
    record = workplace.plan(workplace.study(seeds=[0, 1]))
    first, second = (workplace.mixture(record, cells(record, seed=seed)[-1].key) for seed in (0, 1))
    assert first.ids("ja") != second.ids("ja")
    assert set(first.ids("ja")) != set(first.ids("zh"))


def test_validation_rows_are_the_same_in_every_cell_and_trained_on_in_none(workplace):
    record = workplace.plan(workplace.study(seeds=[0, 1]))
    mixed = [workplace.mixture(record, cell.key) for cell in cells(record)]
    held_out = mixed[0].validation_ids("en")
    assert len(held_out) == 4
    for mixture in mixed:
        for language in ("en", "ja", "zh", "ar", "ko"):
            assert mixture.validation_ids(language) == held_out  # parallel: the same items in every language
            assert not {*mixture.ids(language)} & {*held_out}


def test_fixed_budget_replaces_english_rows(workplace):
    mixtures = [{"design": "fixed_budget", "english_samples": 40, "samples_per_language": [0, 5, 10]}]
    record = workplace.plan(workplace.study(mixtures=mixtures))
    mixed = [workplace.mixture(record, cell.key) for cell in cells(record)]
    assert [len(m.train) for m in mixed] == [40, 40, 40]
    assert [len(m.ids("en")) for m in mixed] == [40, 20, 0]
    assert mixed[1].metadata["non_english_share"] == 0.5
    assert mixed[0].ids("en")[:20] == mixed[1].ids("en")


def test_a_curve_over_some_languages_draws_the_same_rows(workplace):
    """English at n = 0 is shared with the curve over all languages, so what is left out must not depend on the cell."""
    mixtures = [
        {"name": "all", "english_samples": 20, "samples_per_language": [0, 9]},
        {"name": "some", "english_samples": 20, "samples_per_language": [0, 9], "languages": ["ja"]},
    ]
    workplace.add(workplace.train("ko"), {**problem_in_test("ko"), "id": "item-3"})
    lines = workplace.train("ko").read_text(encoding="utf-8").splitlines()
    workplace.train("ko").write_text("\n".join(lines[:3] + lines[4:]) + "\n", encoding="utf-8")
    record = workplace.plan(workplace.study(mixtures=mixtures))
    english, everything, some = None, None, None
    for cell in cells(record):
        mixed = workplace.mixture(record, cell.key)
        if len(cell.rows) == 1:
            english = mixed
        elif len(cell.rows) == 2:
            some = mixed
        else:
            everything = mixed
    assert english.ids("en") == everything.ids("en") == some.ids("en")
    assert some.ids("ja") == everything.ids("ja")
    assert {row["language"] for row in some.train} == {"en", "ja"}


def problem_in_test(language: str) -> dict[str, str]:
    from tests.data.conftest import problem

    return problem(language, 501)


def test_multi_task_mixes_the_rows_of_each_single_task(workplace):
    study = workplace.study(settings=["single_task", "multi_task"])
    study = study.model_copy(update={"tasks": {"math": study.tasks["math"], "more": study.tasks["math"]}})
    record = workplace.plan(study)
    single = workplace.mixture(
        record, cells(record, setting="single_task", tasks=("math",), samples_per_language=9)[0].key
    )
    multi = workplace.mixture(record, cells(record, setting="multi_task", samples_per_language=9)[0].key)
    assert multi.metadata["counts"]["math"] == {"en": 20, "ja": 9, "zh": 9, "ar": 9, "ko": 9}
    assert [row for row in multi.train if row["task"] == "math"] == single.train
    assert {row["task"] for row in multi.train} == {"math", "more"}


def test_weights_scale_a_language(workplace):
    mixtures = [{"english_samples": 20, "samples_per_language": [4], "weights": {"ja": 0.5, "zh": 2}}]
    record = workplace.plan(workplace.study(mixtures=mixtures))
    mixed = workplace.mixture(record, cells(record)[0].key)
    assert mixed.metadata["counts"]["math"] == {"ar": 4, "en": 20, "ja": 2, "ko": 4, "zh": 8}


@pytest.mark.parametrize("names", [("train", "math", "ja", "0"), ("validation", "math"), ("items",)])
def test_ranks_differ_between_ids_and_are_spread_evenly(names):
    hashes = np.arange(100_000, dtype=np.uint64)  # the hardest case: neighbours
    found = ranks(hashes, *names)
    assert len(np.unique(found)) == len(hashes)
    shares = np.bincount((found >> np.uint64(60)).astype(int)) / len(hashes)
    assert np.allclose(shares, 1 / 16, atol=0.004)  # five standard deviations


def test_order_does_not_depend_on_other_rows():
    hashes = ranks(np.arange(1000, dtype=np.uint64), "ids")
    whole = in_order(hashes, "train", "math", "ja", "0").tolist()
    part = in_order(hashes[::3], "train", "math", "ja", "0").tolist()
    assert [value for value in whole if value in set(part)] == part
