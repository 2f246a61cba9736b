"""What the pages tell people to type exists, and the messages that they explain are the ones that are said."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from clt.cli.main import main

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/operations.md", "docs/judge.md", "images/README.md", "manifests/README.md")
# Said by Kubernetes, Kubeflow, torch or the hub, and passed on.
OTHERS = (
    "CreateContainerConfigError", "FailedMount", "FailedCreatePod", "nodes are available", "exceeded quota", "Evicted",
    "NodeLost", "ErrImagePull", "ImagePullBackOff", "violates PodSecurity", "SignatureDoesNotMatch", "unknown field",
    "pending",
)  # fmt: skip
# What stands in a message for a value of its own.
VARIABLE = re.compile(
    r"\.\.\.|[():]|\b(?:\d+|N|M|nan|training|evaluation|image|configuration|room|quota|admission|operator|scheduler|deletion|start)\b"
)


def commands(page: str) -> Iterator[tuple[str, list[str]]]:
    """Every `clt` command of a page in its code, with all that follows on the line."""
    text = (REPOSITORY / page).read_text(encoding="utf-8").replace("\\\n", " ")
    code = [line for line in text.splitlines() if line.startswith("    ")] + re.findall(r"`([^`\n]+)`", text)
    for line in code:
        if found := re.search(r"(?:^|[\s=])clt ([a-z].*)", line.partition("  #")[0]):
            yield line.strip(), found[1].split()


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_on_a_page_exist(page: str) -> None:
    for line, words in commands(page):
        command: click.Command = main
        while isinstance(command, click.Group):
            name = words.pop(0) if words else ""
            if name not in command.commands:
                assert command is not main, line
                break  # a group is named alone
            command = command.commands[name]
        known = {"--help", *(option for one in command.params for option in one.opts)}
        assert {word.split("=")[0] for word in words if word.startswith("-")} <= known, line


def test_every_option_of_compile_is_explained() -> None:
    page = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    options = [max(one.opts, key=len) for one in main.commands["compile"].params]
    assert [option for option in options if option not in page and option != "--output"] == []


def test_messages_of_the_table_of_failures_are_those_of_the_code() -> None:
    files = [path for folder in ("clt", "components", "pipelines") for path in (REPOSITORY / folder).rglob("*.py")]
    strings = re.sub(r'"\s*f?"', "", " ".join(path.read_text(encoding="utf-8") for path in files))
    said = re.sub(r"\{[^{}]*\}", "", strings)
    table = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8").rpartition("| message |")[2]
    messages = [text for row in table.splitlines()[2:] for text in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
    assert len(messages) > 30
    parts = {part.strip() for message in messages for part in VARIABLE.split(message)}
    assert [part for part in parts if part not in said and not any(other in part for other in OTHERS)] == []
