"""What is drawn: every figure of the page and of the folder figures/, a file a part."""

from clt.statistics.rendering.figures.album import Album, draw

__all__ = ["Album", "draw"]
