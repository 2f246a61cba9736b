"""What a webhook is sent."""

from clt.baselines.document import Difference, Word
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
                "until": "run-4",
            }
        ],
        "acknowledge": "clt baseline acknowledge weekly ja-run-4 --how new-level|repaired --store STORE",
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
        "• math, ja (small, single-task, n = 20): regressed by 0.100 (0.500 to 0.400; 95% 0.060 to 0.140), "
        "exact_match, since run-3, found at run-4; id ja-run-4\n"
        "once you know what it was: clt baseline acknowledge weekly ja-run-4 --how new-level|repaired --store STORE\n"
        "bits beside the last run with the same seeds and data: different\n"
        "• training packages.torch: 2.12 before, 2.13 &lt;rc&gt; since run-3\n"
        "https://kubeflow.example/runs/1?a=b&amp;c=d"
    }


def test_a_chat_gets_few_lines_of_many_changes(store: Store, receiving: Receiver) -> None:
    many = [series(f"l{number}", Word.IMPROVED) for number in range(48)]
    tell(store, verdict(*many), [Webhook(url_from="BASELINE_WEBHOOK", format="slack")])
    text = receiving.requests[0].document["text"]
    assert "• and 43 more changes" in text
    assert "clt baseline acknowledge weekly ID --how" in text
    assert len(text.splitlines()) == 10


def test_a_size_in_a_chat_has_no_sign_as_the_word_has_it(store: Store, receiving: Receiver) -> None:
    tell(store, verdict(series("ja", Word.IMPROVED)), [Webhook(url_from="BASELINE_WEBHOOK", format="slack")])
    assert "improved by 0.100 (0.400 to 0.500; 95% 0.060 to 0.140)" in receiving.requests[0].document["text"]


def test_a_chat_gets_the_first_digits_of_checksums_and_a_program_all(
    store: Store, webhook: Webhook, receiving: Receiver
) -> None:
    whole = Difference(what="image", before="clt@sha256:" + "0a" * 32, now="clt@sha256:" + "1b" * 32, since="run-3")
    told = verdict(series("ja")).model_copy(update={"differences": [whole]})
    tell(store, told, [webhook])
    tell(store, told.model_copy(update={"baseline": "other"}), [webhook.model_copy(update={"format": "slack"})])
    assert receiving.requests[0].document["differences"] == [whole.model_dump()]
    text = receiving.requests[1].document["text"]
    assert "image: clt@sha256:0a0a0a0a before, clt@sha256:1b1b1b1b since run-3" in text
