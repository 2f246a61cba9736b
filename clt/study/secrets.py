"""Which environment variables may stand in a path: not those whose name says that they hold a secret or an address."""

import re

VARIABLE = re.compile(r"\$\{([^}]*)\}")
_SECRET = re.compile(
    r"SECRET|TOKEN|PASSW|CREDENTIAL|APIKEY|COOKIE|SIGNATURE"
    r"|(?:^|_)(?:KEY|KEYS|PASS|AUTH|PRIVATE|SESSION|CERT|PAT|URL|URI|DSN|PROXY|ENDPOINT|CONNECTION)(?:_|$)",
    re.IGNORECASE,
)


def secret_variables(text: str) -> list[str]:
    """The variables of a text that may hold a secret (or an address, which may hold a password)."""
    return [name for name in VARIABLE.findall(text) if _SECRET.search(name)]
