"""Languages by models, a map a task: the change from English-only training to the recommended mixture."""

from collections.abc import Iterator, Sequence

from clt.statistics.analyses.context import Context
from clt.statistics.analyses.glance.schema import Glance, GlanceLanguage, GlancePart
from clt.statistics.rendering.formatting import Form, words
from clt.statistics.rendering.svg import Cell, Drawing, Figure, heat_map


def figures(part: GlancePart, context: Context) -> list[Figure]:
    """A heat map for each task and metric; a row for each of its models and settings, a column for each language."""
    return [(f"glance-{slug}", drawing) for slug, drawing in _maps(part.glance, context)]


def _maps(every: Sequence[Glance], context: Context) -> Iterator[tuple[str, Drawing]]:
    for task, metric in sorted({(one.task, one.metric) for one in every}):
        rows = [one for one in every if (one.task, one.metric) == (task, metric)]
        codes = list(dict.fromkeys(language.language for one in rows for language in one.languages))
        largest = max((abs(each.change.value or 0.0) for one in rows for each in one.languages), default=0.0)
        strongest = max(largest, 0.1 * (rows[0].range or 0.0))  # a change of a few points is no strong colour
        signed = points_of(rows[0].range, context.digits.signed(task, metric))
        several = len({one.setting for one in every}) > 1
        drawn = heat_map(
            [(_name(one, several=several), _cells(one, codes, strongest, signed)) for one in rows],
            codes,
            text=_said(task, rows, signed),
            corner="",
            narrow=27.0,
        )
        yield f"{task}-{metric}", drawn


def points_of(range_: float | None, otherwise: Form) -> Form:
    """How a change is written: in points, hundredths of the metric's range; in the metric's unit where it has none."""
    if range_ is None:
        return otherwise
    return lambda change: f"{100 * change / range_:+.0f}".replace("-", "−").replace("+0", "0").replace("−0", "0")


def _name(one: Glance, *, several: bool) -> str:
    """The model, in brackets where no mixture is told from English-only training."""
    name = f"{one.model}{' · multi' if several and one.setting == 'multi_task' else ''}"
    return name if one.resolved else f"({name})"


def _cells(one: Glance, codes: Sequence[str], strongest: float, signed: Form) -> list[Cell]:
    by_code = {language.language: language for language in one.languages}
    return [_cell(by_code.get(code), one, strongest, signed) for code in codes]


def _cell(language: GlanceLanguage | None, one: Glance, strongest: float, signed: Form) -> Cell:
    if language is None or language.change.value is None:
        return Cell(text="–", strength=None)
    better = language.change.value if one.higher_is_better else -language.change.value
    return Cell(
        text=signed(language.change.value),
        strength=better / strongest if strongest else None,
        underlined=language.exposure == "seen",
        outlined=language.resolved,
    )


def _said(task: str, rows: Sequence[Glance], signed: Form) -> str:
    """The alternative text, with the numbers that stand."""
    marked = [
        f"{language.language} {signed(language.change.value or 0.0)} ({one.model})"
        for one in rows
        for language in one.languages
        if language.resolved
    ]
    return (
        f"{words(task)}: change of every language from English-only training to the mixture that is recommended; in "
        "brackets where none is told from English-only training. "
        f"{'Told from noise: ' + ', '.join(marked) if marked else 'None is told from noise'}."
    )
