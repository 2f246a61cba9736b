"""A server of a model in a folder, for tests of engines: `python -m tests.model_server --model FOLDER --port PORT`.

It answers /v1/completions with what the engine `hf` writes; with --ends it ends before it answers.
"""

import argparse
import sys
import threading
from pathlib import Path
from typing import Any

from tests.endpoint_server import serve


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ends", action="store_true")
    arguments = parser.parse_args()
    if arguments.ends:
        sys.exit("no memory for this model")

    from transformers import AutoModelForCausalLM

    from clt.evaluation.engines import Stop
    from clt.evaluation.engines.hf import HfEngine
    from clt.models import load_tokenizer, make_encoder
    from clt.study import Model

    folder = Path(arguments.model)
    spec = Model(name="served", path=str(folder))
    engine: Any = HfEngine(
        AutoModelForCausalLM.from_pretrained(folder).eval(), make_encoder(load_tokenizer(folder, spec), spec), 1
    )
    one = threading.Lock()

    def respond(_: int, body: dict[str, Any]) -> str:
        stop = Stop(frozenset(body["stop_token_ids"]), tuple(body["stop"]))
        with one:
            (written,) = engine.generate([body["prompt"]], stop=stop, max_new_tokens=body["max_tokens"])
        return str(written.text)

    with serve(respond, models=(str(folder),), port=arguments.port):
        threading.Event().wait()


if __name__ == "__main__":
    main()
