"""What every image promises, read off its Dockerfile."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted((REPOSITORY / "images").glob("*/Dockerfile"))


@pytest.fixture(params=DOCKERFILES, ids=lambda path: path.parent.name)
def instructions(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """Name and arguments of every instruction, with continued lines joined."""
    text = re.sub(r"^#.*\n", "", request.param.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line]


def given(instructions: list[tuple[str, str]], name: str) -> list[str]:
    return [arguments for instruction, arguments in instructions if instruction == name]


def _install(run: str) -> str:
    """What the shell variable `install` of a RUN instruction stands for."""
    match = re.search(r'install="([^"]+)"', run)
    return match[1] if match else ""


def test_there_are_two() -> None:
    assert [path.parent.name for path in DOCKERFILES] == ["gpu", "pipeline"]


def test_all_stages_stand_on_the_base_image_of_the_build_argument(instructions: list[tuple[str, str]]) -> None:
    assert {base.split()[0] for base in given(instructions, "FROM")} == {"${BASE_IMAGE}"}
    assert instructions[0] == ("ARG", "BASE_IMAGE=python:3.11-slim")


def test_no_registry_and_no_index_is_named(instructions: list[tuple[str, str]]) -> None:
    for _, arguments in instructions:
        assert not re.search(r"://|--(extra-)?index-url|--trusted-host|(^|[\s=])[\w-]+\.[\w.-]+(:\d+)?/\w", arguments)


def test_packages_come_by_hash_or_not_from_an_index(instructions: list[tuple[str, str]]) -> None:
    text = " && ".join(re.sub(r"\$install\b", _install(run), run) for run in given(instructions, "RUN"))
    commands = re.findall(r"\bpip (?:--python \S+ )?(?:install|wheel) .*?(?=&&|$)", text)
    assert len(commands) == 6  # $install and its two uses; setuptools, the project's wheel, and its installation
    for command in commands:
        assert "--require-hashes" in command or "--no-index" in command, command


def test_it_runs_as_a_numbered_user_that_is_not_root(instructions: list[tuple[str, str]]) -> None:
    last_stage = instructions[max(k for k, (name, _) in enumerate(instructions) if name == "FROM") :]
    assert given(last_stage, "USER") == ["65532:65532"]  # Kubernetes can tell only from a number that it is not root
    assert not any("apt-get" in run for run in given(last_stage, "RUN"))


def test_kubeflows_command_is_not_taken_over(instructions: list[tuple[str, str]]) -> None:
    assert given(instructions, "ENTRYPOINT") == []
    assert any(setting.startswith("PATH=/opt/venv/bin:") for setting in given(instructions, "ENV"))


def test_only_what_the_images_are_built_from_is_sent_to_the_builder() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert allowed == {
        *("clt", "components", "pipelines", "studies", "LICENSE", "README.md", "pyproject.toml"),
        *("images/pipeline/requirements.txt", "requirements.txt", "requirements-build.txt"),
    }
