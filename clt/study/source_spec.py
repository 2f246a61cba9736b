"""A task's sources in a study file: files, a data set for `datasets`, or only a number of rows."""

from typing import Literal, Self

from pydantic import Field, PositiveInt, model_validator

from clt.study.fields import Count, Spec
from clt.study.languages import ByLanguage

Format = Literal["jsonl", "csv", "tsv", "parquet"]


class Source(Spec):
    """Where a task's rows come from: files, a data set for `datasets`, or only a number of rows."""

    path: str | None = None
    """Files of this machine, a mounted volume or a bucket (s3://BUCKET/PATH): jsonl, csv, tsv or parquet, each also
    `.gz` or `.zst`. `{language}` is replaced, `*` takes several files, `demo:NAME` and `${VARIABLE}` are understood.
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
