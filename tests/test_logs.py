"""Log lines as text for people and as JSON for programs."""

import io
import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from clt.logs import set_up_logging


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


def test_every_line_is_an_object_with_time_level_and_what_it_is_about() -> None:
    stream = io.StringIO()
    set_up_logging("json", stream)
    logging.getLogger("clt.launcher").info("created\nänd 'more'", extra={"job": "train-a-1", "cell": "a"})
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("clt").exception("failed")
    warnings.warn("of a library", stacklevel=1)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["level"] for line in lines] == ["info", "error", "warning"]
    assert lines[0]["message"] == "created\nänd 'more'" and (lines[0]["job"], lines[0]["cell"]) == ("train-a-1", "a")
    assert set(lines[0]) == {"time", "level", "logger", "message", "job", "cell"} and lines[0]["time"].endswith(
        "+00:00"
    )
    assert "ValueError: broken" in lines[1]["traceback"] and "of a library" in lines[2]["message"]


def test_text_is_the_message_alone() -> None:
    stream = io.StringIO()
    set_up_logging("text", stream)
    logging.getLogger("clt.launcher").info("created", extra={"job": "train-a-1"})
    logging.getLogger("other").info("chatter")
    assert stream.getvalue() == "created\n"


@pytest.mark.parametrize("arguments", [("--log-format", "json"), ()])
def test_an_error_of_the_command_line_is_a_line_of_json_where_that_is_asked_for(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    environment = os.environ | ({} if arguments else {"CLT_LOG_FORMAT": "json"})
    command = [sys.executable, "-m", "clt", *arguments, "plan", str(tmp_path / "none.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    line = json.loads(done.stderr)
    assert line["level"] == "error" and "none.yaml: cannot be read" in line["message"]
