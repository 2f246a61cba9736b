"""Whether an answer is in the language of its item: of the whole, line by line, word by word."""

import math
from functools import cache

import regex

from clt.languages import script
from clt.metrics.answers import TextAnswer
from clt.metrics.chinese_characters import CHARACTER_SETS, is_written_as
from clt.metrics.identification import has_rivals, is_likely
from clt.metrics.metric import UNSCORED, metric
from clt.metrics.prose import prose_of, without_names

SHORT_LETTERS, SHORT_WORDS = 10, 2  # fewer of them cannot be told from languages of the same script
SHORT_HAN = 3
FEW_NAMES = 4  # Latin names without a word in the language's script: fewer of them may be an answer
SCRIPTS = {"Jpan": ("Han", "Hira", "Kana"), "Hans": ("Han",), "Hant": ("Han",), "Kore": ("Hang",)}
_LETTER = regex.compile(r"(?V1)[\p{L}--[\p{Common}\p{Inherited}]]")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
_UNIT = regex.compile(rf"(?V1)[{_UNSPACED}]\p{{M}}*|[[\p{{L}}\p{{M}}'’]--[{_UNSPACED}]]+")
_GLOSS = regex.compile(r"[(\[][\p{Latin}\p{Common}--[()\[\]]]*[)\]]|['\"‘“][\p{Latin} ]{1,25}['\"’”]", regex.V1)
CAPITALIZED_NOUNS = ("de", "lb")
_SENTENCE_END = regex.compile(r"(?<=[.!?:։؟।])\s+|(?<=[。！？：])")
_SMALL_WORD = regex.compile(r"(?<!\p{L})\p{Ll}{2,}")
_EVERYDAY = (  # English words that are no part of a term or command in another language's text
    "the|an|and|or|but|not|of|in|on|at|to|for|from|with|by|is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|"
    "could|should|must|you|he|she|it|we|they|my|your|his|her|its|our|their|this|that|these|those|there|here|what|which|who|"
    "when|where|how|why|if|then|so|because|very|really|also|just|now|soon|later|again|always|never|today|tomorrow|"
    "yesterday|tonight|morning|afternoon|evening|night|week|month|year|next|last|every|some|many|please|thanks"
)
_SMALL = r"[\p{Latin}&&\p{Ll}]{2,}"
_SWITCH = regex.compile(  # "tomorrow morning", but not "machine learning"
    rf"(?V1)(?<![\p{{Latin}}-])(?:(?:{_EVERYDAY}) +{_SMALL}|{_SMALL} +(?:{_EVERYDAY})|{_SMALL}(?: +{_SMALL}){{3,}})"
    r"(?![\p{Latin}-])"
)


@metric(version=2)
def language_fidelity(answer: TextAnswer) -> float:
    """Whether the text is in the item's language (0 or 1).

    Only prose counts: code, addresses, formulas, abbreviations and names are dropped (`clt.metrics.prose`). In a script
    other than Latin at least half of the words (characters, where the script sets no spaces) must be of the language's
    script. Latin words may be terms and commands ("machine learning"), but four in small letters side by side, or two
    of which one is an everyday English word, are a switch of language, unless in brackets or quotes. Kana, character
    sets and words tell Japanese from Chinese (`clt.metrics.chinese_characters`). Among the languages of one script
    py3langid 0.4 decides against a fixed set of rivals (`clt.metrics.identification`): right is the likeliest one,
    wrong is one than which another is clearly likelier, and what lies between is unscored. In German capitalized words
    are nouns as well as names: where the others are too few, they may show that a text is right.
    Unreadable answer: an empty text is 0; one without prose (a number, a command) or with too little of it for its
    script (`Non.`, `18 manzanas`, names alone) is NaN, unscored. Empty reference: not used. Missing
    language: one without a script in langcodes' tables, or that py3langid does not know, is NaN. Tokenizer: none.
    Number separators: not used.
    """
    return _score(answer.text, answer.language)


