"""How a judge agrees with people: against the textbook's formulas, and by the command as it is used."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from clt.cli import main
from clt.errors import DataError
from clt.evaluation.judge.agreement import agreement
from clt.evaluation.judge.calibration import read_rated
from tests.endpoint_server import EndpointServer, serve

STARTER = Path(__file__).resolve().parents[3] / "studies" / "starter" / "study.yaml"


def kappa_of_table(x: np.ndarray, y: np.ndarray) -> float:
    """Cohen's kappa with quadratic weights, from the table of counts."""
    table = np.zeros((5, 5))
    for a, b in zip(x.astype(int), y.astype(int), strict=True):
        table[a - 1, b - 1] += 1
    weights = np.subtract.outer(range(5), range(5)) ** 2
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    return 1 - float((weights * table).sum() / (weights * expected).sum())


def test_kappa_is_that_of_the_table_of_counts() -> None:
    random = np.random.default_rng(1)
    human = random.integers(1, 6, 60).astype(float)
    judge = np.clip(human + random.integers(-1, 2, 60), 1, 5)
    result = agreement(judge[:, None], human, np.arange(60))
    assert result.kappa.value == pytest.approx(kappa_of_table(judge, human))
    assert result.kappa.low is not None and result.kappa.high is not None
    assert result.kappa.low < result.kappa.value < result.kappa.high < 1


def test_readings_of_an_answer_count_as_pairs_and_missing_ones_do_not() -> None:
    human = np.array([1.0, 3, 5, 2])
    ratings = np.array([[1, 2], [3, np.nan], [4, 5], [np.nan, np.nan]])
    result = agreement(ratings, human, np.array([3, 4, 5, 6]))
    pairs = np.array([(1, 1), (2, 1), (3, 3), (4, 5), (5, 5)])
    assert result.kappa.value == pytest.approx(kappa_of_table(pairs[:, 0], pairs[:, 1]))
    assert result.mean_difference.value == pytest.approx((pairs[:, 0] - pairs[:, 1]).mean())
    assert (result.answers, result.unrated, result.unread) == (4, 1, 3)
    assert result.noise_sd == pytest.approx(np.sqrt(0.5))


def test_a_judge_that_prefers_long_answers_is_told_so() -> None:
    lengths = np.arange(40)
    human = np.full(40, 3.0)
    result = agreement(np.where(lengths < 20, 2.0, 4.0)[:, None], human, lengths)
    assert result.length_bias == pytest.approx(0.866, abs=0.01)
    assert result.length_bias_p is not None and result.length_bias_p < 0.001
    assert result.noise_sd is None


@pytest.mark.parametrize("ratings", [np.full((3, 2), np.nan), np.full((3, 2), 3.0)])
def test_what_cannot_be_told_is_no_number(ratings: np.ndarray) -> None:
    result = agreement(ratings, np.full(3, 3.0), np.arange(3))
    assert result.kappa.value is None and result.length_bias is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "rated.jsonl:2: "),
        ("[]", "rated.jsonl:2: got list, expected an object"),
        (
            '{"question": "q", "answer": "a", "language": "en", "human": 6}',
            "human: got 6, expected a number from 1 to 5",
        ),
        ('{"question": "q", "answer": "a", "language": "en"}', "human: got None"),
        ('{"question": "q", "language": "en", "human": 1}', "answer: got None, expected a text"),
        ('{"question": "q", "answer": "a", "language": "klingonese", "human": 1}', "rated.jsonl:2: .*klingonese"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "rated.jsonl"
    path.write_text(f'{{"question": "q", "answer": "a", "language": "en", "human": 2.5}}\n{line}\n')
    with pytest.raises(DataError, match=message):
        read_rated(path)


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    def respond(number: int, body: dict[str, Any]) -> str:
        answer = body["messages"][1]["content"].partition("<answer>\n")[2]
        return json.dumps({"rating": min(5, len(answer.partition("\n")[0]) + number % 2)})

    with serve(respond) as started:
        yield started


def called(tmp_path: Path, server: EndpointServer) -> list[str]:
    """The command's arguments: eight rated answers, two readings each."""
    rated, study = tmp_path / "rated.jsonl", tmp_path / "study.yaml"
    rows = [
        {"question": "?", "answer": "x" * length, "language": code, "human": length}
        for code in ("en", "es")
        for length in (1, 2, 3, 4)
    ]
    rated.write_text("".join(json.dumps(row) + "\n" for row in rows))
    judge = f"judge: {{endpoint: {{url: '{server.url}', model: judge, concurrency: 1}}}}\n"
    study.write_text(STARTER.read_text(encoding="utf-8").replace("data/", f"{STARTER.parent}/data/") + judge)
    return ["judge-check", str(rated), "--judge", str(study), "--repeats", "2", "--store", str(tmp_path / "store")]


def test_the_command_reports_agreement_and_noise_and_asks_nothing_twice(tmp_path: Path, server: EndpointServer) -> None:
    call = called(tmp_path, server)
    first = CliRunner().invoke(main, [*call, "--json"])
    assert first.exit_code == 0, first.output
    found = json.loads(first.stdout)
    assert (found["calls"], found["kept"], found["repeats"]) == (16, 0, 2)
    assert set(found["languages"]) == {"en", "es"}
    assert found["overall"]["answers"] == 8 and found["languages"]["es"]["answers"] == 4
    assert 0.5 < found["overall"]["kappa"]["value"] < 1
    second = CliRunner().invoke(main, call)
    assert second.exit_code == 0, second.output
    assert "0 calls, 16 replies kept" in second.stdout and "weighted kappa" in second.stdout
    assert len(server.paid) == 16


def test_a_drift_of_the_judge_shows_when_it_is_asked_again(tmp_path: Path, server: EndpointServer) -> None:
    call = called(tmp_path, server)
    CliRunner().invoke(main, call)
    server.respond = lambda *_: '{"rating": 1}'
    assert "0 calls, 16 replies kept from before; `--again NAME`" in CliRunner().invoke(main, call).stdout
    again = CliRunner().invoke(main, [*call, "--again", "2026-11-29", "--json"])
    found = json.loads(again.stdout)
    assert (found["calls"], found["kept"]) == (16, 0)
    assert found["overall"]["mean_difference"]["value"] == -1.5
    assert json.loads(CliRunner().invoke(main, [*call, "--again", "2026-11-29", "--json"]).stdout)["kept"] == 16
    other = json.loads(CliRunner().invoke(main, [*call, "--again", "2026-12-29", "--json"]).stdout)
    assert (other["calls"], len(server.paid)) == (16, 48)
