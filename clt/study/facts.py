"""What a plan finds out about a study's data and models: what keys and estimates rest on."""

from pydantic import Field

from clt.study.fields import Spec
from clt.study.model_shape import ModelShape


class SourceFacts(Spec):
    """What inspection found behind one task, split and language."""

    checksum: str  # of the rows, or of hub id, config, split and revision; empty if the rows are only declared
    rows: int
    mean_bytes: float  # UTF-8 bytes of prompt and answer a row


class DrawFacts(Spec):
    """Digests of what a cell takes of one task and language: ids, prompts and answers, in order."""

    rows: str  # for training
    validation: str
    left_out: str  # of what was passed over, and why: bad rows, and rows that hold test items


class ModelFacts(Spec):
    """What identifies a model's weights and tokenizer, and its size."""

    identity: str  # SHA-256 over the folder's files, or hub id and commit; "declared NAME" if there are no weights
    parameters: int
    bytes: int  # of the weights on disk
    shape: ModelShape | None = None  # for estimates alone: it is in no key
    no_shape: str = ""  # why there is none


class Facts(Spec):
    sources: dict[str, SourceFacts]  # "TASK/train/LANGUAGE", "TASK/test/LANGUAGE" and "TASK/shots/LANGUAGE"
    models: dict[str, ModelFacts] = Field(default={})
    items: dict[str, str] = Field(default={})  # "TASK/LANGUAGE" -> digest of the test items; none if only declared
    shots: dict[str, str] = Field(default={})  # as `items`: of the examples that stand before them
    draws: dict[str, DrawFacts] = Field(default={})  # by `draw_name`; none if the rows are only declared

    def source(self, task: str, split: str, language: str) -> SourceFacts:
        return self.sources[f"{task}/{split}/{language}"]

    def checksums(self) -> dict[str, str]:
        """Of all sources that are at hand, by name."""
        return {name: source.checksum for name, source in self.sources.items() if source.checksum}


def draw_name(task: str, language: str, seed: int, rows: int) -> str:
    """What a draw is called among the facts: cells that differ in nothing of it share it."""
    return f"{task}/{language}/seed{seed}/{rows}"
