"""What a judge is asked, in versions: a YAML file each in judge_prompts/, which never changes once it was used.

A better wording is a new file with a higher number, so that ratings by two wordings are never taken for one measure.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from clt.hashing import digest

_FOLDER = Path(__file__).with_name("judge_prompts")


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgePrompt:
    system: str
    user: str  # a template of $language (its English name), $question and $answer
    reminder: str  # what is said to a reply that cannot be read

    def filled(self, *, language: str, question: str, answer: str) -> str:
        """The user's turn; what stands in question and answer is never taken for a part of the template."""
        return Template(self.user).substitute(language=language, question=question, answer=answer)

    @property
    def digest(self) -> str:
        """A hash of all of its text."""
        return digest([self.system, self.user, self.reminder])


@cache
def judge_prompt(name: str) -> JudgePrompt:
    """The prompt of that name, as `judge.prompt` names it."""
    import yaml

    return JudgePrompt(**yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))
