"""A verdict for people: history.html, Markdown for Kubeflow's run page, and text for a terminal."""

from clt.baselines.page.history import render_history
from clt.baselines.page.markdown import verdict_markdown
from clt.baselines.page.text import verdict_text

__all__ = ["render_history", "verdict_markdown", "verdict_text"]
