"""Times as people say them."""

from datetime import timedelta


def format_duration(seconds: float) -> str:
    """9.5 s, 12:05 min, 3:07:00 h, 4 d 21 h."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    whole = timedelta(seconds=round(seconds))
    if whole < timedelta(hours=1):
        return f"{whole.seconds // 60}:{whole.seconds % 60:02d} min"
    return f"{whole.days} d {whole.seconds // 3600} h" if whole.days else f"{whole} h"