@metric()
def line_fidelity(answer: TextAnswer) -> float:
    """Share of the text's lines that are in the item's language, of those that language_fidelity can score (0 to 1).

    A line of which one sentence is clearly in another language is not: "Here is the answer: Die Antwort ist 18."
    Marchisio et al. 2024, Understanding and Mitigating Language Confusion in LLMs, arXiv 2406.20052, section 3, has the
    share of answers with all lines right; this is a rate of lines, so that long answers do not count as wrong at once.
    Unreadable answer: an empty text is 0; one without a line that can be scored is NaN. Empty reference, missing
    language, tokenizer, number separators: as for language_fidelity.
    """
    if not answer.text.strip():
        return 0.0
    scores = [_line_score(line, answer.language) for line in prose_of(answer.text).splitlines() if line.strip()]
    scored = [score for score in scores if not math.isnan(score)]
    return sum(scored) / len(scored) if scored else UNSCORED


@metric()
def word_fidelity(answer: TextAnswer) -> float:
    """Share of the text's words that are of the script of the item's language, names and code aside (0 to 1).

    Of scripts without spaces characters count. Words of Latin script cannot be told by script: for these languages it
    is NaN. Marchisio et al. 2024, arXiv 2406.20052, section 3, count answers without any such word.
    Unreadable answer: an empty text is 0; one without prose is NaN. Empty reference: not used. Missing language: NaN.
    Tokenizer: none. Number separators: not used.
    """
    own = _own_letters(script(answer.language))
    if own is None or script(answer.language) == "Latn":
        return UNSCORED
    if not answer.text.strip():
        return 0.0
    units = _UNIT.findall(without_names(prose_of(answer.text), sentences=False))
    return sum(own.match(unit) is not None for unit in units) / len(units) if units else UNSCORED


def _line_score(line: str, language: str) -> float:
    sentences = [sentence for sentence in _SENTENCE_END.split(line) if sentence.strip()]
    return 0.0 if any(_score(sentence, language) == 0 for sentence in sentences) else _score(line, language)


def _score(text: str, language: str) -> float:
    if not text.strip():
        return 0.0
    own, prose = _own_letters(script(language)), prose_of(text)
    if own is None or not _LETTER.search(prose):
        return UNSCORED
    if script(language) == "Latn":
        return _in_latin_script(prose, language, own)
    return _in_its_script(prose, language, own)


def _in_its_script(prose: str, language: str, own: "regex.Pattern[str]") -> float:
    """Of a script other than Latin, in which names and terms in Latin letters are no fault."""
    code = language.partition("-")[0]
    own = _own_letters("Jpan") or own if code in CHARACTER_SETS else own  # kana are for is_written_as to judge
    unnamed = without_names(_GLOSS.sub(" ", prose), sentences=script(language) == "Cyrl")
    units = _UNIT.findall(unnamed)
    right = [unit for unit in units if own.match(unit)]
    if not right:
        short = len(units) < SHORT_WORDS and len(_UNIT.findall(prose)) < FEW_NAMES
        return UNSCORED if short else 0.0
    if 2 * len(right) < len(units) or _SWITCH.search(unnamed):
        return 0.0
    text = " ".join(right)
    if code in CHARACTER_SETS:
        short = len(right) < SHORT_HAN and not regex.search(r"[\p{Hiragana}\p{Katakana}]", text)
        return UNSCORED if short else float(is_written_as(code, "".join(right)))
    return _by_likelihood(text, language) if has_rivals(language) else 1.0


def _in_latin_script(prose: str, language: str, own: "regex.Pattern[str]") -> float:
    unnamed = without_names(prose, sentences=True)
    if 2 * len(own.findall(unnamed)) < len(_LETTER.findall(unnamed)):
        return 0.0
    score = _by_likelihood(unnamed, language)
    if math.isnan(score) and language.partition("-")[0] in CAPITALIZED_NOUNS and _SMALL_WORD.search(prose):
        return 1.0 if _by_likelihood(prose, language) == 1 else UNSCORED  # never wrong by nouns, as they may be names
    return score


def _by_likelihood(text: str, language: str) -> float:
    words = _UNIT.findall(text)
    if len(words) < SHORT_WORDS or sum(map(len, words)) < SHORT_LETTERS:
        return UNSCORED
    likely = is_likely(" ".join(words), language)
    return UNSCORED if likely is None else float(likely)


@cache
def _own_letters(code: str) -> "regex.Pattern[str] | None":
    """A pattern of the letters of an ISO 15924 script; None if it names no script."""
    try:
        return regex.compile("[" + "".join(rf"\p{{Script={name}}}" for name in SCRIPTS.get(code, (code,))) + "]")
    except regex.error:
        return None
