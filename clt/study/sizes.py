"""Sizes in bytes as people write them."""

import re

UNITS = {"B": 1} | {
    f"{prefix}{suffix}": base**power
    for power, prefix in enumerate("KMGTP", start=1)
    for suffix, base in (("B", 1000), ("iB", 1024))
}


def parse_size(text: str) -> int:
    """Bytes of "500GB" (decimal) or "2TiB" (binary).

    Raises:
        ValueError: Anything else, with what is allowed.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)", text.strip())
    if match is None or match[2] not in UNITS or float(match[1]) <= 0:
        raise ValueError(f"got {text!r}, expected a size such as '500GB' or '2TiB' (units: {', '.join(UNITS)})")
    return round(float(match[1]) * UNITS[match[2]])


def format_size(count: float) -> str:
    """A number of bytes in the largest decimal unit that leaves at least one before the point: "1.5 GB"."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} PB"
