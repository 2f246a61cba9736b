"""What stands for rows and items that nobody has seen: they are only declared, or an older version planned the study.

A digest of all that could determine them: other rows never share a key, though equal ones may not.
"""

from clt.hashing import digest
from clt.study.facts import DrawFacts, Facts
from clt.study.spec import Study

NOT_ROWS = {"rows", "bytes_per_row"}  # what a source says to plan without it
# What a task says beside its rows.
NOT_OF_ROWS = {"use", "train", "test", "metrics", "max_new_tokens", "shots", "stop", "choices", "constraints"}


def undrawn_rows(study: Study, facts: Facts, task: str, language: str, *, rows: int, seed: int) -> DrawFacts:
    """In place of the facts about a draw."""
    spec = study.tasks[task]
    sources = {name: source.checksum for name, source in facts.sources.items() if name.startswith(f"{task}/")}
    content = digest(
        {
            "place": [task, language],
            "sources": sources,  # of all languages, and test items: they decide what is held out and what is dropped
            "train": spec.train.model_dump(exclude=NOT_ROWS),
            "test": [spec.test.model_dump(exclude=NOT_ROWS), study.evaluated(task), study.evaluation.max_items],
            "templates": spec.model_dump(exclude=NOT_OF_ROWS),
            "rows": rows,
            "validation_rows": study.training.validation_rows,
            "seed": seed,
        }
    )
    return DrawFacts(rows=content, validation=content, left_out=content)


def unseen_items(study: Study, facts: Facts, task: str, language: str) -> str:
    """In place of the digest of the test items of one language."""
    spec = study.tasks[task]
    return digest(
        {
            "place": [task, language],
            "checksum": facts.source(task, "test", language).checksum,
            "test": spec.test.model_dump(exclude=NOT_ROWS),
            "templates": spec.model_dump(exclude=NOT_OF_ROWS),
            "shots": spec.shots and spec.shots.model_dump(),
            "choices": spec.choices and spec.choices.model_dump(),
            "constraints": spec.constraints,
            "max_items": study.evaluation.max_items,
        }
    )
