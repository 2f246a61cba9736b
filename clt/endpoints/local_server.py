"""What a server on this machine says of itself, without a key: whether it answers, and which version it is."""

import json
from typing import Any
from urllib.request import ProxyHandler, build_opener

SECONDS = 5.0
_OPENER = build_opener(ProxyHandler({}))  # a proxy knows nothing of this machine's ports


def listed_models(url: str) -> list[str]:
    """The names of the models of a server at http://127.0.0.1:PORT/v1; empty while it does not answer."""
    listed = _read(f"{url}/models").get("data")
    return [str(each["id"]) for each in listed if "id" in each] if isinstance(listed, list) else []


def server_version(url: str) -> str:
    """Its version, as vLLM tells it at /version; "unknown" where it tells none."""
    return str(_read(f"{url.removesuffix('/v1')}/version").get("version", "unknown"))


def _read(url: str) -> dict[str, Any]:
    try:
        with _OPENER.open(url, timeout=SECONDS) as response:
            content = json.load(response)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
