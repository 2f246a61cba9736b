"""The table of languages: it holds what must hold, and gives the distances of the package that it was made from."""

import gzip
import hashlib
import json
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from clt.statistics.analyses.languages.facts import closest, language_facts
from clt.statistics.languages.distance import KINDS, distances
from clt.statistics.languages.uriel import LEVELS, SOURCE, TABLE, canonical, language
from clt.statistics.scores.curve_data import curves

STUDIED = ("en", "es", "fr", "ja", "zh", "de", "ru", "sw", "bn", "th", "ar", "ko", "pt", "it", "id")
EVERY_PAIR = ("syntactic", "inventory", "genetic", "geographic")  # Portuguese and Italian have no phonological features


@pytest.mark.parametrize("code", STUDIED)
def test_every_language_of_the_studies_has_all_facts(code: str) -> None:
    facts = language(code)
    assert facts is not None
    assert facts.name and facts.family and facts.resource_level in LEVELS and facts.place
    assert set(distances("en", code)) >= set(EVERY_PAIR)


@pytest.mark.parametrize(("first", "second"), list(combinations(STUDIED, 2)))
def test_distances_are_symmetric_and_between_0_and_1(first: str, second: str) -> None:
    found = distances(first, second)
    assert set(found) >= set(EVERY_PAIR)
    assert found == distances(second, first)
    # few phonological features: Bengali and Thai agree in all that are known of both
    assert all(0 < value <= 1 for kind, value in found.items() if kind != "phonological")
    assert 0 <= found.get("phonological", 0) <= 1


@pytest.mark.parametrize("code", STUDIED)
def test_a_language_is_at_distance_0_from_itself(code: str) -> None:
    assert set(distances(code, code).values()) == {0.0}


def test_relatives_are_closer_than_strangers() -> None:
    for kind in ("syntactic", "genetic", "geographic"):
        assert distances("pt", "es")[kind] < distances("pt", "ja")[kind]
        assert distances("en", "de")[kind] < distances("en", "ko")[kind]


def test_genetic_distance_is_1_exactly_between_families() -> None:
    for first, second in combinations(STUDIED, 2):
        a, b = language(first), language(second)
        assert a is not None and b is not None
        assert (distances(first, second)["genetic"] == 1) == (a.family != b.family)


# URIELPlus().new_distance(kind, first, second) of urielplus 1.3.2, and for genetic after integrate_databases()
@pytest.mark.parametrize(
    ("kind", "first", "second", "expected"),
    [
        ("syntactic", "en", "es", 0.3936),
        ("syntactic", "pt", "ja", 0.7468),
        ("syntactic", "sw", "id", 0.6114),
        ("syntactic", "bn", "te", 0.4544),
        ("phonological", "en", "ar", 0.4576),
        ("phonological", "zh", "ko", 0.4934),
        ("inventory", "pt", "es", 0.4797),
        ("inventory", "th", "zh", 0.5176),
        ("genetic", "en", "es", 0.8930),
        ("genetic", "en", "de", 0.6996),
        ("genetic", "en", "bn", 0.8779),
        ("genetic", "en", "ja", 1.0),
    ],
)
def test_distances_equal_those_of_the_package(kind: str, first: str, second: str, expected: float) -> None:
    assert distances(first, second)[kind] == pytest.approx(expected, abs=1e-4)


def test_geographic_distance_is_the_share_of_the_longest_way() -> None:
    # the source puts English at 53 N 1 W and Japanese at 35 N 135 E; the spherical law of cosines
    a, b, apart = np.radians(53), np.radians(35), np.radians(136)
    expected = np.arccos(np.sin(a) * np.sin(b) + np.cos(a) * np.cos(b) * np.cos(apart)) / np.pi
    assert distances("en", "ja")["geographic"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "codes", [("zh", "cmn", "zho"), ("ar", "arb"), ("sw", "swh"), ("sr", "sr-Cyrl", "sr-Latn", "srp"), ("pt", "por")]
)
def test_codes_of_one_language_share_their_facts(codes: tuple[str, ...]) -> None:
    """Swahili once had the name and place of Congo Swahili, the first of its parts by code."""
    assert {canonical(code) for code in codes} == {codes[0]}
    assert len({str(language(code)) for code in codes}) == 1
    assert {code: known.name for code in ("zh", "ar", "sw") if (known := language(code))} == {
        "zh": "Mandarin Chinese",
        "ar": "Standard Arabic",
        "sw": "Swahili",
    }


def test_unknown_languages_have_no_facts() -> None:
    assert language("qaa") is None  # for private use
    assert distances("qaa", "en") == distances("en", "qaa") == distances("qaa", "qaa") == {}
    assert closest("qaa", ("en", "es")) == {} and closest("es", ("es", "qaa")) == {} and closest("es", ()) == {}


def test_an_isolate_has_no_genetic_distance_but_a_typological_one() -> None:
    found = distances("eu", "es")
    assert language("eu").family is None  # type: ignore[union-attr]
    assert "genetic" not in found and 0 < found["syntactic"] < 1


def test_a_distance_needs_features_known_of_both() -> None:
    assert "phonological" not in distances("pt", "es")
    assert set(distances("pt", "es")) <= set(KINDS)


def test_the_closest_training_language_is_not_the_language_itself() -> None:
    assert closest("es", ("es", "fr")) == distances("es", "fr")
    for kind, value in closest("pt", ("es", "fr", "ja", "zh")).items():
        assert value == min(distances("pt", code).get(kind, 1.0) for code in ("es", "fr", "ja", "zh"))


def test_the_table_is_the_one_that_its_checksum_names() -> None:
    facts = json.loads(SOURCE.read_text(encoding="utf-8"))
    text = gzip.decompress(TABLE.read_bytes())
    assert hashlib.sha256(text).hexdigest() == facts["sha256"]["table (uncompressed)"]
    assert text.count(b"\n") == facts["languages"] + 1
    assert facts["licence"] == "CC BY-SA 4.0" and "CC BY-SA 4.0" in TABLE.with_name("NOTICE.md").read_text()


def test_facts_of_curves_cover_every_language_and_name_their_source(make_rows: Callable[..., pd.DataFrame]) -> None:
    facts = {one.code: one for one in language_facts(list(curves(make_rows(counts=(0, 20), items=5))))}
    assert list(facts) == sorted(("en", "es", "fr", "ja", "zh", "pt", "ar", "ko"))
    assert set(facts["en"].distance_from_english.values()) == {0.0}
    assert facts["pt"].distance_from_training == closest("pt", ("es", "fr", "ja", "zh"))
    assert (facts["ja"].script, facts["ar"].script, facts["pt"].script) == ("Jpan", "Arab", "Latn")
    assert facts["ko"].resource_level == "medium-resource" and facts["fr"].family == "Indo-European"
    assert all("urielplus 1.3.2 (CC BY-SA 4.0)" in one.source and "CLDR" in one.source for one in facts.values())


def test_facts_of_unknown_languages_are_null(make_rows: Callable[..., pd.DataFrame]) -> None:
    rows = make_rows(counts=(0, 20), items=5)
    rows["language"] = rows["language"].replace("ko", "qaa")
    unknown = next(one for one in language_facts(list(curves(rows))) if one.code == "qaa")
    assert (unknown.name, unknown.family, unknown.resource_level) == ("qaa", None, None)
    assert unknown.distance_from_english == unknown.distance_from_training == {}
    assert "not known" in unknown.source


def test_no_curves_have_no_languages() -> None:
    assert language_facts([]) == []
