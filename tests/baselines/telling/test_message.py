"""What a webhook is sent."""

from clt.baselines.document import Word
from clt.baselines.telling import Message, tell
from clt.store import Store
from clt.study import Webhook
from tests.baselines.telling.conftest import series, verdict
from tests.baselines.telling.receiver import Receiver


def test_the_json_names_every_change_the_bits_and_what_differs(
    store: Store, webhook: Webhook, receiving: Receiver
) -> None:
    tell(store, verdict(series("ja")), [webhook], link="https://kubeflow.example/runs/1?a=b&c=d")
    (request,) = receiving.requests
    assert Message.model_validate_json(request.body)
    document = request.document
    assert len(document.pop("id")) == 64
    assert document == {
        "format": 1,
        "baseline": "weekly",
        "word": "regressed",
        "sentence": "math, ja fell by 0.1 since run-3.",
        "changes": [
            {
                "id": "ja-run-4",
                "comparison": "math, ja (small, single-task, n = 20)",
                "word": "regressed",
                "task": "math",
                "languages": ["ja"],
                "metric": "exact_match",
                "since": "run-3",
                "found": "run-4",
                "size": -0.1,
                "low": -0.14,
                "high": -0.06,
                "before": 0.5,
                "after": 0.4,
            }
        ],
        "bits": "different",
        "differences": [
            {"what": "training packages.torch", "before": "2.12", "now": "2.13 <rc>", "since": "run-3"}
        ],
        "link": "https://kubeflow.example/runs/1?a=b&c=d",
    }  # fmt: skip


def test_other_changes_have_another_id(store: Store, webhook: Webhook, receiving: Receiver) -> None:
    for found in (verdict(series("ja")), verdict(series("ko")), verdict(series("ja"), name="daily")):
        tell(store, found, [webhook])
    assert len({request.document["id"] for request in receiving.requests}) == 3


def test_a_chat_gets_a_few_escaped_lines(store: Store, receiving: Receiver) -> None:
    slack = Webhook(url_from="BASELINE_WEBHOOK", format="slack")
    tell(store, verdict(series("ja")), [slack], link="https://kubeflow.example/runs/1?a=b&c=d")
    assert receiving.requests[0].document == {
        "text": "weekly: regressed. math, ja fell by 0.1 since run-3.\n"
        "• math, ja (small, single-task, n = 20): regressed by 0.1 exact_match (0.5 to 0.4, 95% -0.14 to -0.06), since "
        "run run-3, found at run run-4\n"
        "bits beside the last run with the same seeds and data: different\n"
        "• training packages.torch: 2.12 before, 2.13 &lt;rc&gt; since run run-3\n"
        "https://kubeflow.example/runs/1?a=b&amp;c=d"
    }


def test_a_chat_gets_few_lines_of_many_changes(store: Store, receiving: Receiver) -> None:
    many = [series(f"l{number}", Word.IMPROVED) for number in range(48)]
    tell(store, verdict(*many), [Webhook(url_from="BASELINE_WEBHOOK", format="slack")])
    text = receiving.requests[0].document["text"]
    assert "• and 43 more changes" in text
    assert len(text.splitlines()) == 9
