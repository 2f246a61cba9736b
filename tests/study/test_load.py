"""Every refusal names file, line, field, value and what is allowed."""

from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.study import load_study

REFUSALS = [
    # what is replaced, by what, line, field, parts of the message
    ("samples_per_language", "sample_per_language", 23, "mixtures[0].sample_per_language", ["`samples_per_language`?"]),
    ("name: tiny", "name: tiny\nstudy: x", 2, "study", ["unknown key", "languages"]),
    ("name: tiny", "name: Tiny study", 1, "name", ["'Tiny study'", "expected text of the form"]),
    ("batch_size: 10", "batch_size: ten", 26, "training.batch_size", ["'ten'", "a whole number"]),
    ("batch_size: 10", "batch_size: 0", 26, "training.batch_size", ["got 0", "greater than 0"]),
    (
        "h100: 1.0e+9}",
        "h100: 1.0e+9}\n  training: {accelerator: h100, nodes: 2, accelerators_per_node: 8}",
        30,
        "resources.training",
        ["16 accelerators for 10 rows a step", "at most one a row"],
    ),
    ("batch_size: 10", "learning_rate: .inf", 26, "training.learning_rate", ["inf", "a finite number"]),
    ("epochs: 1", "epochs: 1\n  max_steps: 3", 24, "training", ["exactly one of `epochs` and `max_steps`"]),
    ('prompt: "{text}"', "", 12, "tasks.news.prompt", ["missing"]),
    ('prompt: "{text}"', 'prompt: "text"', 15, "tasks.news.prompt", ["without any column", "'{question}'"]),
    ('prompt: "{text}"', 'prompt: "{text"', 15, "tasks.news.prompt", ["'{text'", "single braces"]),
    ('prompt: "{text}"', 'prompt: "{text!r}"', 15, "tasks.news.prompt", ["'{text}'", "names of columns"]),
    ('prompt: "{text}"', 'prompt: "in {language}"', 15, "tasks.news.prompt", ["without any column"]),
    ('prompt: "{text}"', 'prompt: {en: "{text}"}', 15, "tasks.news.prompt", ["es, ja, ko missing", "each language"]),
    ('prompt: "{text}"', 'prompt: "{text}"\n    languages: [es]', 16, "tasks.news.languages", ["en missing"]),
    (
        'prompt: "{text}"',
        'prompt: "{text}"\n    languages: [en, fr]',
        16,
        "tasks.news.languages[1]",
        ["'fr'", "one of"],
    ),
    ("  news:", "  News:", 12, "tasks.News", ["'News'", "expected text of the form"]),
    ("[rouge_l]", "[bleu]", 16, "tasks.news.metrics", ["'bleu'", "rouge_l", "bits_per_byte"]),
    ("[rouge_l]", "[rouge_l, rouge_l]", 16, "tasks.news.metrics[1]", ["'rouge_l' again"]),
    ("train: [es, ja]", "train: [es, xqq]", 18, "languages.train[1]", ["'xqq'", "ISO 639"]),
    ("train: [es, ja]", "train: [es, zxx]", 18, "languages.train[1]", ["'zxx'", "'por'"]),
    ("train: [es, ja]", "train: [es, spa]", 18, "languages.train", ["es twice"]),
    ("train: [es, ja]", "train: [es, en]", 17, "languages", ["train: got 'en'", "other than `english`"]),
    ("train: [es, ja]", "train: [es, fr]", 17, "languages", ["evaluate: fr missing"]),
    ("train: [es, ja]", "train: [es, es]", 18, "languages.train", ["es twice"]),
    ("name: large", "name: small", 5, "models[1].name", ["'small' again"]),
    ("name: large", "name: large, system: Hi", 5, "models[1].system", ["is set without `chat: true`"]),
    ("name: large", "name: large, chat: true, system: ''", 5, "models[1].system", ["got ''", "1 character"]),
    ("name: large", "name: large, chat: true, system: ' '", 5, "models[1].system", ["is blank"]),
    ("name: large", "name: large, lora: {rank: 4}", 5, "models[1].lora", ["`method` is 'full'", "`method: lora`"]),
    ("{name: large, parameters: 3000}", "{name: large}", 5, "models[1]", ["`path` nor `parameters`"]),
    ("[0, 10, 20]", "[0, 10, 10]", 23, "mixtures[0].samples_per_language[2]", ["got 10 again"]),
    ("[0, 10, 20]", "[0, -1]", 23, "mixtures[0].samples_per_language[1]", ["got -1", "greater than or equal to 0"]),
    ("[0, 10, 20]", "[0, 496]", 8, "tasks.math.train.rows", ["500 rows in es", "at least 501", "5 of validation"]),
    (
        "[0, 10, 20]",
        "[0, 60]\n    design: fixed_budget",
        23,
        "mixtures[0].samples_per_language[1]",
        ["got 60", "120 rows in 2 languages", "budget of 100"],
    ),
    ("[0, 10, 20]", "[10]\n    languages: [ko]", 24, "mixtures[0].languages[0]", ["'ko'", "one of es, ja"]),
    (
        "[0, 10, 20]",
        "[10]\n    weights: {es: 1, spa: 2}",
        24,
        "mixtures[0].weights",
        ["'es' and 'spa'", "one language"],
    ),
    ("[0, 10, 20]", "[10]\n    weights: {ko: 2}", 24, "mixtures[0].weights.ko", ["'ko'", "one of es, ja"]),
    ("[0, 10, 20]", "[10]\n    weights: {ja: 0.01}", 23, "mixtures[0].samples_per_language[0]", ["rounds to 0 rows"]),
    ("[0, 10, 20]", "[10]\n    models: [tiny]", 24, "mixtures[0].models[0]", ["'tiny'", "one of small, large"]),
    ("[0, 10, 20]", "[10]\n    tasks: [code]", 24, "mixtures[0].tasks[0]", ["'code'", "one of math, news"]),
    ("[0, 10, 20]", "[10]\n    settings: [both]", 24, "mixtures[0].settings[0]", ["'single_task' or 'multi_task'"]),
    ("[0, 10, 20]", "[10]\n    seeds: []", 24, "mixtures[0].seeds", ["is empty"]),
    ("[0, 10, 20]", "[10]\n    languages: []", 23, "mixtures[0].samples_per_language[0]", ["without any trained"]),
    (
        "batch_size: 10",
        "batch_size: 10\n  micro_batch_size: 8",
        27,
        "training.micro_batch_size",
        ["`micro_batch_tokens`, its new name", "rows x `max_tokens`"],
    ),
    (
        "epochs: 1",
        "epochs: 1\n  max_tokens: 256",
        26,
        "training.max_tokens",
        ["got 256", "at least 512", "`evaluation.max_new_tokens` (256 unless set)"],
    ),
    (
        "training:",
        "evaluation: {max_new_tokens: 4096}\ntraining:",
        24,
        "evaluation.max_new_tokens",
        ["got 4096", "at most half of `training.max_tokens` (2048)"],
    ),
    ("h100: 1.0e+9}", "h100: 1.0e+9}\n  training: {accelerator: h200}", 30, "resources.training.accelerator", ["h100"]),
    ("h100: 1.0e+9}", "h100: 1.0e+9}\n  training: {memory: 8GB}", 30, "resources.training.memory", ["'8GB'", "Gi"]),
    (
        "h100: 1.0e+9}",
        "h100: 1.0e+9}\n  patience: {room_hours: 1}",
        30,
        "resources.patience",
        ["`timeouts`", "`room_hours` is `unschedulable_hours`"],
    ),
    (
        "h100: 1.0e+9}",
        "h100: 1.0e+9}\n  timeouts: {room_hours: 1}",
        30,
        "resources.timeouts.room_hours",
        ["`unschedulable_hours`"],
    ),
    ("name: tiny", "name: tiny\nlimits: {disk: 5 gigabytes}", 2, "limits.disk", ["'5 gigabytes'", "'500GB'"]),
    ("name: tiny", "name: tiny\nevaluation: {checkpoints: best}", 2, "evaluation.checkpoints", ["'selected' or 'all'"]),
    ("name: tiny", "name: tiny\nname: other", 2, "name", ["also in line 1"]),
    ("name: tiny", "name: tiny\nseeds: [1, 2, 1]", 2, "seeds[2]", ["got 1 again"]),
    (
        '{rows: 500, bytes_per_row: 100}\n    test: {rows: 50, bytes_per_row: 80}\n    prompt: "{text}"',
        'news.jsonl\n    test: news.{lang}.jsonl\n    prompt: "{text}"',
        13,
        "tasks.news.train.path",
        ["has no {language}"],
    ),
    ("{rows: 50, bytes_per_row: 80}", "{}", 9, "tasks.math.test", ["`path`, `hub` or `rows`"]),
    ("{rows: 50, bytes_per_row: 80}", "{rows: {en: 5}}", 9, "tasks.math.test.rows", ["es missing"]),
    (
        "{rows: 50, bytes_per_row: 80}",
        "{path: 'a.{language}', split: test}",
        9,
        "tasks.math.test.split",
        ["beside `hub`"],
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "field", "parts"), REFUSALS, ids=[row[3] for row in REFUSALS])
def test_a_refusal_names_place_value_and_what_is_allowed(
    text: str, old: str, new: str, line: int, field: str, parts: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "study.yaml"
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError) as error:
        load_study(file)
    first = str(error.value).splitlines()[0]
    assert first.startswith(f"{file}:{line}: {field}: "), first
    for part in parts:
        assert part in first


