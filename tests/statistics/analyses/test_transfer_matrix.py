"""Which design identifies the effects of single training languages, and what they are."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from clt.statistics.analyses.transfer_matrix.compute import blocks, transfer_matrices
from clt.statistics.analyses.transfer_matrix.schema import TransferMatrix
from clt.statistics.inference.run_noise import RunNoise, find_run_noise
from clt.statistics.scores.curve_data import CurveData

NONE = RunNoise({})
CODES = ("en", "es", "fr", "ja", "zh", "pt")
EFFECT = np.random.default_rng(1).normal(0, 0.1, (4, 6))  # of es, fr, ja, zh on CODES
Make = Callable[..., CurveData]


@pytest.fixture
def curve(curve_of: Make) -> Make:
    """A curve whose change from n = 0 is the sum of its languages' effects, the same at every n, without noise."""

    def make(*trained: str, extra: float = 0.0, items: int = 12, **settings: str) -> CurveData:
        order = ("en", *trained, *(code for code in CODES[1:] if code not in trained))
        rise = sum((EFFECT[CODES.index(code) - 1] for code in trained), np.zeros(6)) + extra
        item = np.random.default_rng(2).normal(0.5, 0.1, (1, items, 1, 6))
        scores = item + np.array([0.0, 1.0, 1.0])[:, None] * rise * (1 + np.arange(items) % 2 * 0.2)[:, None, None]
        columns = [CODES.index(code) for code in order]
        return curve_of(scores[..., columns], trained=trained, held_out=order[len(trained) + 1 :], **settings)

    return make


def effects(matrix: TransferMatrix) -> np.ndarray:
    return np.array([[row.effects[code].value for code in CODES] for row in matrix.rows], dtype=float)


def only_matrix(curves: Sequence[CurveData]) -> TransferMatrix:
    found = transfer_matrices(curves, NONE)
    assert len(found) == 1
    return found[0]


def test_blocks_are_languages_that_always_come_together() -> None:
    assert blocks([("es", "fr"), ("ja", "zh"), ("es", "fr", "ja", "zh")]) == [("es", "fr"), ("ja", "zh")]
    assert blocks([("es", "fr"), ("es",)]) == [("es",), ("fr",)]
    assert blocks([()]) == []


def test_each_language_alone_gives_its_own_effect(curve: Make) -> None:
    found = only_matrix([curve(code) for code in ("es", "fr", "ja", "zh")])
    assert [row.train_languages for row in found.rows] == [["es"], ["fr"], ["ja"], ["zh"]]
    assert effects(found) == pytest.approx(1.1 * EFFECT, abs=1e-6)
    assert found.residual is None and found.over == [10, 20]
    assert found.statement == "effects of es, fr, ja, zh"


def test_complementary_sets_give_joint_effects_that_add_up(curve: Make) -> None:
    found = only_matrix([curve("es", "fr"), curve("ja", "zh"), curve("es", "fr", "ja", "zh")])
    assert [row.train_languages for row in found.rows] == [["es", "fr"], ["ja", "zh"]]
    assert effects(found) == pytest.approx(1.1 * np.array([EFFECT[:2].sum(axis=0), EFFECT[2:].sum(axis=0)]), abs=1e-6)
    assert found.residual == pytest.approx(0, abs=1e-6)
    assert found.statement == (
        "effects of es+fr, ja+zh, which add up by assumption; "
        "always trained on together, so one joint effect each: es+fr, ja+zh"
    )


def test_leaving_one_out_identifies_every_language(curve: Make) -> None:
    sets = (("es", "fr", "ja"), ("es", "fr", "zh"), ("es", "ja", "zh"), ("fr", "ja", "zh"))
    assert effects(only_matrix([curve(*codes) for codes in sets])) == pytest.approx(1.1 * EFFECT, abs=1e-6)


def test_effects_that_do_not_add_up_leave_a_residual(curve: Make) -> None:
    found = only_matrix([curve("es"), curve("fr"), curve("es", "fr", extra=0.3)])
    assert found.residual == pytest.approx(0.3 * 1.1 / 3, abs=1e-6)  # least squares spreads the surplus over three


def test_one_set_has_a_joint_effect_only(curve: Make) -> None:
    found = only_matrix([curve("es", "fr")])
    assert [row.train_languages for row in found.rows] == [["es", "fr"]]
    assert found.statement == "one set of training languages: only the joint effect of es+fr can be told"


def test_too_few_sets_are_not_fitted(curve: Make) -> None:
    found = only_matrix([curve("es", "fr"), curve("fr", "ja")])
    assert found.rows == [] and found.residual is None
    assert found.statement.startswith("not identified: 3 effects (es, fr, ja) from 2 different sets")


def test_mixtures_and_studies_of_their_own_stand_in_one_matrix(curve: Make) -> None:
    """Each set of training languages is a mixture with a name; before, every name had a matrix of its own."""
    found = only_matrix([curve("es", mixture="latin", study="a"), curve("ja", mixture="other", study="b")])
    assert (found.mixture, found.study) == ("latin, other", "a, b")
    assert len(found.rows) == 2


def test_other_english_rows_are_another_matrix(curve_of: Make) -> None:
    scores = np.random.default_rng(3).normal(size=(1, 8, 2, 4))
    added = curve_of(scores, rows=[(100.0, 0.0), (100.0, 20.0)])
    fixed = curve_of(scores, rows=[(100.0, 0.0), (80.0, 20.0)], mixture="fixed")
    found = transfer_matrices([added, fixed], NONE)
    assert [one.mixture for one in found] == ["fixed", ""]
    assert found[0].statement.endswith("; with the English rows that they replace")


def test_curves_without_a_common_n_are_not_fitted(curve_of: Make) -> None:
    scores = np.zeros((1, 5, 2, 4))
    found = transfer_matrices(
        [curve_of(scores, counts=(0, 10)), curve_of(scores, counts=(0, 20), trained=("es",), held_out=("ja", "pt"))],
        NONE,
    )
    assert found[0].rows == [] and found[0].statement == "not identified: the curves share no n besides 0"


def test_the_papers_design_tells_the_two_script_groups_apart_for_one_model(paper_curves: list[CurveData]) -> None:
    found = transfer_matrices(paper_curves, find_run_noise(paper_curves))
    split = {(m.model, m.setting, m.task) for m in found if len(m.rows) == 2}
    assert split == {("aya-23-7b", "single_task", t) for t in ("instruction_following", "math", "summarization")}
    maths = next(m for m in found if m.task == "math" and len(m.rows) == 2)
    assert [row.train_languages for row in maths.rows] == [["es", "fr"], ["ja", "zh"]]
    assert all(row.effects["pt"].method == "t: runs" for row in maths.rows)
