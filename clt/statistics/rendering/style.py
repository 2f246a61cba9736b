"""Colours and style sheets: one set of colours for the page and for every figure, in light and dark.

The hues are Okabe and Ito's, which stay apart for colour-blind readers; darkened or lightened where text needs the
contrast (WCAG AA).
"""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
LIGHT = {
    "page": "#ffffff",
    "card": "#f6f7f9",
    "ink": "#1b1f24",
    "soft": "#57606a",
    "rule": "#d5dae0",
    "english": "#1b1f24",
    "seen": "#0072b2",
    "unseen": "#b84900",
    "other": "#00735a",
    "warn": "#fff3cd",
    "heat": "#0072b2",
    "negative": "#d55e00",
    "first": "#0072b2",
    "second": "#e69f00",
    "third": "#8fcbb8",
    "fourth": "#b9c0c8",
}
DARK = {
    "page": "#14181d",
    "card": "#1d2329",
    "ink": "#e8ecf0",
    "soft": "#a5b0bb",
    "rule": "#39434d",
    "english": "#e8ecf0",
    "seen": "#56b4e9",
    "unseen": "#f0803c",
    "other": "#2fbf93",
    "warn": "#453a12",
    "heat": "#0072b2",
    "negative": "#d55e00",
    "first": "#56b4e9",
    "second": "#e69f00",
    "third": "#8fcbb8",
    "fourth": "#7b8590",
}


@cache
def page_style() -> str:
    """The page's style sheet; print is always light."""
    light, dark = (";".join(f"--{name}:{value}" for name, value in colours.items()) for colours in (LIGHT, DARK))
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{_read('report.css')}{_read('figures.css')}"
    )


@cache
def standalone_style() -> str:
    """The figures' style sheet with the colours written out: few programs but browsers know CSS variables."""
    font = "text{font-family:system-ui,'Liberation Sans','DejaVu Sans',sans-serif}"
    dark = f"@media screen and (prefers-color-scheme:dark){{{_coloured(DARK)}}}"
    return " ".join((font + _coloured(LIGHT) + dark).split())


def _coloured(colours: dict[str, str]) -> str:
    text = _read("figures.css")
    for name, value in colours.items():
        text = text.replace(f"var(--{name})", value)
    return text


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
