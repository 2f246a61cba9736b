"""Models behind endpoints that speak OpenAI's protocol: requests side by side, every reply kept.

    check_endpoint(endpoint)
    asked = ask(store, endpoint, [Request("chat/completions", {"messages": [...], "temperature": 0})])
    asked.replies[0].text

`exchange`: what is asked and what comes back; `kept_replies`: where replies stay; `connection`: one request;
`asking`: many.
"""

from clt.endpoints.asking import Asked, ask, forget
from clt.endpoints.connection import KEYS_VARIABLE, check_endpoint
from clt.endpoints.exchange import REFUSED, Reply, Request
from clt.endpoints.local_server import listed_models, server_version

__all__ = [
    "KEYS_VARIABLE",
    "REFUSED",
    "Asked",
    "Reply",
    "Request",
    "ask",
    "check_endpoint",
    "forget",
    "listed_models",
    "server_version",
]
