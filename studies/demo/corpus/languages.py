"""The eight languages by code, in the order in which reports show them."""

from clt.studies.demo.corpus.arabic import ARABIC
from clt.studies.demo.corpus.chinese import CHINESE
from clt.studies.demo.corpus.english import ENGLISH
from clt.studies.demo.corpus.french import FRENCH
from clt.studies.demo.corpus.japanese import JAPANESE
from clt.studies.demo.corpus.korean import KOREAN
from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.portuguese import PORTUGUESE
from clt.studies.demo.corpus.spanish import SPANISH

LANGUAGES: dict[str, Language] = {
    language.code: language for language in (ENGLISH, SPANISH, FRENCH, JAPANESE, CHINESE, ARABIC, KOREAN, PORTUGUESE)
}
TRAINED = ("es", "fr", "ja", "zh")
"""Languages with training rows beside English; the remaining three are only evaluated."""
