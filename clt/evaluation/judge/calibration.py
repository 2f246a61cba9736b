"""A judge on answers that people rated: the file, the readings, and how they agree, over all and by language."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from clt.errors import DataError, UserError
from clt.evaluation.judge.agreement import Agreement, agreement
from clt.evaluation.judge.rate import Answered, rate
from clt.evaluation.judge.rating import HIGHEST, LOWEST
from clt.languages import canonical_language
from clt.store import Store
from clt.study import Judge


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    answered: Answered
    human: float  # 1 to 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    model: str
    prompt: str
    repeats: int
    calls: int  # that were answered now
    kept: int  # replies that were in the store
    overall: Agreement
    languages: dict[str, Agreement]


def calibrate(store: Store, judge: Judge, rated: list[RatedAnswer], repeats: int, *, occasion: str = "") -> Calibration:
    """Read every answer so many times, as a study would, and hold the ratings against people's.

    Args:
        store: Where replies are kept: a check that was stopped goes on.
        judge: Who rates.
        rated: What people rated.
        repeats: Readings of each answer, 1 or more; with 1 the judge's noise is not known.
        occasion: Of the check, such as a date: what was kept on others is not read, so that a drift shows.

    Raises:
        EndpointError: The endpoint cannot be used.
    """
    if repeats < 1:
        raise UserError(f"repeats: got {repeats}, expected 1 or more")
    answers = [each.answered for each in rated]
    numbers = range(1, repeats + 1)
    readings = [rate(store, judge, answers, reading=number, occasion=occasion) for number in numbers]
    ratings = np.array(
        [[np.nan if each.rating is None else each.rating for each in reading.judgements] for reading in readings],
        dtype=float,
    ).T
    human = np.array([each.human for each in rated])
    lengths = np.array([len(each.answer) for each in answers])
    languages = np.array([each.language for each in answers])
    return Calibration(
        model=judge.endpoint.model,
        prompt=judge.prompt,
        repeats=repeats,
        calls=sum(reading.calls for reading in readings),
        kept=sum(reading.kept for reading in readings),
        overall=agreement(ratings, human, lengths),
        languages={
            str(code): agreement(ratings[languages == code], human[languages == code], lengths[languages == code])
            for code in dict.fromkeys(languages)
        },
    )


def read_rated(path: Path) -> list[RatedAnswer]:
    """Answers that people rated: JSON lines with `question`, `answer`, `language` and `human`, a number from 1 to 5.

    Raises:
        DataError: A line is not one, or the file cannot be read or is empty.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); expected JSON lines") from None
    rated = list(_rows(path, lines))
    if not rated:
        raise DataError(f"{path}: is empty, expected lines with question, answer, language and human")
    return rated


def _rows(path: Path, lines: list[bytes]) -> Iterator[RatedAnswer]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _row(orjson.loads(line))
            except ValueError as error:
                raise DataError(f"{path}:{number}: {error}") from None


def _row(row: Any) -> RatedAnswer:
    if not isinstance(row, dict):
        raise ValueError(f"got {type(row).__name__}, expected an object with question, answer, language and human")
    for name in ("question", "answer", "language"):
        if not isinstance(row.get(name), str):
            raise ValueError(f"{name}: got {row.get(name)!r}, expected a text")
    human = row.get("human")
    if isinstance(human, bool) or not isinstance(human, int | float) or not LOWEST <= human <= HIGHEST:
        raise ValueError(f"human: got {human!r}, expected a number from {LOWEST} to {HIGHEST}")
    language = canonical_language(row["language"])
    return RatedAnswer(Answered(language=language, question=row["question"], answer=row["answer"]), float(human))
