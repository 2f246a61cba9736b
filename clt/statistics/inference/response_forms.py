"""Forms of a response curve: how a score, on the link scale, may go on with the number of samples n.

Every form is a + b g(n), with g rising from 0 at n = 0 to 1 at the largest n. What bends g lies on a grid, so that
fitting is linear and nothing has to converge:

- flat: b = 0
- saturating: n / (n + c) (hyperbola) and 1 - exp(-n / c); both have an asymptote
- power: (1 + n / c)^k - 1 for 0 < k <= 1, and log(1 + n / c), its limit for k -> 0; it never levels off
"""

from dataclasses import dataclass

import numpy as np

FORMS = ("flat", "saturating", "power")
SCALES = 12  # values of c, evenly spaced in their logarithm
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
SETTLED = 0.95  # of the way to the asymptote
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Shapes:
    """The grid of all g(n), axes (shapes,)."""

    form: Array  # of FORMS
    scale: Array  # c, samples per language
    power: Array  # k
    exponential: Array  # of the saturating ones: 1 - exp(-n / c) instead of n / (n + c)
    largest: float  # n at which g is 1

    def bends(self, n: Array) -> Array:
        """g at n (points,), axes (points, shapes)."""
        bends = self._raw(np.asarray(n, dtype=float)[:, None]) / self._raw(np.array([[self.largest]]))
        return np.where(self.form == "flat", 0.0, bends)

    def settled_at(self, first: float) -> Array:
        """The n with 95% of the way from n = `first` to the asymptote; infinite without one (shapes,)."""
        start = self._raw(np.array([[first]]))[0]
        share = np.where(self.form == "saturating", start + SETTLED * (1 - start), 0.0)
        settled = self.scale * np.where(self.exponential, -np.log1p(-share), share / (1 - share))
        return np.where(self.form == "saturating", settled, np.inf)

    def _raw(self, n: Array) -> Array:
        ratio = n / self.scale
        logarithm = np.log1p(ratio)
        curved = np.where(self.power > 0, np.expm1(self.power * logarithm), logarithm)
        level = np.where(self.exponential, -np.expm1(-ratio), ratio / (1 + ratio))
        return np.asarray(np.where(self.form == "power", curved, level))

    def __len__(self) -> int:
        return len(self.form)


def shapes_for(sample_sizes: Array) -> Shapes:
    """The grid for the n of a curve (points,): bends lie between a fraction of the smallest n > 0 and beyond."""
    smallest, largest = float(sample_sizes[sample_sizes > 0].min()), float(sample_sizes.max())
    scales = np.geomspace(smallest / 20, 3 * largest, SCALES)
    saturating, curved = 2 * SCALES, len(POWERS) * len(scales[::2])
    return Shapes(
        form=np.repeat(FORMS, (1, saturating, curved)),
        scale=np.concatenate(([1.0], scales, scales, np.tile(scales[::2], len(POWERS)))),
        power=np.concatenate((np.zeros(1 + saturating), np.repeat(POWERS, len(scales[::2])))),
        exponential=(np.arange(1 + saturating + curved) - 1) // SCALES == 1,
        largest=largest,
    )
