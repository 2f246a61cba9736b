"""What a notebook uses, exported as `clt.NAME`: values in and out, nothing printed, errors from `clt.errors`.

docs/python.md shows all of it; its code is run by a test.
"""

import multiprocessing
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from clt import planning
from clt.errors import DataError, UserError
from clt.local import CellStatus, Outcome, RunResult, find_cell, find_planned, find_study, prepare_run
from clt.local import status as status_of
from clt.planning import Plan
from clt.store import Store, open_store, read_record
from clt.study import Study, is_inline

if TYPE_CHECKING:
    import pandas as pd

    from clt.statistics import ScoreTable, Statistics

StoreLike: TypeAlias = "Store | Path | str"
StudyLike: TypeAlias = "Study | Path | str"
Scores: TypeAlias = "ScoreTable | pd.DataFrame | Store | Path | str"


@dataclass(frozen=True, kw_only=True, slots=True)
class CellEvent:
    """What just happened to a cell."""

    cell: str  # its key
    event: Literal["started", "done", "failed"]
    finished: int  # cells of this run, failed ones among them
    total: int  # cells that this run has to do: complete ones are not among them
    seconds: float = 0.0  # of a cell that ended
    error: str = ""  # of a failed one


def load_study(source: Path | str, *, limit: int | None = None) -> Study:
    """Read and check a study.

    Args:
        source: The path of a YAML file, or the text of one (of several lines, or beginning with "{").
        limit: A pilot: at most so many rows a language, test items and validation rows.

    Returns:
        The study with absolute paths; those in a text are relative to the working directory.

    Raises:
        StudyError: File, line, field, value and what is allowed, for everything that is wrong.
    """
    return planning.read_study(source, limit)


def plan(
    study: StudyLike,
    *,
    cells: str | None = None,
    workers: int | None = None,
    repeat: str = "",
    store: "StoreLike | None" = None,
) -> Plan:
    """What a study costs and which differences it could find; nothing is run or written.

    Args:
        study: From `load_study`, or what it takes.
        cells: Only these: fields such as "model=small,n=0|20", or a pattern of keys.
        workers: Cells side by side; by default as many as there are cores, divided by the threads of a step.
        repeat: As for `run`.
        store: Where it would run: `outlook` then says what is complete there, and why the rest is not.

    Returns:
        Sizes in bytes, times in seconds; `exceeded()` names the study's limits that it exceeds.

    Raises:
        UserError: Data or weights that cannot be used, or a filter that matches nothing.
    """
    opened = None if store is None else _opened(store)
    return planning.preview_plan(_loaded(study), cells, workers, repeat, opened)


def run(
    study: StudyLike,
    store: StoreLike,
    *,
    cells: str | None = None,
    workers: int | None = None,
    repeat: str = "",
    on_progress: Callable[[CellEvent], None] | None = None,
) -> RunResult:
    """Run the cells of a study that are not complete, in worker processes of this machine.

    Args:
        study: From `load_study`, or what it takes.
        store: Where every step's output goes: a folder or s3://BUCKET/PREFIX.
        cells: Only these, as for `plan`.
        workers: Cells side by side, as for `plan`.
        repeat: Run the same cells again on purpose, told apart by this text.
        on_progress: Called in this process whenever a cell starts or ends.

    Returns:
        Which cells are done and which failed, with their errors.

    Raises:
        UserError: What is wrong with the study, its data or the store, or a limit that would be exceeded.
        KeyboardInterrupt: It was interrupted; all workers have ended, and the same call goes on. SIGTERM, too, ends the
            workers and then does what it would have done without this call.
    """
    if multiprocessing.parent_process() is not None:
        raise UserError("clt.run was called by a worker process: in a script, call it below if __name__ == '__main__'")
    loaded = _loaded(study)
    prepared = prepare_run(_opened(store), loaded, text=_text(study), cells=cells, workers=workers, repeat=repeat)
    result = prepared.complete(lambda costs, _: _reported(costs, on_progress))
    if result.stopped_by is not None:
        signal.raise_signal(result.stopped_by)
    return result


def status(study: StudyLike, store: StoreLike, *, repeat: str = "") -> list[CellStatus]:
    """What became of each cell of a planned study, in the grid's order.

    Args:
        study: The study, its file, or its key in the store.
        store: As for `run`.
        repeat: As for `run`; a key has its own.

    Returns:
        The state of every cell, its error if it failed, its seconds if it is done.

    Raises:
        StoreError: The study was not planned in this store, or has changed since.
    """
    opened = _opened(store)
    return status_of(opened, read_record(opened, _key(opened, study, repeat)))


def export_model(
    cell: str,
    store: StoreLike,
    folder: str | Path,
    *,
    study: "StudyLike | None" = None,
    repeat: str = "",
    merge: bool = False,
) -> Path:
    """Write the selected model of a trained cell: weights, tokenizer, generation_config and a card.

    Args:
        cell: Its key.
        store: As for `run`.
        folder: Made whole or not at all; one that is there must be empty.
        study: Of the cell; by default any study of the store that has it.
        repeat: As for `run`, where `study` is given.
        merge: Add a LoRA adapter to the weights of its base model, which must be at hand.

    Returns:
        The folder.

    Raises:
        UserError: No such cell, a base model, a merge without an adapter, or a folder that is not empty.
        StoreError: The training is not complete, or its weights are not in the store.
    """
    from clt import models

    opened = _opened(store)
    record, found = find_cell(opened, cell, None if study is None else _key(opened, study, repeat))
    models.export_model(opened, record, found, Path(folder), merge=merge)
    return Path(folder)


