"""The first picture marks a language only where its mixture stands, and where the language itself does."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from clt.statistics.compute import compute_statistics
from clt.statistics.rendering.figure_set import draw
from tests.statistics.conftest import made_table
from tests.statistics.family.null_studies import NullStudy, table_of

STUDY = NullStudy(items=120, sample_sizes=(0, 100), seeds=3)


@pytest.mark.parametrize(("rise", "marked"), [(0.0, False), (1.5, True)])
def test_languages_are_marked_where_they_rise(rise: float, marked: bool) -> None:
    statistics = compute_statistics(made_table(table_of(replace(STUDY, rise=rise), 1)))
    (glance,) = statistics.glance
    by_language = {each.language: each for each in glance.languages}
    assert glance.resolved is marked
    assert by_language["es"].resolved is marked and not by_language["en"].resolved
    assert [each.exposure for each in glance.languages] == ["english", *["seen"] * 4, *["unseen"] * 3]


def test_no_language_is_marked_where_the_mixture_does_not_stand(make_rows: Callable, table_of: Callable) -> None:
    statistics = compute_statistics(table_of(make_rows(items=8)))
    for glance in statistics.glance:
        if not glance.resolved:
            assert not any(language.resolved for language in glance.languages)


def test_the_picture_says_its_marks_in_words() -> None:
    statistics = compute_statistics(made_table(table_of(replace(STUDY, rise=1.5), 1)))
    (drawing,) = [drawing for name, drawing in draw(statistics).files().items() if name.startswith("glance-")]
    assert "Told from noise: es" in drawing and 'class="outlined"' in drawing
