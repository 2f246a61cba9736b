"""How all pages are filled: escaped, with the same numbers, and nothing to run or fetch. Loads no statistics."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from clt.statistics.rendering.formatting import duration, percent, plain, points, probability, upper_first


def templates() -> Environment:
    """The folder of templates, with what they may use."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(plain=plain, percent=percent, points=points, probability=probability)
    environment.globals["duration"] = duration
    environment.globals["content_policy"] = content_policy
    environment.filters["upperfirst"] = upper_first
    return environment


def content_policy(style: str) -> Markup:
    """What a browser lets a page of ours do: show itself, with its own style sheet and nothing else.

    Names and answers of models stand in them: should one ever get through the escaping, it can run and fetch nothing.
    """
    checksum = b64encode(sha256(style.encode()).digest()).decode()
    return Markup(f"default-src 'none'; style-src 'sha256-{checksum}'; form-action 'none'")
