"""A study on its way to a cluster: checked here, and only with data that its pods can read."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from clt.cluster import DATA_FOLDER, EVERY_RUN, MAX_INLINE_BYTES, shards
from clt.errors import StudyError, UserError
from clt.study import HUB_ID, Study, expand, load_study, resolve

BUCKET_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteStudy:
    name: str
    text: str
    cells: int  # of all that is computed; in a baseline that repeats in every run, of one run
    is_baseline: bool = False

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def shards(self) -> list[str]:
        """What each of its runs takes: ["1/1"] for one run."""
        return shards(self.cells)

    def __str__(self) -> str:
        return f"study {self.name}, {self.cells} cells, sha256 {self.checksum[:12]}"

    def argument(self, store: str) -> str:
        """What the pipeline is given as study: the text, or if that is too long, where it would be in the store."""
        return self.text if len(self.text.encode()) <= MAX_INLINE_BYTES else f"{store}/submitted/{self.checksum}.yaml"

    def upload(self, store: str) -> None:
        """Put a text that is too long for a parameter where `argument` says."""
        if (uri := self.argument(store)) != self.text:
            from clt.store import write_text

            write_text(uri, self.text)


def read_remote_study(path: str, repeat: str = "none") -> RemoteStudy:
    """The study in a file, to be run with this `repeat`.

    StudyError for what `load_study` refuses, for data and weights that are only here, and for jobs that cannot fit.
    """
    from clt.planning import check_declared_memory

    study, text = load_study(path), Path(path).read_text(encoding="utf-8")
    _require_reachable(study, Path(path))
    check_declared_memory(study)
    run = study.of_run(0) if repeat == EVERY_RUN else study
    return RemoteStudy(
        name=study.name,
        text=text,
        cells=len(expand(resolve(run, Path(DATA_FOLDER))).cells),
        is_baseline=study.baseline is not None,
    )


def remote_store(uri: str) -> str:
    """A store that pods can reach, without a trailing slash."""
    if not BUCKET_URI.fullmatch(uri):
        raise UserError(
            f"--store {uri!r}: expected s3://BUCKET/PREFIX, BUCKET of lower-case letters, digits, '.' and '-': pods "
            "and this machine share no folder"
        )
    return uri.rstrip("/")


def _require_reachable(study: Study, path: Path) -> None:
    places = [(f"models[{index}].path", model.path, True) for index, model in enumerate(study.models)]
    for name, task in study.tasks.items():
        for split, source in (("train", task.train), ("test", task.test)):
            kind = "hub" if source.hub else "path"
            places.append((f"tasks.{name}.{split}.{kind}", source.hub or source.path, kind == "hub"))
    for field, text, may_be_hub in places:
        if text is None or not _reachable(text, path.parent, may_be_hub):
            raise StudyError(
                f"{'missing' if text is None else f'got {text!r}, which only this machine knows'}, expected "
                f"{'a hub id, ' if may_be_hub else ''}demo:NAME or a path below {DATA_FOLDER} (the volume "
                "that the pods share)",
                field=field,
                file=str(path),
            )


def _reachable(text: str, base: Path, may_be_hub: bool) -> bool:
    if "${" in text:  # pods have other variables
        return False
    if "://" in text or text.startswith(("demo:", f"{DATA_FOLDER}/")):  # `resolve` judges what has a scheme
        return True
    return may_be_hub and HUB_ID.fullmatch(text) is not None and not (base / text).exists()
