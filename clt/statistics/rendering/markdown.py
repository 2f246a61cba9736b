"""Text and tables as Kubeflow's viewer of Markdown shows them."""

import re
from collections.abc import Sequence


def markdown_text(text: str) -> str:
    """Text that is shown as it is: it neither ends a cell nor a line, opens no tag, and marks nothing up."""
    return re.sub(r"([\\`*_\[\]!|])", r"\\\1", " ".join(text.replace("&", "&amp;").replace("<", "&lt;").split()))


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table of texts; none without rows."""
    body = [f"| {' | '.join(map(markdown_text, row))} |" for row in rows]
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *body] if rows else []
