"""Overlap of texts by their longest common subsequence."""

from collections.abc import Sequence

from clt.metrics.answers import TextAnswer
from clt.metrics.metric import UNSCORED, metric
from clt.metrics.text_units import text_units


@metric(version=2)
def rouge_l(answer: TextAnswer) -> float:
    """ROUGE-L: the F-measure (beta 1) of the longest common subsequence of prediction and reference (0 to 1).

     C.-Y. Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004, section 3 (one sequence a text, as the
    `rougeL` of rouge_score). Tokenizer: `clt.metrics.text_units`, version 1: words where scripts have spaces, else
    characters; no stemming. rouge_score keeps only [a-z0-9] and scores Japanese, Arabic, Thai ... at 0; on lower-case
    ASCII words the two agree.
    Unreadable answer: a prediction without any letter or digit is 0. Empty reference (no letter or digit): NaN,
    unscored. Missing language: not used, the script of each character decides. Number separators: 1,000 is the two
    words 1 and 000.
    """
    prediction, reference = text_units(answer.text, answer.language), text_units(answer.reference, answer.language)
    if not reference:
        return UNSCORED
    return 2 * common_subsequence(prediction, reference) / (len(prediction) + len(reference))


def common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest common subsequence; bit-parallel, O(len(first) * len(second) / word size).

    H. Hyyrö, Bit-parallel LCS-length computation revisited, 2004: a zero bit i of `row` means that the common length
    grows by one at position i of `first`.
    """
    positions: dict[str, int] = {}
    for index, word in enumerate(first):
        positions[word] = positions.get(word, 0) | 1 << index
    full = row = (1 << len(first)) - 1
    for word in second:
        matches = row & positions.get(word, 0)
        row = (row + matches | row - matches) & full
    return len(first) - row.bit_count()
