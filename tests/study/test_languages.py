"""One code a language, whichever standard a study writes; its spelling stays for the names of its files."""

import pytest

from clt.errors import StudyError
from clt.study import canonical_language, expand, is_known, language_name, load_study, task_rows, task_validation

SAME = {
    "en": ("eng", "EN", "en-US", "eng_Latn"),
    "zh": ("zho", "cmn", "chi", "zh-CN", "zh_CN", "zh-Hans", "zho_Hans"),
    "zh-TW": ("zh-Hant", "zho_Hant", "zh-tw"),
    "fr": ("fra", "fre", "fr-FR"),
    "pt": ("por", "pt-BR"),
    "sw": ("swa", "swh"),
    "ar": ("ara", "arb"),
    "sr-Latn": ("srp_Latn", "sr-latn"),
    "fil": ("tl", "fil"),
}


@pytest.mark.parametrize("code", SAME)
def test_every_spelling_of_a_language_is_one_code(code: str) -> None:
    assert {canonical_language(each) for each in (code, *SAME[code])} == {code}


def test_other_kinds_of_a_language_stay_apart() -> None:
    assert [canonical_language(code) for code in ("pt-PT", "en-GB", "yue", "nb", "no")] == [
        "pt-PT", "en-GB", "yue", "nb", "no",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["xqq", "zxx", "und", "mul", "qaa", "english", "", "e", "123", "../x"])
def test_what_is_no_language_is_refused(code: str) -> None:
    assert not is_known(code)
    with pytest.raises(ValueError, match="expected the code of a language"):
        canonical_language(code)


def test_a_study_in_other_codes_has_the_same_cells_and_its_own_file_names(text: str) -> None:
    text = text.replace("test: {rows: 50, bytes_per_row: 80}", "test: 'x.{language}.jsonl'", 1)
    text = text.replace("samples_per_language: [0, 10, 20]", "samples_per_language: [0, 10]\n    weights: {ja: 2}")
    other = text.replace("train: [es, ja]", "english: eng\n  train: [spa, ja-JP]")
    other = other.replace("evaluate: [en, es, ja, ko]", "evaluate: [eng, spa, ja-JP, kor]").replace(
        "{ja: 2}", "{jpn: 2}"
    )
    ours, theirs = load_study(text), load_study(other)
    assert expand(theirs) == expand(ours)
    assert theirs.languages == ours.languages
    source = theirs.tasks["math"].test
    assert [source.named(code) for code in ("en", "es", "ja", "ko")] == ["eng", "spa", "ja-JP", "kor"]
    again = type(theirs).model_validate_json(theirs.model_dump_json())
    assert again == theirs


def test_what_a_source_calls_a_language_goes_before_the_study_s_spelling(text: str) -> None:
    source = "test: {path: 'x.{language}.jsonl', languages: {spa: spanish}}"
    text = text.replace("test: {rows: 50, bytes_per_row: 80}", source, 1).replace(
        "train: [es, ja]", "train: [spa, jpn]"
    )
    study = load_study(text.replace("evaluate: [en, es, ja, ko]", "evaluate: [en, spa, jpn, ko]"))
    assert [study.tasks["math"].test.named(code) for code in ("es", "ja")] == ["spanish", "jpn"]


def test_prompts_may_differ_by_language_and_name_it(text: str) -> None:
    prompt = (
        'prompt: {eng: "Question ({language}): {question}", es: "{question} {{x}}", ja: "{question}", ko: "{question}"}'
    )
    task = load_study(text.replace('prompt: "{question}"', prompt)).tasks["math"]
    assert task.prompt_in("en") == "Question (en): {question}"
    assert task.prompt_in("es") == "{question} {{x}}"
    one = load_study(text.replace('prompt: "{question}"', 'prompt: "In {language_name}: {question}"')).tasks["math"]
    assert one.prompt_in("ja") == "In Japanese: {question}"
    assert language_name("zh-TW") == "Chinese (Taiwan)"


def test_a_task_has_its_own_languages(text: str) -> None:
    text = text.replace("metrics: [rouge_l]", "metrics: [rouge_l]\n    languages: [eng, ja]")
    study = load_study(text.replace("training:", "settings: [single_task, multi_task]\ntraining:"))
    assert study.evaluated("news") == ("en", "ja") and study.trained("news") == ("ja",)
    cells = {(cell.tasks, cell.samples_per_language): cell for cell in expand(study).cells if cell.model == "small"}
    assert cells[("news",), 10].rows == {"en": 100, "ja": 10}
    assert cells[("news",), 0].validation_languages == ("en", "ja")
    both = cells[("math", "news"), 10]
    assert both.rows == {"en": 100, "es": 10, "ja": 10}
    assert task_rows(study, both, "news") == {"en": 100, "ja": 10}
    assert task_validation(study, both, "news") == ("en", "ja")


def test_a_task_without_trained_languages_has_english_only_cells(text: str) -> None:
    study = load_study(text.replace("metrics: [rouge_l]", "metrics: [rouge_l]\n    languages: [en, ko]"))
    news = [cell for cell in expand(study).cells if cell.tasks == ("news",)]
    assert {cell.samples_per_language for cell in news} == {0}


def test_one_language_under_two_codes_is_refused(text: str) -> None:
    with pytest.raises(StudyError, match="got 'es' and 'spa', which are one language"):
        load_study(text.replace("{rows: 500, bytes_per_row: 100}", "{rows: {en: 500, es: 500, spa: 1, ja: 500}}", 1))
