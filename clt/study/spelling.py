"""How a study writes its languages, kept for the names of its files."""

from typing import Any

from clt.languages import canonical_or_same


def keep_spelling(study: Any) -> Any:
    """A study file's content in which each source says how the study spells its languages (`Source.languages`).

    A study that writes `eng` has files named by `eng`, though its cells and scores say `en`.
    """
    languages = study.get("languages") if isinstance(study, dict) else None
    tasks = study.get("tasks") if isinstance(study, dict) else None
    if not isinstance(languages, dict) or not isinstance(tasks, dict):
        return study
    spelled = {canonical_or_same(code): code for code in written_languages(languages)}
    spelled = {code: text for code, text in spelled.items() if code != text}
    if not spelled:
        return study
    return study | {"tasks": {name: _spelled_task(task, spelled) for name, task in tasks.items()}}


def written_languages(languages: Any) -> list[str]:
    """The codes in the content of a study's `languages`, as they are written; what is no code is left out."""
    if not isinstance(languages, dict):
        return []
    lists = [codes for codes in (languages.get("train"), languages.get("evaluate")) if isinstance(codes, list | tuple)]
    written = [languages.get("english"), *(code for codes in lists for code in codes)]
    return [code for code in written if isinstance(code, str)]


def _spelled_task(task: Any, spelled: dict[str, str]) -> Any:
    if not isinstance(task, dict):
        return task
    found = {split: _spelled_source(task[split], spelled) for split in ("train", "test") if split in task}
    shots = task.get("shots")
    if isinstance(shots, dict) and shots.get("source"):
        found["shots"] = shots | {"source": _spelled_source(shots["source"], spelled)}
    return task | found


def _spelled_source(source: Any, spelled: dict[str, str]) -> Any:
    source = {"path": source} if isinstance(source, str) else source
    names = source.get("languages") or {} if isinstance(source, dict) else None
    if not isinstance(names, dict):
        return source
    return source | {"languages": spelled | {canonical_or_same(code): name for code, name in names.items()}}
