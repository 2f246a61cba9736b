"""The verdict in Markdown and in a terminal: the same words and numbers as on the page."""

import pytest

from clt.baselines import render_history, verdict_markdown, verdict_text
from clt.baselines.document import Change, Difference, Verdict, Word
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
        "- ▼ math, ja (small, single-task, n = 400): regressed by 0.047 (0.410 to 0.363; 95% 0.038 to 0.056), since",
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
    assert max(len(line) for line in lines if "acknowledge" not in line) <= width, "a command is one line, to be copied"
    assert lines[0] == "▼ nightly-maths: regressed"
    words = [word for line in lines for word in ("unchanged", "regressed") if word in line.partition("│")[2]]
    assert words == ["unchanged", "regressed"]
    assert "and 7 others: 7 unchanged" in "\n".join(lines)
    whole = verdict_text(verdicts.regressed(), width=width, every=True)
    assert whole.count("unchanged") == 8 and "others" not in whole


def test_a_terminal_shows_what_moved_and_counts_the_rest() -> None:
    text = verdict_text(verdicts.regressed(), width=200)
    assert text.count("│ =") == 1 and text.count("│ ▼") == 1
    assert text.endswith(
        "and 7 others: 7 unchanged\n"
        "open change c-7f3a91: ▼ math, ja (small, single-task, n = 400): regressed by 0.047 (0.410 to 0.363; 95% 0.038 "
        "to 0.056), since about run 27 (2026-07-06), found at run 30 (2026-07-27)\n"
        "once you know what it was: clt baseline acknowledge nightly-maths c-7f3a91 --how new-level|repaired "
        "--store STORE\n"
    )
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


def with_others() -> Verdict:
    """A comparison that fell, and had risen before; both open."""
    verdict = verdicts.regressed()
    rose = Change(id="c-rose", since="r00012", found="r00014", before=0.4, after=0.43, size=0.03, low=0.01, high=0.05)
    one = verdict.series[3].model_copy(update={"others": [rose]})
    return verdict.model_copy(update={"series": [verdict.series[0], one]})


def test_every_form_lists_all_open_changes_with_their_own_direction() -> None:
    text, markdown = verdict_text(with_others(), width=300), verdict_markdown(with_others())
    page = " ".join(render_history(with_others()).split())
    for form, before in ((text, "▲ math, ja"), (markdown, "▲ math, ja"), (page, "▲ improved</span>")):
        assert before in form and "by 0.030 (0.400 to 0.430; 95% 0.010 to 0.050), since about run 12" in form
        assert "c-rose" in form and "c-7f3a91" in form
        assert "clt baseline acknowledge nightly-maths ID --how new-level|repaired --store STORE" in form


def incomplete(number: int) -> Verdict:
    """The last of so many runs has cells without scores."""
    verdict = verdicts.unchanged(number)
    last = verdict.runs[-1].model_copy(update={"state": "incomplete", "used": "no"})
    return verdict.model_copy(update={"runs": [*verdict.runs[:-1], last]})


def test_an_incomplete_last_run_is_not_compared_and_every_form_says_how_to_go_on_with_it() -> None:
    for form in (verdict_text(incomplete(24), 300), verdict_markdown(incomplete(24)), render_history(incomplete(24))):
        assert "clt baseline run STUDY.yaml --store STORE --run r00024" in form
    assert "differs between run 22 (2026-06-01) and run 23 (2026-06-08)" in verdict_text(incomplete(24))
    assert "--run" not in verdict_text(verdicts.unchanged())


def test_without_a_run_in_control_the_one_before_the_last_is_compared() -> None:
    verdict = verdicts.unchanged()
    moved = [run.model_copy(update={"used": "after a change"}) for run in verdict.runs]
    assert "differs between run 23" in verdict_text(verdict.model_copy(update={"runs": moved}))


def test_people_are_shown_the_first_digits_of_checksums() -> None:
    data = Difference(what="math train data, ja", before="ab" * 32, now="nothing", since="r00027")
    verdict = verdicts.regressed().model_copy(update={"differences": [data]})
    for form in (verdict_text(verdict), verdict_markdown(verdict), render_history(verdict)):
        assert "abababab → nothing" in form and "ababababab" not in form


def test_bits_without_an_earlier_run_of_these_seeds_say_so() -> None:
    alone = verdicts.improved().model_copy(update={"bits": "not known", "bits_beside": None})
    assert "bits: not known (no earlier run with these seeds and inputs)" in verdict_text(alone)
    assert "bits: not known\n" in verdict_text(verdicts.empty())


def test_improvements_that_are_open_beside_a_regression_are_listed() -> None:
    verdict = verdicts.regressed()
    rose = verdicts.improved().series[0]
    text = verdict_text(verdict.model_copy(update={"series": [rose, *verdict.series[1:]]}), width=300)
    lines = [line for line in text.splitlines() if line.startswith("open change")]
    assert [word for line in lines for word in Word if f": {word} by" in line] == [Word.IMPROVED, Word.REGRESSED]


def test_the_page_says_since_when_it_regressed_and_not_since_when_something_else_improved() -> None:
    assert "Since about run 27 (2026-07-06), found at run 30 (2026-07-27)." in render_history(with_others())
