"""The plan's one artifact: the record of a study in the store, which every later step reads."""

from pydantic import ValidationError

from clt.errors import StoreError
from clt.store.artifacts import ArtifactFile, StudyMetadata
from clt.store.store import Store
from clt.study import StudyRecord


def publish_record(store: Store, record: StudyRecord, text: str = "") -> str:
    """Put a planned study at `studies/STUDY_KEY`, for every later step.

    Args:
        store: Where to; a record that is there already stands.
        record: Becomes record.json.
        text: The study file as it was written; becomes study.yaml.

    Returns:
        STUDY_KEY, the record's key.
    """
    with store.writer(f"studies/{record.key}") as attempt:
        (attempt.path / ArtifactFile.RECORD).write_text(record.model_dump_json(indent=1), encoding="utf-8")
        StudyMetadata(wants_other_weights=record.wants_other_weights).write(attempt)
        if text:
            (attempt.path / ArtifactFile.STUDY).write_text(text, encoding="utf-8")
    return record.key


def read_record(store: Store, study_key: str) -> StudyRecord:
    """The record of a planned study.

    Raises:
        StoreError: The store has none, or one that this version cannot read.
    """
    path = store.fetch(f"studies/{study_key}") / ArtifactFile.RECORD
    try:
        return StudyRecord.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StoreError(
            f"{path}: {where}: {first['msg']}: this record was written by another version; plan the study again"
        ) from None
