"""Ready tasks: each makes a study complete, and what a study says stands in place of what the task says."""

from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.study import Study, load_study
from clt.study.ready_tasks import FOLDER, ready_tasks

STUDY = """
name: ready
models: [{{name: tiny, path: org/tiny, revision: main, parameters: 1000}}]
tasks:
  task: {task}
languages: {{english: en, train: [es], evaluate: {languages}}}
mixtures: [{{english_samples: 8, samples_per_language: [8]}}]
training: {{epochs: 1, max_tokens: 2048}}
evaluation: {{batch_size: 4}}
"""
TRAIN = ", train: {path: '{language}.jsonl'}"  # for those that have test items alone
NO_ROWS = {"belebele", "global_mmlu"}


def study(task: str, languages: str = "[en, es, zh]") -> Study:
    return load_study(STUDY.format(task=task, languages=languages))


@pytest.mark.parametrize("name", ready_tasks())
def test_a_ready_task_needs_nothing_more_than_its_name_and_rows_if_it_has_none(name: str) -> None:
    task = study(f"{{use: {name}{TRAIN if name in NO_ROWS else ''}}}").tasks["task"]
    assert task.test.hub and task.test.revision and task.metrics
    assert "{" not in task.test.named("es") and task.test.rows
    assert all(task.prompt_in(code) for code in ("en", "es", "zh"))


def test_every_ready_task_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "study.md").read_text(encoding="utf-8")
    assert [name for name in ready_tasks() if f"| `{name}` |" not in page] == []
    assert {file.suffix for file in FOLDER.iterdir()} == {".yaml"}


def test_what_a_study_says_stands_in_place_of_what_the_task_says() -> None:
    task = study("{use: mgsm, shots: 4, max_new_tokens: 64, test: {revision: abc}, train: '{language}.jsonl'}").tasks[
        "task"
    ]
    assert task.shots is not None and task.shots.count == 4 and task.shots.source is not None
    assert task.max_new_tokens == 64 and task.test.revision == "abc" and task.test.hub == "juletxara/mgsm"
    assert task.train.path == "{language}.jsonl" and task.train.hub is None and not task.train.where
    assert task.prompt_in("es") == "Pregunta: {question}\nRespuesta paso a paso:"
    assert study("{use: mgsm, shots: 0}").tasks["task"].shots is None


def test_examples_of_languages_that_have_none_are_refused_unless_they_are_others() -> None:
    own = "test: '{language}.jsonl'"
    with pytest.raises(StudyError, match=r"tasks.task.shots.source.rows: ko missing"):
        study(f"{{use: mgsm, {own}}}", "[en, es, ko]")
    with pytest.raises(StudyError, match=r"tasks.task.test.rows: ko missing.*has no other languages.*give a `test`"):
        study("{use: mgsm}", "[en, es, ko]")
    task = study(f"{{use: mgsm, {own}, shots: {{languages: {{ko: en}}}}}}", "[en, es, ko]").tasks["task"]
    assert task.shots is not None and task.shots.of("ko") == "en" and task.shots.of("es") == "es"


def test_examples_from_elsewhere_have_no_templates_of_those_that_they_replace() -> None:
    own = "shots: {source: 'x.{language}.jsonl', count: 4}"
    shots = study(f"{{use: mgsm, {own}}}").tasks["task"].shots
    assert shots is not None and shots.prompt is None and shots.answer is None and shots.count == 4
    assert shots.source is not None and shots.source.path == "x.{language}.jsonl" and shots.source.hub is None


def test_a_name_that_is_none_is_refused_at_its_line() -> None:
    with pytest.raises(StudyError, match=r":5: tasks.task.use: got 'mgms', expected one of aya_dolly200, belebele"):
        study("{use: mgms}")


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ('{use: xlsum, stop: ["\\n"]}', "tasks.task.stop[0]: got '\\n', which right answers hold"),
        (
            "{use: xlsum, question_label: 'Text:'}",
            "tasks.task.question_label: got 'Text:', expected it without its colon",
        ),
        ("{use: xlsum, choices: {options: [a, b], right: '{x}'}}", "tasks.task.choices: is set, and no metric"),
        ("{use: xlsum, metrics: [constraints]}", "tasks.task.constraints: missing"),
        ("{use: xlsum, constraints: '{form}'}", "tasks.task.constraints: is set without the metric"),
        ("{use: xlsum, metrics: [constraints], constraints: '{'}", "tasks.task.constraints: got '{'"),
        ("{use: xlsum, shots: {count: 1, prompt: {en: '{text}'}}}", "tasks.task.shots.prompt: es, zh missing"),
        (
            "{use: xlsum, question_label: {en: Q}, shots: {count: 1, prompt: '{question_label} {text}'}}",
            "tasks.task.question_label: es, zh missing",
        ),
        ("{use: mgsm, shots: {format: multiturn}}", "tasks.task.shots.format: got 'multiturn', and tiny has no"),
        ("{use: xlsum, prompt: '{question_label}: {text}', question_label: {en: Q}}", "question_label: es, zh missing"),
    ],
)
def test_what_prompts_cannot_be_is_refused(task: str, said: str) -> None:
    with pytest.raises(StudyError) as refused:
        study(task)
    assert said in str(refused.value)
