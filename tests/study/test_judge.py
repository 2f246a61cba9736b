"""What a study may say of its judge, and that no secret is repeated in a refusal."""

from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.study import Endpoint, judge_prompt, load_study

STARTER = Path(__file__).resolve().parents[2] / "studies" / "starter" / "study.yaml"


def refusal(judge: str) -> str:
    text = STARTER.read_text(encoding="utf-8").replace("exact_match", "judge")
    with pytest.raises(StudyError) as refused:
        load_study(f"{text}\n{judge}\n")
    return str(refused.value)


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        ("", "tasks.capitals.metrics[0]: got 'judge' in a study without `judge`"),
        ("judge: {endpoint: {url: 'https://x/v1', model: m, key: sk-secret}}", "judge.endpoint.key: got no name"),
        ("judge: {endpoint: {url: 'https://me:sk-secret@x/v1', model: m}}", "judge.endpoint.url: got an address with"),
        ("judge: {endpoint: {url: 'https://x/v1?api_key=sk-secret', model: m}}", "got an address with a query"),
        ("judge: {endpoint: {url: 'https://x?k=sk-secret', model: m}}", "got an address with a query"),
        ("judge: {endpoint: {url: 'x/v1', model: m}}", "got 'x/v1', expected an address such as https://"),
        (
            "judge: {endpoint: {url: 'https://x/v1', model: m}, request: {model: n}}",
            "got model, expected none of messages",
        ),
        (
            "judge: {endpoint: {url: 'https://x/v1', model: m}, prompt: v9}",
            "expected 'instruction-v1' or 'any-language",
        ),
    ],
)
def test_a_judge_that_cannot_be_used_is_refused_without_its_secrets(judge: str, said: str) -> None:
    message = refusal(judge)
    assert said in message and "sk-secret" not in message


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "HF_TOKEN",
        "HUGGING_FACE_HUB_TOKEN",
        "HUGGINGFACE_TOKEN",
        "MINIO_ROOT_USER",
        "GITHUB_TOKEN",
        "GITLAB_TOKEN",
        "WANDB_API_KEY",
        "MLFLOW_TRACKING_TOKEN",
        "KFP_TOKEN",
        "KUBECONFIG",
        "AZURE_CLIENT_ID",
        "GOOGLE_API_KEY",
        "OBJECT_STORE_KEY",
        "MY_SECRET",
        "DB_PASSWORD",
    ],
)
def test_no_study_has_the_key_of_another_service_sent_to_its_endpoint(name: str) -> None:
    message = refusal(f"judge: {{endpoint: {{url: 'https://x/v1', model: m, key: {name}}}}}")
    assert f"got {name}, expected the name of a key for this endpoint alone, such as JUDGE_KEY" in message


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "JUDGE_KEY", "GEMINI_API_KEY", "HFX_KEY"])
def test_a_key_of_an_endpoint_may_be_named(name: str) -> None:
    assert Endpoint(url="https://x/v1", model="m", key=name).key == name


@pytest.mark.parametrize("name", ["instruction-v1", "any-language-v1"])
def test_every_prompt_can_be_filled_and_says_what_language_counts(name: str) -> None:
    prompt = judge_prompt(name)
    filled = prompt.filled(language="French", question="{q} $x", answer="$question")
    assert "<question>\n{q} $x\n</question>" in filled and "<answer>\n$question\n</answer>" in filled
    assert "$language" not in filled and '"rating"' in filled and '"rating"' in prompt.reminder
    assert ("another language gets 1" in filled.replace("\n", " ")) == (name == "instruction-v1")
