"""What a mixture's texts could do to a model, counted without its tokenizer: lengths, and text of special tokens."""

import re

from clt.store import TextFacts

# What tokenizers of open models write for the end of a text, the turns of a chat and the like; in the middle of an
# answer a model may read it as the token itself.
SPECIAL_TEXT = re.compile(
    r"<\|[\w/.-]{1,40}\|>|<｜[^｜<>]{1,40}｜>|</?s>|<(?:bos|eos|pad|unk|mask|start_of_turn|end_of_turn)>|\[/?INST\]|<</?SYS>>"
)


class TextCounts:
    """Facts of the rows that were counted so far, by task and language."""

    def __init__(self) -> None:
        self._facts: dict[str, dict[str, TextFacts]] = {}

    def add(self, row: dict[str, str]) -> None:
        """Count a row of a mixture."""
        facts = self._facts.setdefault(row["task"], {}).setdefault(row["language"], TextFacts())
        facts.longest_prompt_bytes = max(facts.longest_prompt_bytes, len(row["prompt"].encode()))
        facts.longest_answer_bytes = max(facts.longest_answer_bytes, len(row["answer"].encode()))
        for part in ("prompt", "answer"):
            for text in {match.group() for match in SPECIAL_TEXT.finditer(row[part])}:
                facts.special_text[f"{part}: {text}"] = facts.special_text.get(f"{part}: {text}", 0) + 1

    def result(self) -> dict[str, dict[str, TextFacts]]:
        """Task -> language -> facts."""
        return self._facts
