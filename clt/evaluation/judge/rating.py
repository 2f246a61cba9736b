"""The rating in a judge's reply: the JSON that was asked for, or the few other forms that leave no doubt."""

import json
import re
from functools import partial
from typing import Any

LOWEST, HIGHEST = 1, 5
_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_MARKS = r"[\s\"'*_`]*"
# "Rating: 4", "**rating** is 4/5"; not "rating: 4.5", "rating: 4/10" or "rating: 1-5"
_GOES_ON = r"(?!\d|[.,]\d|\s*[-–]\s*\d|\s*/\s*(?!5\b)|\s*out of\s+(?!5\b))"
_STATED = re.compile(rf"\brating{_MARKS}(?:[:=：]|is\b){_MARKS}([1-5]){_GOES_ON}", re.IGNORECASE)
_BARE = re.compile(rf"{_MARKS}([1-5]){_MARKS}\.?\s*")
_BROKEN = re.compile(r"\{\s*[\"']")  # where it is left after all objects that can be read
_MEMBER = re.compile(r"[{,]\s*[\"']rating\b", re.IGNORECASE)


def read_rating(reply: str) -> int | None:
    """The whole number from 1 to 5 that a reply gives; None if there is none, or there are several that differ.

    Read are `rating` in JSON objects, "Rating: 4", and a number alone, anywhere in the text. Passed over is what stands
    between <think> and </think>, and what is quoted: the strings of an object. A broken object may quote all that it
    holds, so that it needs a member `rating`.
    """
    text = _THOUGHTS.sub("", reply)
    ratings, rest = _of_objects(text)
    if _BROKEN.search(rest) and not _MEMBER.search(rest):
        return None
    ratings += [int(match[1]) for match in _STATED.finditer(rest)]
    if match := _BARE.fullmatch(text):
        ratings.append(int(match[1]))
    return ratings[0] if len(set(ratings)) == 1 else None


def _of_objects(text: str) -> tuple[list[int | None], str]:
    """All members `rating` of the JSON objects in a text, at any depth, and the text without these objects."""
    ratings: list[int | None] = []
    rest, at = "", 0
    while (start := text.find("{", at)) >= 0:
        found: list[int | None] = []
        decoder = json.JSONDecoder(strict=False, object_pairs_hook=partial(_collect, found))
        try:
            _, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
            rest += text[at:end]
        else:
            rest += text[at:start]
            ratings += found
        at = end
    return ratings, rest + text[at:]


def _collect(ratings: list[int | None], members: list[tuple[str, Any]]) -> None:
    ratings += [_whole(value) for name, value in members if name == "rating"]


def _whole(value: Any) -> int | None:
    """A rating in JSON: 4, 4.0 or "4"; None for anything else."""
    if isinstance(value, str) and (match := _BARE.fullmatch(value)):
        return int(match[1])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value in range(LOWEST, HIGHEST + 1) else None
