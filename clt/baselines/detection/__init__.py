"""Whether the mean of a comparison has moved from run to run, by more than chance: arrays in, arrays out."""

from clt.baselines.detection.change import ChangeEstimate, estimate_change
from clt.baselines.detection.detector import Watched, thresholds, watch
from clt.baselines.detection.visible_drop import FEWEST, LASTED, visible_drop

__all__ = ["FEWEST", "LASTED", "ChangeEstimate", "Watched", "estimate_change", "thresholds", "visible_drop", "watch"]
