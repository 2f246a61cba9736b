"""Telling somebody of a change: webhooks, once a change, and a file that Prometheus reads."""

from clt.baselines.telling.message import Message, ToldChange
from clt.baselines.telling.prometheus import check_prometheus, prometheus_text, write_prometheus
from clt.baselines.telling.secret import SECRETS_VARIABLE, webhook_faults
from clt.baselines.telling.tell import tell

__all__ = [
    "SECRETS_VARIABLE",
    "Message",
    "ToldChange",
    "check_prometheus",
    "prometheus_text",
    "tell",
    "webhook_faults",
    "write_prometheus",
]