def read_scores(source: Scores, *studies: StudyLike, repeat: str = "") -> "ScoreTable":
    """The table that every statistic is computed from; its `rows` are a pandas.DataFrame.

    Args:
        source: A CSV file or a DataFrame with the columns of docs/score_table.md, or a store.
        studies: Of a store, and only of a store: the studies, their files or their keys.
        repeat: As for `status`.

    Returns:
        The table: one row a score.

    Raises:
        DataError: Line, column, value and what is allowed; or not one cell of the studies is complete.
        StoreError: A study is not in the store, or its scores are damaged.
        UserError: A store without studies, or studies of what is no store.
    """
    import pandas as pd

    from clt import statistics

    if isinstance(source, statistics.ScoreTable | pd.DataFrame):
        if studies:
            raise UserError(f"read_scores: got studies beside a {type(source).__name__}, expected them beside a store")
        return source if isinstance(source, statistics.ScoreTable) else _read_frame(source)
    if studies:
        opened = _opened(source)
        return statistics.read_studies(opened, [_key(opened, each, repeat) for each in studies])
    if isinstance(source, Path | str) and not str(source).startswith("s3://") and not Path(source).is_dir():
        return statistics.read_scores(Path(source))
    raise UserError(f"read_scores: got {source!r} alone, expected a CSV file, a DataFrame, or a store and its studies")


def compute_statistics(
    source: Scores,
    *studies: StudyLike,
    repeat: str = "",
    budget: int | None = None,
    targets: Sequence[str] = (),
    prices: Mapping[str, float] | None = None,
    weights: Mapping[str, float] | None = None,
    english_margin: float | None = None,
    claims: Path | str | None = None,
) -> "Statistics":
    """Every measure of every curve with its interval, and the evidence across curves: statistics.json as a value.

    Args:
        source: What `read_scores` returns, or takes.
        studies: Of a store, as for `read_scores`.
        repeat: As for `read_scores`.
        budget: Recommend a mixture of at most so many rows of a task.
        targets: Recommend for these languages; by default for all but English.
        prices: Of one row, by language, 1 where not named; the budget is what rows may cost then.
        weights: Of the targets, by language, 1 where not named.
        english_margin: What the English score may fall by, as a share of the metric's range: 0.02 is 2 points of 100
            (of English-only training's score where the metric has no range). None: whatever.
        claims: A file of printed claims to hold against the scores, such as studies/paper/claims.yaml.

    Returns:
        A pydantic model with the fields of statistics.json.

    Raises:
        DataError: As `read_scores`.
        StudyError: A claim that cannot be looked up.
        UserError: A target or weight of a language that is not evaluated, a price of one that is not trained on, or
            a number that is none of what its argument may be.
    """
    from clt import statistics

    wanted = (targets,) if isinstance(targets, str) else tuple(targets)
    request = statistics.RecommendationRequest(
        budget=budget, targets=wanted, prices=prices or {}, weights=weights or {}, english_margin=english_margin
    )
    stated = () if claims is None else statistics.read_claims(claims, statistics.Statistics)
    return statistics.compute_statistics(read_scores(source, *studies, repeat=repeat), request, claims=stated)


def write_report(statistics: "Statistics", scores: "ScoreTable", folder: str | Path) -> Path:
    """Write report.html, statistics.json, figures/ and tables/ into a folder; other files of the folder stay.

    Args:
        statistics: From `compute_statistics`.
        scores: What they were computed from; their means become tables/scores.csv.
        folder: Made if it is not there.

    Returns:
        The folder.

    Raises:
        UserError: The folder cannot be written.
    """
    from clt import statistics as package

    return package.write_report(statistics, scores, Path(folder))


def _loaded(study: StudyLike) -> Study:
    return study if isinstance(study, Study) else load_study(study)


def _text(study: StudyLike) -> str:
    """The study as it was written, which the store keeps beside its record; of a value nothing is known."""
    if isinstance(study, Study):
        return ""
    return str(study) if is_inline(study) else Path(study).read_text(encoding="utf-8")


def _opened(store: StoreLike) -> Store:
    return open_store(store) if isinstance(store, Path | str) else store


def _key(store: Store, study: StudyLike, repeat: str) -> str:
    if isinstance(study, Study):
        return find_planned(store, study, repeat=repeat)
    return find_study(store, str(study), repeat=repeat)


def _read_frame(frame: "pd.DataFrame") -> "ScoreTable":
    """Through a file, so that it is checked as a file is; errors count its header as line 1."""
    from clt import statistics

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frame.csv"
        frame.to_csv(file, index=False)
        try:
            return statistics.read_scores(file)
        except DataError as error:
            raise DataError(str(error).replace(str(file), "frame")) from None


class _Reporter:
    """Turns what the workers do into calls of the user's function."""

    def __init__(self, total: int, on_progress: Callable[[CellEvent], None]) -> None:
        self._total, self._finished, self._tell = total, 0, on_progress

    def waiting(self, what: str) -> None:
        """Events are about cells alone."""

    def started(self, name: str) -> None:
        self._tell(CellEvent(cell=name, event="started", finished=self._finished, total=self._total))

    def ended(self, outcome: Outcome) -> None:
        self._finished += 1
        self._tell(
            CellEvent(
                cell=outcome.name,
                event="failed" if outcome.error else "done",
                finished=self._finished,
                total=self._total,
                seconds=outcome.seconds,
                error=outcome.error,
            )
        )


@contextmanager
def _reported(costs: Mapping[str, float], on_progress: Callable[[CellEvent], None] | None) -> Iterator[_Reporter]:
    yield _Reporter(len(costs), on_progress or (lambda _: None))
