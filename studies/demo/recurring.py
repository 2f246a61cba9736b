"""`make demo-baseline`: the demo's baseline run after run, with what a year brings, by the commands that a user has.

twelve runs with rotating seeds     unchanged
other arithmetic, as of a library   unchanged, bits different
a fault in the Japanese rows        regressed, and says so
the fault is repaired               acknowledged, its runs are set aside
a better mixture                    improved
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

FIRST_RUNS = 12
LONGEST = 6  # runs until a change has to be found
NAME = "demo-baseline"
# torch's and oneDNN's plainest kernels: what an older processor, or another build, would use.
OTHER_ARITHMETIC = {"ATEN_CPU_CAPABILITY": "default", "DNNL_MAX_CPU_ISA": "SSE41"}
FAULTY, OTHER, PLACE = "instructions_train.ja.jsonl", "instructions_train.es.jsonl", "instructions, ja"


class Unexpected(Exception):
    """A verdict that the demo should not have."""


def main(folder: Path) -> None:
    """All of it, in a folder that is made; what is there already of it is not done again."""
    source, data = Path(__file__).parent, folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for file in (source / "data").glob("*.jsonl"):
        shutil.copy(file, data)
    text = (source / "baseline.yaml").read_text(encoding="utf-8")
    study = folder / "baseline.yaml"
    study.write_text(text, encoding="utf-8")

    for number in range(1, FIRST_RUNS + 1):
        _run(folder, f"week-{number:02d}")
    _expect(folder, "unchanged")

    _run(folder, "other-arithmetic", OTHER_ARITHMETIC)
    verdict = _expect(folder, "unchanged")
    if verdict["bits"] != "different":
        raise Unexpected(f"bits: got {verdict['bits']}, expected different")

    _break(data / FAULTY, data / OTHER)
    _until(folder, "fault", "regressed", PLACE)
    shutil.copy(source / "data" / FAULTY, data)
    _clt(folder, "acknowledge", NAME, "--how", "repaired", "--because", "answers joined from another language")
    _run(folder, "repaired")

    better = text.replace(
        "samples_per_language: [40]}", "samples_per_language: [40], weights: {es: 4, fr: 4, ja: 4, zh: 4}}"
    )
    study.write_text(better, encoding="utf-8")
    _until(folder, "better", "improved")
    _clt(folder, "history", NAME, "--output", str(folder))


def _run(folder: Path, run: str, environment: Mapping[str, str] | None = None) -> None:
    study = folder / "baseline.yaml"
    _clt(folder, "run", str(study), "--run", run, environment=environment, allowed=(0, 3, 4))


def _until(folder: Path, name: str, word: str, place: str = "") -> None:
    """Runs until the verdict is this word, and its sentence names the place; not too many."""
    for number in range(1, LONGEST + 1):
        _run(folder, f"{name}-{number}")
        verdict = _verdict(folder)
        if verdict["word"] == word and place in verdict["sentence"]:
            return
    raise Unexpected(f"got {verdict['word']} ({verdict['sentence']}), expected {word} and {place!r} by now")


def _expect(folder: Path, word: str) -> dict[str, str]:
    verdict = _verdict(folder)
    if verdict["word"] != word:
        raise Unexpected(f"got {verdict['word']} ({verdict['sentence']}), expected {word}")
    return verdict


def _verdict(folder: Path) -> dict[str, str]:
    verdict: dict[str, str] = json.loads(_clt(folder, "verdict", NAME, "--json", allowed=(0, 3, 4), shown=False))
    return verdict


def _clt(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    allowed: tuple[int, ...] = (0,),
    shown: bool = True,
) -> str:
    command = [sys.executable, "-m", "clt", "baseline", *arguments, "--store", str(folder / "store")]
    if shown:
        print("$ clt", " ".join(command[3:]), flush=True)
    ended = subprocess.run(
        command, env=os.environ | (environment or {}), stdout=None if shown else subprocess.PIPE, text=True, check=False
    )
    if ended.returncode not in allowed:
        sys.exit(ended.returncode)
    return ended.stdout or ""


def _break(path: Path, other: Path) -> None:
    """Give every question the answer that its row has in another language, as a join by the wrong column does."""
    answers = {row["id"]: row["answer"] for row in _rows(other)}
    rows = [row | {"answer": answers[row["id"]]} for row in _rows(path)]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except Unexpected as error:
        sys.exit(f"demo-baseline: {error}")
