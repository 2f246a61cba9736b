"""Read the numbers that people and models write, with any language's separators.

Exact: numbers are fractions, so that 3.50 equals 3.5 and no float is compared. The rules, after plain_maths:
- ½ and 1/2 are fractions, 1 1/2 is a mixed number. Currency and percent signs change nothing.
- Digits that follow a Latin, Greek or Cyrillic letter belong to a word (CO2, m2, x1, COVID-19), unless the letters are
  a currency (USD18, Rp70.000).
- A minus (also an en dash) counts if it touches the number (or its currency sign) and no digit, letter or bracket
  touches it from the other side: 7-3 holds 7 and 3.
- ٫ is a decimal point; ٬ and apostrophes before three digits group thousands, as do spaces, also the narrow ones.
- A dot and a comma in one number: the last one is the decimal point. One of them twice or more: it groups.
- One of them once, not before exactly three digits or after a leading zero: a decimal point (3,5  3.50  0.125).
- A comma before exactly three digits groups in every language: MGSM writes 2,125 in German too, and decimals of
  exactly three places hardly occur in answers. A dot before exactly three digits groups where the language writes
  decimal commas (70.000 is seventy thousand in es, pt, de, id ...), and is a decimal point elsewhere (en, zh, ar ...).
- 万 億 千 百 (Chinese, Japanese) and 만 억 천 백 (Korean) multiply: 3万5千, 1.5億, 3만 5천; 千克, 千米 ... are units.
  七十, 三千 or 二〇二五 are read in Chinese and Japanese, only if the text has no digits (一 is part of many words).
- Numbers in words (eighteen, million, 칠십) and exponents are not read, nor are more than 40 digits: no answer has
  so many, but degenerate text does.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import regex

MAX_DIGITS = 40
# Languages that write a decimal point (CLDR); all others are taken to write a decimal comma.
_DECIMAL_POINT = (
    "en zh yue ja ko th he hi bn as ta te kn ml mr ne gu pa or ur si my ms fil tl sw am ti om so ha yo ig zu xh st tn "
    "sn lg ak ee mg cy ga gd mt ar fa ps sd ug bo dz mn"
)
DECIMAL_POINT = frozenset(_DECIMAL_POINT.split())

_CURRENCIES = (
    "USD EUR GBP JPY CNY RMB INR KRW BRL MXN RUB IDR THB VND TRY KES TZS AED SAR EGP CHF AUD CAD SGD HKD NTD PHP MYR "
    "ZAR NGN PLN UAH BDT PKR ARS COP CLP PEN Rp Rs RM US R Ksh KSh TSh Tsh Sh Fr kr TL Tk руб"
)
CURRENCIES = tuple(_CURRENCIES.split())
_WORD = rf"(?<![\p{{Latin}}\p{{Cyrillic}}\p{{Greek}}])(?:{'|'.join(CURRENCIES)})"
_NO_WORD = rf"(?<!\p{{Lu}}-)(?:(?<![\p{{Latin}}\p{{Cyrillic}}\p{{Greek}}\d])|(?<={_WORD}))"
_PLAIN = r"\d+(?:(?:[.,٫]|['’٬](?=\d{3}(?!\d)))\d+)*"
_SPACED = r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)(?:[.,٫]\d+)?"
_FRACTION = r"(?<![\d/.,])(?:(?P<whole>\d+) {1,2})?(?P<over>\d+) ?[/⁄] ?(?P<under>\d+)(?![\d/]|[.,]\d)"
_POINT_FIRST = r"(?<![\w.,])[.,٫]\d+"

_UNITS = {
    **{"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12},
    **{"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8},
}
_HAN_DIGITS = {
    **{"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4},
    **{"五": 5, "六": 6, "七": 7, "八": 8, "九": 9},
}
HAN = f"[{''.join(_HAN_DIGITS)}十百千万萬億亿兆]"
HAN_LANGUAGES = ("zh", "ja")
# What multiplies in a language; Chinese and Japanese may set a space between digits and 万.
_UNIT_OF = {
    "zh": "(?: (?=[万萬亿億]))?(?!千[克米瓦卡帕赫])[十百千万萬億亿兆]",
    "ja": "(?: (?=[万億]))?[十百千万億兆]",
    "ko": "[십백천만억]",
}


def numbers(text: str, language: str) -> Iterator["regex.Match[str]"]:
    """The numbers in a text of plain_maths, signs included, in their order; `read_number` reads them.

    Args:
        text: As plain_maths returns it.
        language: A canonical code.
    """
    language = language.partition("-")[0]
    if language in HAN_LANGUAGES and not regex.search(r"\d", text):
        return regex.finditer(f"{HAN}+", text)
    return number_pattern(language).finditer(text)


def read_number(token: str, language: str) -> Fraction | None:
    """The value of a number as `numbers` finds it; None if it cannot be read (1/0, more than 40 digits)."""
    language = language.partition("-")[0]
    if len(token) > 2 * MAX_DIGITS:
        return None
    if language in HAN_LANGUAGES and regex.fullmatch(f"{HAN}+", token):
        return _multiplied(token, language)
    match = number_pattern(language).fullmatch(token)
    if match is None:
        return None
    value = _value(match.groupdict(), token, language)
    return -value if value is not None and match["sign"] else value


@cache
def number_pattern(language: str) -> "regex.Pattern[str]":
    """One number, with its sign: multiplied (where the language does so), a fraction, or plain."""
    unit = _UNIT_OF.get(language)
    multiplied = rf"(?P<multiplied>(?:{_PLAIN}(?:{unit})+ ?)+(?:(?<! ){_PLAIN})?)|" if unit else ""
    sign = r"(?:(?<![\w)\]])(?P<sign>[-−–‐])\p{Sc}?)?"
    return regex.compile(rf"{_NO_WORD}{sign}(?:{multiplied}{_FRACTION}|(?P<plain>{_SPACED}|{_PLAIN}|{_POINT_FIRST}))")


def _value(parts: dict[str, str | None], token: str, language: str) -> Fraction | None:
    if sum(map(str.isdigit, token)) > MAX_DIGITS:
        return None
    if multiplied := parts.get("multiplied"):
        return _multiplied(multiplied, language)
    if plain := parts["plain"]:
        return _separated(plain, language)
    whole, over, under = (int(parts[name] or 0) for name in ("whole", "over", "under"))
    return whole + Fraction(over, under) if under else None


def _separated(token: str, language: str) -> Fraction:
    """The value of digits with separators; where they cannot belong to one number (1.2.3), of the last part."""
    token = regex.sub("[ '’٬]", "", token)
    if "٫" in token:
        whole, _, decimals = token.rpartition("٫")
        return Fraction(f"{regex.sub(r'[.,٫]', '', whole) or '0'}.{decimals}")
    marks = regex.findall("[.,]", token)
    if not marks:
        return Fraction(token)
    last, count = marks[-1], marks.count(marks[-1])
    if len(set(marks)) == 2 and count == 1:
        return Fraction(regex.sub(rf"[^\d{last}]", "", token).replace(last, "."))
    if len(marks) > 1:
        groups = len(set(marks)) == 1 and regex.fullmatch(r"\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}", token)
        return Fraction(regex.sub("[.,]", "", token) if groups else regex.split("[.,]", token)[-1])
    if regex.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", token) and (last == "," or language not in DECIMAL_POINT):
        return Fraction(token.replace(last, ""))
    return Fraction("0" + token.replace(last, "."))


def _multiplied(token: str, language: str) -> Fraction | None:
    """The value of 3万5千, 1.5億, 三千 ...: digits times units, summed up below each power of ten thousand."""
    if len(token) > MAX_DIGITS:
        return None
    if not any(character in _UNITS for character in token):
        return Fraction("".join(str(_HAN_DIGITS[character]) for character in token))
    total, section, current = Fraction(0), Fraction(0), None
    for part in regex.findall(rf"{_PLAIN}|[{''.join(_UNITS)}]|[{''.join(_HAN_DIGITS)}]", token):
        if part in _HAN_DIGITS:
            current = Fraction(_HAN_DIGITS[part])
        elif part not in _UNITS:
            current = _separated(part, language)
        elif _UNITS[part] < 10**4:
            section += (1 if current is None else current) * _UNITS[part]
            current = None
        else:
            total += ((section + (current or 0)) or 1) * _UNITS[part]
            section, current = Fraction(0), None
    return total + section + (current or 0)
