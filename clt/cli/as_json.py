"""What commands print with `--json`: the same values that the Python interface returns, for other programs."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import to_jsonable_python

from clt.local import CellStatus
from clt.planning import Plan
from clt.store import Garbage, Verification

if TYPE_CHECKING:
    from clt.evaluation import Calibration
    from clt.next_cells import Proposal
    from clt.statistics import CellAnswers


def plan_json(plan: Plan) -> str:
    """Every field of the plan, its cells with their costs, and the limits that it exceeds; bytes and seconds."""
    return _text(to_jsonable_python(plan) | {"wall_seconds": plan.wall_seconds, "exceeded": plan.exceeded()})


def status_json(study_key: str, cells: Sequence[CellStatus], seconds_left: float | None) -> str:
    """A study in a store: every cell with what became of it, and the wall time until the rest is done."""
    return _text({"study": study_key, "seconds_left": seconds_left, "cells": to_jsonable_python(cells)})


def studies_json(studies: Mapping[str, tuple[str, Sequence[CellStatus]]]) -> str:
    """The studies of a store, by key: when each was planned, and how many of its cells are in which state."""
    return _text(
        [
            {"study": key, "planned": planned, "cells": Counter(cell.state.state for cell in cells)}
            for key, (planned, cells) in studies.items()
        ]
    )


def garbage_json(garbage: Sequence[Garbage], *, dry_run: bool) -> str:
    """What `clt gc` deleted, or would: kind, place and bytes of each."""
    listed = [{"kind": each.kind, "place": each.place, "bytes": each.size} for each in garbage]
    return _text({"deleted": not dry_run, "bytes": sum(each.size for each in garbage), "garbage": listed})


def verification_json(verification: Verification, let_go: Sequence[str]) -> str:
    """What `clt verify` checked, what is wrong, and the keys that `--mend` let go."""
    return _text(to_jsonable_python(verification) | {"let_go": list(let_go)})


def calibration_json(calibration: "Calibration") -> str:
    """How a judge agrees with people, over all and by language; null where a value is undefined."""
    return _text(to_jsonable_python(calibration))


def answers_json(answers: "CellAnswers") -> str:
    """What a cell's model answered, by task and language, with scores, rates and why each answer ended."""
    return _text(to_jsonable_python(answers))


def proposal_json(proposal: "Proposal", written: Path | None) -> str:
    """What to run next, what is open of each recommendation or of the claim, and where the study file is, if any."""
    values = {
        each.name: getattr(proposal, each.name) for each in fields(proposal) if each.name not in ("extended", "done")
    }
    return _text(to_jsonable_python(values | {"written": written}))


def paths_json(folder: Path, names: Sequence[str]) -> str:
    """Where a command wrote what it made: file name to path."""
    return _text({name: str(folder / name) for name in names})


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
