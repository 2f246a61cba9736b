"""An evaluated cell with right, wrong, cut, empty and hostile answers, in scripts of both directions."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from clt.store import Store, open_store
from clt.study import Cell, StudyRecord
from tests.answered_study import Said, Told, store_answers, told_record

HOSTILE = "<script>alert('48')</script> & <b>so on</b>"
LONG = "Una frase que no termina nunca. " * 40
SUMS = {
    "en": [
        Said(prompt="4 + 4 =", reference="8", answer="The answer is 8."),
        Said(prompt="5 + 1 =", reference="6", answer="7"),
        Said(prompt="2 + 2 =", reference="?", answer="4"),  # cannot be scored
    ],
    "es": [
        Said(prompt="4 más 4", reference="8", answer=HOSTILE),
        Said(prompt="5 más 1", reference="6", answer="  6\n\tmanzanas"),
        Said(prompt=LONG, reference="4", answer="", finish="length"),
    ],
    "ar": [
        Said(prompt="ما هو مجموع 4 و 4؟", reference="8", answer="المجموع هو 8"),
        Said(prompt="كم 5 زائد 1؟", reference="6", answer="I do not know, it could be any of these."),
        Said(prompt="كم 2 زائد 2؟", reference="4", answer="الجواب 5", finish="length"),
    ],
}
EXAMPLES = [("1 + 1 =", "2"), ("1 + 2 =", "3")]


@dataclass(frozen=True)
class Evaluated:
    store: Store
    record: StudyRecord
    cell: Cell


def told() -> Told:
    sums = {("sums", code): said for code, said in SUMS.items()}
    talk = {
        ("talk", code): [Said(prompt="?", reference="r", answer="a", rating=n, reply=f"<i>{n}</i>") for n in (4, 1, 5)]
        for code in SUMS
    }
    return Told(said=sums | talk, examples=EXAMPLES)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    """The base model, which has both tasks."""
    store, record = open_store(Path(tmp_path_factory.mktemp("store"))), told_record()
    base = next(cell for cell in record.grid.cells if cell.is_base)
    store_answers(store, record, base, told())
    return Evaluated(store, record, base)