def test_several_errors_come_in_one_message(text: str) -> None:
    with pytest.raises(StudyError) as error:
        load_study(text.replace("batch_size: 10", "batch_size: x").replace("name: large", "nam: large"))
    assert [line.split(": ")[:2] for line in str(error.value).splitlines()] == [
        ["inline study:5", "models[1].nam"],
        ["inline study:26", "training.batch_size"],
        ["inline study:5", "models[1].name"],
    ]


def test_an_error_inside_a_list_does_not_refuse_the_list_too(text: str) -> None:
    # pydantic also reports the list as too short once its only entry is refused
    with pytest.raises(StudyError) as error:
        load_study(text.replace("english_samples: 100", "english_samples: 0"))
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [\n", "inline study:2:"),
        ("- name\n- other", "expected `name:`"),
        ("a: 1\na: 2", "inline study:2: a: is also in line 1"),
        ("a: !!python/object:os.system {}\nb: 1", "inline study:1:"),
        ("a: 2024-13-01\nb: 1", "plain YAML values"),
        ("&a a: *b\nb: 1", "undefined alias"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text: str, message: str) -> None:
    with pytest.raises(StudyError, match="expected") as error:
        load_study(text)
    assert message in str(error.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"nowhere\.yaml: cannot be read"):
        load_study(tmp_path / "nowhere.yaml")
    (tmp_path / "latin.yaml").write_bytes("name: é".encode("latin-1"))
    with pytest.raises(StudyError, match="byte 6 is not UTF-8"):
        load_study(tmp_path / "latin.yaml")


def test_norwegian_is_a_language_and_not_a_boolean(text: str) -> None:
    study = load_study(text.replace("[es, ja]", "[es, no]").replace("[en, es, ja, ko]", "[en, es, no, ko]"))
    assert study.languages.train == ("es", "no")


def test_numbers_may_be_written_without_a_point(text: str) -> None:
    # YAML 1.1 reads 1e-5 as text
    assert load_study(text.replace("epochs: 1", "epochs: 1\n  learning_rate: 1e-5")).training.learning_rate == 1e-5
