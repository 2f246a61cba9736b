"""How answers are announced, and questions headed, in the languages of the field's mathematics tasks.

Of each language: its words for the answer, what may stand between them and the number, and what heads a question. A
text is held against all of them, as a model that answers in another language than it was asked in states its answer in
that one.
"""

import unicodedata
from functools import cache

import regex

from clt.metrics.numerals import CURRENCIES, HAN
from clt.metrics.plain_maths import plain_maths

# Patterns; longer ones first where one begins with another.
_ANSWER = {
    "en": r"(?<!step[- ])answer|solution(?= is)",
    "es": "respuesta|resultado final|solución(?= es)",
    "fr": "réponse|solution(?= est)",
    "de": "antwort|endergebnis|lösung(?= (?:ist|lautet))",
    "ru": "ответ(?:ом|а|е)?",
    "uk": "відповідь",
    "pl": "odpowiedź",
    "nl": "antwoord",
    "zh": "(?:最[终終后後])?答(?:案|数)|(?<![回解])答(?=:)|最[终終](?:结果|結果)",
    "ja": r"(?<![\p{Han}])答え|(?<![解回])答(?=[:は])|正解|最終回答",
    "ko": r"정답|해답|(?<!\p{L})답",
    "ar": "(?:ال|لل)?(?:إ|ا)جاب(?:ة|ه)|(?:ال)?جواب",
    "fa": "پاسخ|جواب",
    "ur": "جواب",
    "pt": "resposta|resultado final|solução(?= é)",
    "it": "risposta|risultato finale|soluzione(?= è)",
    "id": "jawaban(?:nya)?",
    "ms": "jawapan(?:nya)?",
    "th": "(?:คำ)?ตอบ",
    "bn": "উত্তর(?:টি)?|উত্তৰ",
    "sw": "jibu|majibu",
    "hi": "उत्तर|जवाब",
    "mr": "उत्तर",
    "tr": r"cevab(?:ımız|ınız|ı)|cevap|yanıt(?:ımız|ınız|ı)?",
    "vi": "đáp án|đáp số|câu trả lời",
    "te": "సమాధానం|జవాబు",
    "ta": "விடை|பதில்",
}
# Words that announce a result on the way as well: they count where no equation follows.
_RESULT = (
    "result|solution|resultado|solución|résultat|solution|ergebnis|lösung|результат|решение|wynik|rozwiązanie|resultaat|"
    "oplossing|结果|結果|解答|결과|الناتج|النتيجة|الحل|نتیجه|resultado|solução|risultato|soluzione|hasil(?:nya)?|solusi(?:nya)?|"
    "ผลลัพธ์|ফলাফল|সমাধান|matokeo|suluhisho|परिणाम|हल|sonuç|kết quả|ఫలితం|முடிவு"
)
_IS = (  # words that stand apart, and those that are written on
    r"(?<!\p{L})(?:is|was|will be|would be|should be|must be|equals|comes (?:out )?to|es igual a|es|sería|será|est|sera"
    r"|serait|vaut|ist|lautet|beträgt|wäre|равен|равна|равно|это|будет|является|составляет|дорівнює|це|wynosi|to(?=[\s:*$€]*[-−]?\d)|jest|é|seria|è|sarà|"
    r"adalah|ialah|yaitu|ni|là|bằng|هو|هي|هى|يساوي|تساوي|برابر|است|ہے|হল|হলো|হচ্ছে|হবে|है|होगा|आहे)(?!\p{L})"
    "|[=→—–]|为|為|是|等于|等於|は|が|은|는|คือ|เท่ากับ|เป็น"
)
_QUESTION = {
    "en": "(?:next |new |another )?(?:question|problem|exercise|task)|q|user|human|instruction",
    "es": "(?:siguiente )?(?:pregunta|problema|ejercicio|enunciado)",
    "fr": "question|problème|exercice|énoncé",
    "de": "frage|aufgabe|problem",
    "ru": "вопрос|задача|задание|упражнение",
    "uk": "питання|запитання|задача",
    "pl": "pytanie|zadanie",
    "nl": "vraag|opgave",
    "zh": "问题|問題|题目|題目|问|問|例题|习题",
    "ja": "問題?|質問|例題|設問",
    "ko": "문제|질문|문",
    "ar": "(?:ال)?سؤال|(?:ال)?مس(?:أ|ا)لة",
    "fa": "پرسش|سوال|سؤال|مسئله",
    "ur": "سوال",
    "pt": "pergunta|questão|problema|exercício",
    "it": "domanda|problema|esercizio|quesito",
    "id": "pertanyaan|soal|masalah",
    "ms": "soalan",
    "th": "คำถาม|โจทย์|ปัญหา",
    "bn": "প্রশ্ন|সমস্যা",
    "sw": "swali|tatizo|zoezi",
    "hi": "प्रश्न|सवाल|समस्या",
    "mr": "प्रश्न",
    "tr": "soru|problem|alıştırma",
    "vi": "câu hỏi|bài toán|câu",
    "te": "ప్రశ్న",
    "ta": "கேள்வி",
}
_ABOUT = (
    "about|around|approx(?:imately)?|roughly|unos|unas|alrededor de|aproximadamente|environ|env|etwa|rund|ca|circa|"
    "cerca de|около|примерно|大?约|約|약|حوالي|تقريبا|ประมาณ|लगभग|প্রায়|karibu|sekitar|khoảng|yaklaşık"
)
_BY_STEPS = (
    "step[- ]by[- ]step|paso a paso|étape par étape|schritt[- ]für[- ]schritt|пошагов|крок за кроком|krok po kroku|"
    "stap[- ]voor[- ]stap|逐步|分步|ステップごと|ステップバイステップ|단계별|خطوة بخطوة|گام به گام|"
    "passo (?:a|dopo|per) passo|langkah demi langkah|ทีละขั้นตอน|ধাপে ধাপে|hatua kwa hatua|चरण[- ]दर[- ]चरण|adım adım|"
    "từng bước|దశలవారీగా|படிப்படியா"
)
_TIME_UNIT = (
    "日間?|天|週間?|周|[かヶ]月|个?月|年|小?时|分|時間|"
    "분|시간|주일?|일|개월|년|minutes?|hours?|days?|weeks?|months?|years?"
)
_SENTENCE_END = ".;!?。；！？।؟؛"
_CLAUSE_END = f"{_SENTENCE_END},،、"
_WORD_BEGINS = r"(?<![\p{Latin}\p{Cyrillic}\p{Devanagari}\p{Bengali}\p{Telugu}\p{Tamil}])"  # others write words on
_ABBREVIATED = r"(?:Rs|Rp|R|ca|approx|aprox|env|etwa|circa|zł)\."
_NUMBER_AHEAD = r"(?=[-−–‐]?\p{Sc}?[^\S\n]?[.,٫]?\d)"
# What a number may be wrapped in, also on the next line.
_MARKS = rf"(?:[^\w\n{_SENTENCE_END}]|_|\n(?=[^\p{{L}}\d]{{0,9}}+(?!1[.)] +\S)\d)|\\boxed\{{)"  # not "1. First"
_NOT_BEFORE, _NOT_AFTER = r"(?<!(?<!\p{L})(?:no|non|não|n['’]|не) ?|不)", r"(?!\s+(?:not|nicht|pas|niet)\b)"
_END_OF_TURN = regex.compile(r"<\|(?!(?:im_)?start)\w+\|>|</s>|<(?:eos|(?:end|start)_of_turn)>")
_BREAK = regex.compile(r"[\n.!?。！？।][#>*_\s]*")  # after it a next question may begin


