"""The step of a run, and the same statistics for a folder of one's own. Heavy imports wait until they are needed."""

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clt.hashing import digest
from clt.planning import CLUSTERING, COMMON_SD, LANGUAGE_SD, PAIRING, PRIOR_DF, CurveDesign, contrast_family
from clt.store import Store, open_store
from clt.study import METRICS, is_latin

CODE = {".py", ".html", ".css", ".gz", ".json"}  # what the numbers and the page are made with


def transfer_statistics(store: Store, study_key: str) -> Path:
    """Compute a study's statistics from every complete cell and publish them; returns the artifact's folder.

    The artifact `statistics/HASH` holds statistics.json, report.html, figures/ (SVG) and tables/ (CSV). Its metadata:
    `studies`, `curves` (their number) and `missing` (names of the cells that are not complete, with their state). The
    key is a hash of the scores used, of what is missing, and of the code that makes them: a study that has gained a
    cell gets new statistics, an unchanged one is returned at once.

    Args:
        store: Where the study's record and its evaluations are.
        study_key: The key of the study's record.

    Returns:
        The artifact's folder on this machine.

    Raises:
        DataError: No cell is complete.
    """
    return store.fetch(_publish(store, [study_key]))


def report(
    store_uri: str,
    study_keys: Sequence[str],
    output: Path,
    *,
    budget: int | None = None,
    targets: Sequence[str] = (),
    prices: Mapping[str, float] | None = None,
    weights: Mapping[str, float] | None = None,
    english_margin: float | None = None,
    samples: bool = True,
) -> Path:
    """Put statistics and report of one or more studies into a folder, with pages of answers; returns it.

    Every file is moved into place when it is complete; other files of the folder stay. The statistics are taken from
    the store if it has them already.

    Args:
        store_uri: A folder or an s3:// address.
        study_keys: Keys of the studies' records.
        output: The folder; made if it is not there.
        budget: Rows of a task that a recommended mixture may have; None: no limit.
        targets: Codes of the languages that it is to improve; empty: all but English.
        prices: Of one row, by language; the budget is what rows may cost then. None: 1 each.
        weights: Of the targets, by language; None: 1 each.
        english_margin: What the English score may fall by, as a share of the metric's range: 0.02 is 2 points of 100
            (of English-only training's score where the metric has no range). None: whatever.
        samples: Whether samples/ gets what models answered, a page a cell, and the report links to it.

    Returns:
        The folder.

    Raises:
        DataError: No cell is complete.
        UserError: The folder is not writable, or a target is not evaluated.
    """
    import tempfile

    from clt.statistics.reading.beside_report import write_pages
    from clt.statistics.write import REPORT, copy_files

    store = open_store(store_uri)
    artifact = store.fetch(_publish(store, list(study_keys), _wanted(budget, targets, prices, weights, english_margin)))
    copy_files(artifact, Path(output))
    if samples:
        with tempfile.TemporaryDirectory() as folder:
            page = (artifact / REPORT).read_text(encoding="utf-8")
            linked = write_pages(store, study_keys, page, Path(folder))
            (Path(folder) / REPORT).write_text(linked, encoding="utf-8")
            copy_files(Path(folder), Path(output))
    return Path(output)


def report_repeats(store_uri: str, study_keys: Sequence[str], output: Path) -> Path:
    """Compare plans that differ in nothing but `repeat`: repeats.html and repeats.json in a folder; returns it.

    Each repeat's own statistics are taken from the store, or computed and published.

    Args:
        store_uri: A folder or an s3:// address.
        study_keys: Keys of the repeats' records.
        output: The folder; made if it is not there.

    Returns:
        The folder.

    Raises:
        DataError: No repeat has a complete cell.
        UserError: The folder is not writable.
    """
    import tempfile

    from clt.statistics.repeats.compare import compare_repeats, write_repeats
    from clt.statistics.write import copy_files

    store = open_store(store_uri)
    compared = compare_repeats(store, study_keys, lambda key: store.fetch(_publish(store, [key])))
    with tempfile.TemporaryDirectory() as folder:
        write_repeats(compared, Path(folder))
        copy_files(Path(folder), Path(output))
    return Path(output)


