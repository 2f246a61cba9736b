"""Places in a study and what is wrong there, as checks give them to whoever knows the lines."""

from collections.abc import Sequence
from typing import Any

Place = tuple[int | str, ...]  # where in the study, such as ("mixtures", 0, "weights")
Problem = tuple[Place, str]


def dotted(place: Place) -> str:
    """A place in the study as people write it: `mixtures[0].samples_per_language[2]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def shown(value: Any) -> str:
    """A value as messages show it: never longer than a line."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def one_of(names: Sequence[str]) -> str:
    """What was expected, where only these names may stand."""
    return f"expected one of {', '.join(names)}" if names else "expected none, as there are none"