@cache
def answer_word(answer_prefix: str = "") -> "regex.Pattern[str]":
    """A word for the answer in any language, or the task's own announcement (may be empty): found from the end on."""
    words = rf"{_WORD_BEGINS}(?:{_words(_ANSWER)})"
    prefix = regex.escape(plain_maths(answer_prefix).strip())
    return regex.compile(f"{prefix}|{words}" if prefix else words, regex.IGNORECASE | regex.REVERSE)


@cache
def head_of_steps() -> "regex.Pattern[str]":
    """A line's begin that heads reasoning, as MGSM's prompts do: "Step-by-Step Answer:", "逐步解答:"."""
    words = r"[^\d\n:]{0,30}?"
    return regex.compile(rf"^{words}(?:{_normal(_BY_STEPS)}){words}:", regex.IGNORECASE | regex.MULTILINE)


@cache
def time_unit_before_amount() -> "regex.Pattern[str]":
    """A unit of time that an amount is of: "1日あたり" before 18ドル, "1 week, " before $126; not before 8時間."""
    unit = _normal(_TIME_UNIT)
    words = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul} ]{0,8}?"
    amount = rf"\p{{Sc}}?\d[\d.,]*+(?! ?(?:{unit}))"
    return regex.compile(rf"1 ?(?:{unit})(?:{words}|[,:]? ?(?=\p{{Sc}}))(?={amount})", regex.IGNORECASE)


