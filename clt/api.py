"""What a notebook uses, exported as `clt.NAME`: values in and out, nothing printed, errors from `clt.errors`.

docs/python.md shows all of it; its code is run by a test.
"""

import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from clt import planning, study
from clt.errors import DataError
from clt.local import CellStatus, Outcome, RunResult, find_planned, find_study, prepare_run
from clt.local import status as status_of
from clt.planning import Plan
from clt.store import Store, open_store, read_record
from clt.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from clt.statistics import ScoreTable, Statistics

StoreLike: TypeAlias = "Store | Path | str"
StudyLike: TypeAlias = "Study | str"
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


def load_study(source: str | Path, *, limit: int | None = None) -> Study:
    """Read and check a study.

    Args:
        source: The path of a YAML file, or the text of one (of several lines, or beginning with "{").
        limit: A pilot: at most so many rows a language, test items and validation rows.

    Returns:
        The study with absolute paths; those in a text are relative to the working directory.

    Raises:
        StudyError: File, line, field, value and what is allowed, for everything that is wrong.
    """
    loaded = study.load_study(source)
    is_text = isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{"))
    resolved = study.resolve(loaded, Path.cwd() if is_text else Path(source).parent)
    return resolved if limit is None else resolved.limited(limit)


def plan(study: Study, *, cells: str | None = None, workers: int | None = None, repeat: str = "") -> Plan:
    """What a study costs and which differences it could find; nothing is run or written.

    Args:
        study: From `load_study`.
        cells: Only these: fields such as "model=small,n=0|20", or a pattern of keys.
        workers: Cells side by side; by default as many as there are cores, divided by the threads of a step.
        repeat: As for `run`.

    Returns:
        Sizes in bytes, times in seconds; `exceeded()` names the study's limits that it exceeds.

    Raises:
        UserError: Data or weights that cannot be used, or a filter that matches nothing.
    """
    return planning.plan_file(study, cells, workers, repeat)


def run(
    study: Study,
    store: StoreLike,
    *,
    cells: str | None = None,
    workers: int | None = None,
    repeat: str = "",
    on_progress: Callable[[CellEvent], None] | None = None,
) -> RunResult:
    """Run the cells of a study that are not complete, in worker processes of this machine.

    Args:
        study: From `load_study`.
        store: Where every step's output goes: a folder or s3://BUCKET/PREFIX.
        cells: Only these, as for `plan`.
        workers: Cells side by side, as for `plan`.
        repeat: Run the same cells again on purpose, told apart by this text.
        on_progress: Called in this process whenever a cell starts or ends.

    Returns:
        Which cells are done, failed (with their errors) and left.

    Raises:
        UserError: What is wrong with the study, its data or the store, or a limit that would be exceeded.
        KeyboardInterrupt: It was interrupted; all workers have ended, and the same call goes on.
    """
    prepared = prepare_run(_opened(store), study, cells=cells, workers=workers, repeat=repeat)
    result = prepared.complete(lambda costs, _: _reported(costs, on_progress))
    if result.stopped_by == signal.SIGINT:
        raise KeyboardInterrupt
    return result


def status(study: StudyLike, store: StoreLike) -> list[CellStatus]:
    """What became of each cell of a planned study, in the grid's order.

    Args:
        study: The study, its file, or its key in the store.
        store: As for `run`.

    Raises:
        StoreError: The study was not planned in this store, or has changed since.
    """
    opened = _opened(store)
    return status_of(opened, read_record(opened, _key(opened, study)))


def read_scores(source: Scores, *studies: StudyLike) -> "ScoreTable":
    """The table that every statistic is computed from; its `rows` are a pandas.DataFrame.

    Args:
        source: A CSV file or a DataFrame with the columns of docs/score_table.md, or a store.
        studies: Of a store: the studies, their files or their keys.

    Raises:
        DataError: Line, column, value and what is allowed; or not one cell of the studies is complete.
        StoreError: A study is not in the store, or its scores are damaged.
    """
    from clt import statistics

    if isinstance(source, statistics.ScoreTable):
        return source
    if studies:
        opened = _opened(source)  # type: ignore[arg-type]
        return statistics.read_studies(opened, [_key(opened, each) for each in studies])
    if isinstance(source, str | Path):
        return statistics.read_scores(Path(source))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frame.csv"
        source.to_csv(file, index=False)  # type: ignore[union-attr]
        try:
            return statistics.read_scores(file)
        except DataError as error:
            raise DataError(str(error).replace(str(file), "frame")) from None


def compute_statistics(
    source: Scores, *studies: StudyLike, budget: int | None = None, targets: Sequence[str] = ()
) -> "Statistics":
    """Every measure of every curve with its interval, and the evidence across curves: statistics.json as a value.

    Args:
        source: What `read_scores` returns, or takes.
        studies: Of a store, as for `read_scores`.
        budget: Recommend a mixture of at most so many rows of a task.
        targets: Recommend for these languages; by default for all but English.

    Raises:
        DataError: As `read_scores`.
        UserError: A target that is not evaluated.
    """
    from clt import statistics

    request = statistics.RecommendationRequest(budget=budget, targets=tuple(targets))
    return statistics.compute_statistics(read_scores(source, *studies), request)


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


def _opened(store: StoreLike) -> Store:
    return open_store(store) if isinstance(store, str | Path) else store


def _key(store: Store, study: StudyLike) -> str:
    return find_study(store, study) if isinstance(study, str) else find_planned(store, study)


class _Reporter:
    """Turns what the workers do into calls of the user's function."""

    def __init__(self, total: int, on_progress: Callable[[CellEvent], None]) -> None:
        self._total, self._finished, self._tell = total, 0, on_progress

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
