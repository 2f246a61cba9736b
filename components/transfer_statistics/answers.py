"""The sentences that open the report, for whoever shows them elsewhere."""

from pathlib import Path


def plain_answers(statistics: Path) -> list[tuple[str, list[str]]]:
    """Questions and what the scores answer, in plain language, from a statistics.json."""
    from components.transfer_statistics.rendering.brief import brief
    from components.transfer_statistics.schema import Statistics

    found = brief(Statistics.model_validate_json(statistics.read_text(encoding="utf-8")))
    return [(answer.question, answer.sentences) for answer in found]