@cache
def result_word() -> "regex.Pattern[str]":
    """A word for a result in any language, weaker than one for the answer: found from the end on."""
    return regex.compile(rf"{_WORD_BEGINS}(?:{_normal(_RESULT)})", regex.IGNORECASE | regex.REVERSE)


@cache
def link_to_number() -> "regex.Pattern[str]":
    """From a word for the answer to where the number begins: " to this is exactly ", ":** $".

    After a verb a few words may follow; after a colon only marks, as reasoning may follow it as well.
    """
    apposition = rf"[^\d\n{_CLAUSE_END}=]{{0,45}}?"  # "... to the question"
    some_words = rf"(?:{_ABBREVIATED}|[^\d\n{_CLAUSE_END}]){{0,30}}?"
    by_verb = rf"{apposition}{_NOT_BEFORE}(?:{_normal(_IS)}){_NOT_AFTER}[*_]*[,،、]?(?:{some_words}|{_MARKS}{{0,9}}?)"
    by_colon = rf"[^\d\n{_CLAUSE_END}:=]{{0,45}}?:"
    variable = rf"(?:(?:{'|'.join(CURRENCIES)}|\p{{Latin}} ?=|{_normal(_ABOUT)})\.?)?"
    bare = rf"(?:{by_colon})?{_MARKS}{{0,12}}?{variable}{_MARKS}{{0,5}}?"
    full_sentence = rf"(?<=答):[^\d\n{_CLAUSE_END}]{{0,15}}?"
    return regex.compile(f"(?:{by_verb}|{bare}|{full_sentence}){_NUMBER_AHEAD}", regex.IGNORECASE)


@cache
def han_statement_pattern() -> "regex.Pattern[str]":
    """An announced answer in Chinese characters, its number a group; 答案是一样的 (the same) holds none."""
    end = r"(?=[个個元円人本枚]?(?:です|だ|である)?[^\S\n]*(?:[\p{P}\n]|$))"
    return regex.compile(rf"(?:{_ANSWER['zh']}|{_ANSWER['ja']})[是为為は:、*\s]{{0,6}}({HAN}{{2,}}|{HAN}{end})")


@cache
def backward_pattern() -> "regex.Pattern[str]":
    """What follows a number that is called the answer after it: " is the answer.", "が答えです"."""
    link = rf"[^\d\n{_CLAUSE_END}:=]{{1,25}}?"
    end = r"(?: \p{L}+)?[*_]*(?: ?입니다|이다|です|だ|है|।)?[*_]*(?=\s*(?:[^\w\s]|\n|$))"
    return regex.compile(rf"{link}(?:{_words(_ANSWER)}){end}", regex.IGNORECASE)


def next_question(text: str, question_label: str) -> int | None:
    """Where a text runs on into a next question: the place before its head; None if it does not.

    Args:
        text: As plain_maths returns it.
        question_label: The task's own head of a question; may be empty.
    """
    label, begins = _question_pattern(question_label), len(text) - len(text.lstrip())
    end = _END_OF_TURN.search(text, begins + 1) if "<" in text else None
    for place in _BREAK.finditer(text, begins):
        if label.match(text, place.end()):
            return min(place.start(), end.start()) if end else place.start()
    return end.start() if end else None


@cache
def _question_pattern(question_label: str) -> "regex.Pattern[str]":
    words = rf"(?:{_words(_QUESTION)})"
    heads = [
        rf"{words}\s?(?:\d+\s?)?[*_]*:",
        rf"{words}\s?\d+[*_.]*[^\S\n]*(?:\n|$)",
        rf"(?<=[#*]\s*){words}[*_:\s]*\n",
    ]
    if own := plain_maths(question_label).strip():
        heads.append(regex.escape(own) + r"(?!\p{L})")
    return regex.compile("|".join(heads), regex.IGNORECASE)


def _words(by_language: dict[str, str]) -> str:
    return _normal("|".join(dict.fromkeys(by_language.values())))


def _normal(pattern: str) -> str:
    """In the normal form of the texts that it is searched in."""
    return unicodedata.normalize("NFKC", pattern)
