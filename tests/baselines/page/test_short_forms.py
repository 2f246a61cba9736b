"""The verdict in Markdown and in a terminal: the same words and numbers as on the page."""

import pytest

from clt.baselines import verdict_markdown, verdict_text
from clt.baselines.document import Difference
from tests.baselines.page import verdicts


def test_markdown_tells_word_differences_changes_and_comparisons_in_this_order() -> None:
    text = verdict_markdown(verdicts.regressed())
    told = [
        "# ▼ regressed: nightly-maths",
        "math in ja (small, single-task, n = 400) has dropped by 0.050",
        "## What differs between run 26 (2026-06-29) and run 31 (2026-08-03)",
        "bits: different from run 19 (2026-05-11)",
        "- training packages.torch: 2.12.1 → 2.13.0, since run 27 (2026-07-06)",
        "## Open changes",
        "- ▼ math, ja (small, single-task, n = 400): −0.047 (−0.056 to −0.038), from 0.410 to 0.363; since",
        "## Comparisons",
        "| comparison | verdict | last value | expected | change | drop that would be found | beside run 3",
        "| math, ja (small, single-task, n = 400) | ▼ regressed | 0.351 | 0.384 to 0.435 | −0.047 (−0.056 to −0.038) |",
    ]
    found = [text.find(part) for part in told]
    assert -1 not in found, told[found.index(-1)]
    assert found == sorted(found)


def test_in_markdown_names_mark_nothing_up() -> None:
    verdict = verdicts.regressed()
    odd = Difference(what="a|b <img> `c`", before="*x*", now="_y_", since="r00027")
    text = verdict_markdown(verdict.model_copy(update={"differences": [odd], "sentence": "<script>"}))
    assert "- a\\|b &lt;img> \\`c\\`: \\*x\\* → \\_y\\_, since run 27" in text and "<script>" not in text


def test_an_unchanged_baseline_has_no_open_changes_in_any_form() -> None:
    text = verdict_markdown(verdicts.unchanged())
    assert "Open changes" not in text and "- nothing that is recorded" in text and "bits: same as in run 12" in text
    plain = verdict_text(verdicts.unchanged())
    assert plain.startswith("= nightly-maths: unchanged\nNothing has moved by more than chance.\n")
    assert "differs between run 23 (2026-06-08) and run 24 (2026-06-15): nothing that is recorded" in plain


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_terminal_shows_what_moved_right_after_the_primary_comparison(width: int) -> None:
    lines = verdict_text(verdicts.regressed(), width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0] == "▼ nightly-maths: regressed"
    words = [word for line in lines for word in ("unchanged", "regressed") if word in line.partition("│")[2]]
    assert words == ["unchanged", "regressed"]
    assert "and 7 others: 7 unchanged" in "\n".join(lines)
    whole = verdict_text(verdicts.regressed(), width=width, every=True)
    assert whole.count("unchanged") == 8 and "others" not in whole


def test_a_terminal_shows_what_moved_and_counts_the_rest() -> None:
    text = verdict_text(verdicts.regressed(), width=200)
    assert text.count("│ =") == 1 and text.count("│ ▼") == 1
    assert text.endswith("and 7 others: 7 unchanged\nopen change c-7f3a91: math, ja (small, single-task, n = 400)\n")
    everything = verdict_text(verdicts.regressed(), width=200, every=True)
    assert everything.count("│ =") == 8 and "others" not in everything


def test_a_terminal_shows_size_interval_and_run_of_a_change() -> None:
    text = verdict_text(verdicts.regressed(), width=200)
    (line,) = [line for line in text.splitlines() if "▼ regressed" in line]
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells == [
        "math, ja (small, single-task, n = 400)", "▼ regressed", "0.351", "−0.047 (−0.056 to −0.038)",
        "run 27", "0.384 to 0.435", "0.021",
    ]  # fmt: skip


def test_brackets_of_names_are_text_in_a_terminal() -> None:
    verdict = verdicts.regressed()
    odd = verdict.series[3].comparison.model_copy(update={"name": "math [bold]ja[/bold]"})
    listed = [verdict.series[3].model_copy(update={"comparison": odd})]
    text = verdict_text(verdict.model_copy(update={"series": listed, "sentence": "[red]a[/red]"}), width=200)
    assert "math [bold]ja[/bold]" in text and "[red]a[/red]" in text


def test_anchors_have_a_table_of_their_own_in_every_form() -> None:
    assert "## The judge, on fixed answers" in verdict_markdown(verdicts.judged())
    assert "The judge, on fixed answers\n" in verdict_text(verdicts.judged())
    assert "no interval before a second run" in verdict_markdown(verdicts.judged())


@pytest.mark.parametrize("make", [verdicts.young, verdicts.empty])
def test_few_runs_leave_cells_empty(make: object) -> None:
    assert callable(make)
    text = verdict_markdown(make())
    assert "| ? cannot tell yet |" in text and "None" not in text and "nan" not in text
    assert "None" not in verdict_text(make())