def report_csv(
    scores: Path,
    output: Path,
    *,
    claims: Path | None = None,
    budget: int | None = None,
    targets: Sequence[str] = (),
    prices: Mapping[str, float] | None = None,
    weights: Mapping[str, float] | None = None,
    english_margin: float | None = None,
) -> Path:
    """Put statistics and report of a table of scores, such as studies/paper/scores.csv, into a folder; returns it.

    Args:
        scores: The CSV file; docs/score_table.md describes its columns.
        output: The folder; made if it is not there.
        claims: A file of printed claims to hold against the scores; left out, a claims.yaml beside the table is taken.
        budget, targets, prices, weights, english_margin: As for `report`.

    Returns:
        The folder.

    Raises:
        DataError: With line and column, for what cannot be understood in the table.
        StudyError: With line and field, for what cannot be understood in the claims.
        UserError: The folder is not writable, or a target is not evaluated.
    """
    from clt.statistics.analyses.claims.claim import read_claims
    from clt.statistics.analyses.recommendation.request import RecommendationRequest
    from clt.statistics.compute import compute_statistics
    from clt.statistics.document import Statistics
    from clt.statistics.scores.from_csv import read_scores
    from clt.statistics.write import write_report

    beside = Path(scores).with_name("claims.yaml")
    stated = read_claims(claims or beside, Statistics) if claims or beside.exists() else ()
    request = RecommendationRequest(**_wanted(budget, targets, prices, weights, english_margin))
    table = read_scores(Path(scores))
    statistics = compute_statistics(table, request, claims=stated)
    return write_report(statistics, table, output)


def _wanted(
    budget: int | None,
    targets: Sequence[str],
    prices: Mapping[str, float] | None,
    weights: Mapping[str, float] | None,
    english_margin: float | None,
) -> dict[str, Any]:
    """The fields of a RecommendationRequest, whose import is heavy."""
    of_languages = {"prices": dict(prices or {}), "weights": dict(weights or {})}
    return {"budget": budget, "targets": tuple(targets), **of_languages, "english_margin": english_margin}


def _publish(store: Store, study_keys: list[str], wanted: Mapping[str, Any] | None = None) -> str:
    """Make sure that the statistics of these studies are in the store; returns their key."""
    from clt.statistics.scores.from_store import find_scores, read_stored_scores

    wanted = dict(wanted or _wanted(None, (), None, None, None))
    wanted["targets"] = tuple(sorted(wanted["targets"]))  # in another order they ask for the same
    stored = find_scores(store, study_keys)
    description = {
        "code": _code_checksum(),
        "studies": sorted(study_keys),
        "scores": stored.inputs,
        "rates": {each.artifact: [rates.model_dump() for rates in each.rates] for each in stored.complete},
        "environments": stored.environments,
        "missing": {f"{cell.study}/{cell.cell}": [cell.state, cell.error] for cell in stored.missing},
        "wanted": wanted,
    }
    key = f"statistics/{digest(description)}"
    if store.manifest(key) is not None:
        return key
    from clt.statistics.analyses.recommendation.request import RecommendationRequest
    from clt.statistics.compute import compute_statistics
    from clt.statistics.write import write_files

    table = read_stored_scores(store, stored)
    statistics = compute_statistics(table, RecommendationRequest(**wanted))
    with store.writer(key) as attempt:
        write_files(statistics, table, attempt.path)
        attempt.metadata.update(
            studies=sorted(study_keys),
            curves=len(statistics.curves),
            missing={cell.cell: cell.state for cell in statistics.missing_cells},
        )
    return key


def _code_checksum() -> str:
    """SHA-256 over this package's files and what else makes the numbers.

    Statistics are cheap, so a change of what makes them never serves old ones.
    """
    package = Path(__file__).parent
    files = {path.relative_to(package).as_posix(): path for path in package.rglob("*") if path.suffix in CODE}
    for outside in (CurveDesign, contrast_family, is_latin):  # what is compared and judged together, scripts
        files[outside.__module__] = Path(inspect.getfile(outside))
    ranges = [(name, metric.low, metric.high, metric.higher_is_better) for name, metric in METRICS.items()]
    assumed = COMMON_SD, LANGUAGE_SD, PRIOR_DF, PAIRING, CLUSTERING
    checksum = hashlib.sha256(repr((ranges, assumed)).encode())
    for name, path in sorted(files.items()):
        content = path.read_bytes()
        checksum.update(f"{name}\0{len(content)}\0".encode() + content)
    return checksum.hexdigest()
