"""Rows that agree in some columns, as whole numbers: what grouping by many text columns would need strings for."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

Array = np.ndarray


def value_codes(column: pd.Series) -> tuple[Array, int]:
    """Each row's place (rows,) among the column's sorted values, -1 where it is missing, and the number of values."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        places, values = pd.factorize(column, sort=True)
        return places, len(values)
    codes: Array = column.cat.codes.to_numpy()
    categories = column.cat.categories
    if not categories.is_monotonic_increasing:
        codes = np.append(np.argsort(np.argsort(categories.to_numpy())), -1)[codes]
    return codes, len(categories)


def group_numbers(rows: pd.DataFrame, names: Sequence[str]) -> Array:
    """Number of each row's group (rows,), from 0 and without gaps, in the order of the values; missing comes first."""
    number, size = np.zeros(len(rows), dtype=np.int64), 1
    for name in names:
        codes, count = value_codes(rows[name])
        if count == 1 and codes.min(initial=0) == 0:
            continue
        if size * (count + 1) > np.iinfo(np.int64).max:
            number = _without_gaps(number, size)
            size = int(number.max(initial=0)) + 1
        number *= count + 1
        number += codes
        number += 1
        size *= count + 1
    return _without_gaps(number, size)


def first_rows(group: Array) -> Array:
    """Index of the first row of every group (groups,)."""
    first = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]  # of several values for one place the last one stays
    return first


def _without_gaps(number: Array, size: int) -> Array:
    if size > 4 * len(number) + 1000:
        return np.unique(number, return_inverse=True)[1]
    used = np.zeros(size, dtype=bool)
    used[number] = True
    return (np.cumsum(used) - 1)[number]
