"""Rules about where transfer works, as sentences."""

from clt.statistics.analyses.conditions.schema import PERCENTAGE_POINTS_OF_R, Rule
from clt.statistics.rendering.formatting import points, signed, upper_first, with_interval, words

LANGUAGES = {  # which languages, and which they are held against
    ("role", "trained"): ("trained languages", "held-out ones"),
    ("role", "held out"): ("held-out languages", "trained ones"),
    ("script", "Latin"): ("languages in Latin script", "those in other scripts"),
    ("script", "non-Latin"): ("languages in other than Latin script", "those in Latin script"),
}
OTHERWISE = {
    "task": "in other tasks",
    "model": "with other models",
    "family": "with other families",
    "setting": "in the other setting",
    "n": "at other n",
}


def rule_sentence(rule: Rule) -> str:
    """What the rule says, from its factors; its own text where a factor is not known here."""
    languages = [(factor, level) for factor, level in rule.factors.items() if (factor, level) in LANGUAGES]
    others = [(factor, level) for factor, level in rule.factors.items() if (factor, level) not in LANGUAGES]
    size = rule.effect.value
    if size is None or len(languages) > 1 or any(factor not in OTHERWISE for factor, _ in others):
        return rule.text
    who, against = LANGUAGES[languages[0]] if languages else ("languages other than English", "")
    if len(rule.factors) > 1:
        against = "the two conditions bring by themselves"
    elif others:
        against = OTHERWISE[others[0][0]]
    place = " ".join(_place(factor, level) for factor, level in others)
    start = f"{place}, {who}" if place else who
    return upper_first(f"{start} improve by {_size(abs(size), rule)} {'more' if size > 0 else 'less'} than {against}.")


def rule_effect(rule: Rule) -> str:
    """The effect with its interval and unit."""
    form = points if _of_relative(rule) else signed(3)
    return f"{with_interval(rule.effect, form)} {words(rule.unit)}"


def replication(rule: Rule) -> str:
    """What was left out, and in how many cases the rule held; a seed is not left out but taken by itself."""
    return "; ".join(
        f"in each seed alone: {how}" if what == "seed" else f"{what} left out: {how}"
        for what, how in sorted(rule.replicated.items())
    )


def _of_relative(rule: Rule) -> bool:
    return rule.unit == PERCENTAGE_POINTS_OF_R


def _place(factor: str, level: str) -> str:
    return {
        "task": f"in {words(level)}",
        "model": f"with {level}",
        "family": f"with the family {level}",
        "setting": f"in {level.replace('_', '-')} training",
        "n": f"at n of {level}",
    }[factor]


def _size(size: float, rule: Rule) -> str:
    return f"{size:.3g} {rule.unit}" if _of_relative(rule) else f"{size:.3g} ({words(rule.unit)})"
