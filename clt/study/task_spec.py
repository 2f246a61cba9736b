"""The `tasks` of a study file: where rows come from, the prompt, and how answers are scored."""

from typing import Any, Literal, Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from clt.study.fields import Count, Spec
from clt.study.metrics import METRICS


class Source(Spec):
    """Where a task's rows come from: a jsonl file a language, a data set for `datasets`, or only a number of rows."""

    path: str | None = None
    """Jsonl files, one a language: the path holds `{language}`. `demo:NAME` and `${VARIABLE}` are understood."""
    hub: str | None = None
    """A data set's hub id, or a local folder that `datasets` loads. `{language}` is replaced, in `config`,
    `split`, `files` and `where` too.
    """
    config: str | None = None
    """The hub data set's configuration."""
    split: str = "train"
    """The hub data set's split."""
    revision: str | None = None
    """The hub data set's commit, so that the same study means the same rows."""
    files: str | None = None
    """A pattern of the hub data set's files to read as the split `train`."""
    where: dict[str, str] = Field(default={})
    """Column to pattern (`*` is understood): only rows of a hub data set that match."""
    ids: Literal["column", "row"] = "column"
    """Where an item's id comes from: the column `id`, or the row's number, where there are no ids or they differ
    between languages.
    """
    columns: dict[str, str] = Field(default={})
    """Our name to the source's column, such as `{id: number}`; columns that are not named keep their names."""
    languages: dict[str, str] = Field(default={})
    """Language code to what this source calls it, where that differs: `{zh: chinese_simplified}`."""
    rows: Count | dict[str, Count] | None = None
    """Number of rows, of every language or by language: to plan without the data."""
    bytes_per_row: PositiveInt | None = None
    """UTF-8 bytes of prompt and answer: to plan without the data."""
    on_bad_row: Literal["error", "skip"] = "error"
    """Whether a row that cannot be used is an error, or is skipped and counted in the mixture's manifest."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.path and self.hub:
            raise ValueError("got both `path` and `hub`, expected one of them")
        if not (self.path or self.hub) and self.rows is None:
            raise ValueError("got no `path`, `hub` or `rows`, expected one of them")
        return self

    @property
    def at_hand(self) -> bool:
        """Whether there is data behind it, or only a declared number of rows."""
        return bool(self.path or self.hub)

    def named(self, language: str) -> str:
        """What this source calls a language."""
        return self.languages.get(language, language)


class Task(Spec):
    """A training source, a test source, the prompt that both share, and the metrics (the first is the main one)."""

    train: Source
    """Where training rows come from: a source, or the path of one."""
    test: Source
    """Where test items come from: a source, or the path of one."""
    prompt: str
    """A template of the row's columns, such as `"{question}\\n"`; training and evaluation share it."""
    answer: str = "{answer}"
    """A template of the row's columns: what the model learns to write, and the reference in evaluation."""
    metrics: tuple[str, ...] = Field(min_length=1)
    """How answers are scored, see below; the first metric is the main one."""
    max_new_tokens: PositiveInt | None = None
    """Longest answer that is generated; by default `evaluation.max_new_tokens`."""

    @field_validator("train", "test", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @field_validator("metrics")
    @classmethod
    def _known_metrics(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in METRICS:
                raise ValueError(f"got {name!r}, expected one of {', '.join(METRICS)}")
        return value
