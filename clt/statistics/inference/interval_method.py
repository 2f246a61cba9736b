"""The methods of intervals by the texts that statistics.json names them with.

Texts that hold a number, such as "t over 5 n", and reasons why there is no interval are made where they are known.
"""

from enum import StrEnum


class IntervalMethod(StrEnum):
    """How an interval was made."""

    BCA = "bca"
    PERCENTILE = "percentile"
    WILSON = "wilson"
    NEWCOMBE = "newcombe"
    WILSON_OF_PRINTED_MEAN = "wilson: printed mean"
    NEWCOMBE_OF_PRINTED_MEANS = "newcombe: printed means"
    T_ITEMS = "t: items"
    T_ITEMS_AND_RUNS = "t: items and runs"
    T_RUNS = "t: runs"
    T_CROSS_FITTED = "t: cross-fitted"
    FIELLER_ITEMS_AND_RUNS = "fieller: items and runs"
    FIELLER_RUNS = "fieller: runs"


WITH_RUN_NOISE = frozenset(
    {
        IntervalMethod.T_ITEMS_AND_RUNS,
        IntervalMethod.T_RUNS,
        IntervalMethod.FIELLER_ITEMS_AND_RUNS,
        IntervalMethod.FIELLER_RUNS,
    }
)
OF_PRINTED_MEANS = frozenset({IntervalMethod.WILSON_OF_PRINTED_MEAN, IntervalMethod.NEWCOMBE_OF_PRINTED_MEANS})


class Coverage(StrEnum):
    """What an interval of a contrast covers."""

    ITEMS_AND_RUNS = "items and runs"
    ITEMS = "items; conditional on the seeds"
    RUNS = "runs; not the items"
    NOTHING = "nothing"
