"""The `tasks` of a study file: where rows come from, the prompt, and how answers are scored."""

from collections.abc import Callable
from string import Formatter
from typing import Any, Literal, Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from clt.study.fields import Count, Spec
from clt.study.languages import ByLanguage, Language, language_name
from clt.study.metrics import METRICS

Format = Literal["jsonl", "csv", "tsv", "parquet"]
Comparison = Literal["id", "text"]
# Names in a template that are no columns, and what they stand for in a language.
OF_THE_LANGUAGE: dict[str, Callable[[str], str]] = {"language": str, "language_name": language_name}


class Source(Spec):
    """Where a task's rows come from: files, a data set for `datasets`, or only a number of rows."""

    path: str | None = None
    """Files of this machine or a mounted volume: jsonl, csv, tsv or parquet, each also `.gz` or `.zst`. `{language}` is
    replaced, `*` takes several files, `demo:NAME` and `${VARIABLE}` are understood.
    """
    hub: str | None = None
    """A data set's hub id, or a local folder whose files are found as `datasets` finds them. `{language}` is replaced,
    in `config`, `split`, `files` and `where` too.
    """
    config: str | None = None
    """The hub data set's configuration."""
    split: str = "train"
    """The split of a hub data set or of a folder: each split has files of its own."""
    revision: str | None = None
    """The hub data set's commit, so that the same study means the same rows."""
    files: str | None = None
    """A pattern of the hub data set's files to read as the split `train`."""
    where: dict[str, str] = Field(default={})
    """Column to pattern (`*` is understood): only rows that match, such as `{lang: "{language}"}` in one file for all
    languages.
    """
    format: Format | None = None
    """What the files are; by default what their names end in."""
    header: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Names of the columns of csv and tsv files that have no header; by default their first line is one."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """What stands between the cells of a csv or tsv file; by default a comma or a tab."""
    quoting: Literal["double", "none"] | None = None
    """Whether a cell of a csv or tsv file may stand in double quotes: by default in csv it may, in tsv a quote is
    text.
    """
    messages: str | None = None
    """The column of chat turns (`role` and `content`, or `from` and `value`): the last turn, the assistant's, becomes
    the column `answer`, and what came before it the column `prompt`.
    """
    ids: Literal["column", "row", "parallel_row"] = "column"
    """Where an item's id comes from: the column `id`, or the row's number, where there is none. The same number in two
    languages is the same item only by `parallel_row`.
    """
    columns: dict[str, str] = Field(default={})
    """Our name to the source's column, such as `{id: number}`; a column inside others by its path, `data.question.0`.
    Columns that are not named keep their names.
    """
    languages: ByLanguage[str] = Field(default={})
    """Language code to what this source calls it, where that differs: `{zh: chinese_simplified}`; by default as the
    study writes it.
    """
    rows: Count | ByLanguage[Count] | None = None
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
    prompt: str | ByLanguage[str]
    """A template of the row's columns, such as `"{question}\\n"`, or one a language; training and evaluation share it.
    `{language}` is the language's code, `{language_name}` its English name.
    """
    answer: str = "{answer}"
    """A template as `prompt`: what the model learns to write, and the reference in evaluation."""
    metrics: tuple[str, ...] = Field(min_length=1)
    """How answers are scored, see below; the first metric is the main one."""
    max_new_tokens: PositiveInt | None = None
    """Longest answer that is generated; by default `evaluation.max_new_tokens`."""
    languages: tuple[Language, ...] | None = None
    """The languages that this task has, English among them; by default all of the study's."""
    decontamination: tuple[Comparison, ...] = ("id", "text")
    """By what training rows are held against test items, and left out with their translations where they agree: `id`,
    and `text` of the prompt; `[]`: by nothing.
    """

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

    def prompt_in(self, language: str) -> str:
        """The prompt's template in a language: all that is left in braces are columns."""
        return _in_language(self.prompt if isinstance(self.prompt, str) else self.prompt[language], language)

    def answer_in(self, language: str) -> str:
        """The answer's template in a language."""
        return _in_language(self.answer, language)


def _in_language(template: str, language: str) -> str:
    parts = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(text.replace("{", "{{").replace("}", "}}"))
        if name is not None:
            parts.append(OF_THE_LANGUAGE[name](language) if name in OF_THE_LANGUAGE else f"{{{name}}}")
    return "".join(parts)
