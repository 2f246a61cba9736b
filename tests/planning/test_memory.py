"""What trainings and evaluations are estimated to need, and what is refused because it cannot fit.

The figures are computed by hand: 16 bytes a trained parameter (float32 weight, gradient and two moments), shared out.
"""

import math
from pathlib import Path
from typing import Any

import pytest

from clt.errors import StudyError
from clt.planning import Plan, check_declared_memory, check_memory, declared_record, make_plan
from clt.study import (
    COMFORTABLE,
    Model,
    ModelFacts,
    ModelShape,
    Placement,
    Study,
    Training,
    TrainingMemory,
    checkpoints_activations,
    load_study,
    tokens_at_once,
    training_memory,
)

STUDIES = Path(__file__).resolve().parents[2] / "studies"
EIGHT_B = ModelShape(
    layers=32, hidden_size=4096, intermediate_size=14336, heads=32, key_value_heads=8, head_dim=128, vocabulary=128256
)
THIRTY_FIVE_B = ModelShape(
    layers=40,
    hidden_size=8192,
    intermediate_size=22528,
    heads=64,
    key_value_heads=64,
    head_dim=128,
    vocabulary=256000,
    tied=True,
)
ROOM = 80 * 10**9


def memory(
    shape: ModelShape, accelerators: int, *, room: int | None = ROOM, nodes: int = 1, model: Any = (), **training: Any
) -> TrainingMemory:
    return training_memory(
        shape,
        shape.parameters,
        Model(name="own", parameters=shape.parameters, **dict(model)),
        Training(**({"epochs": 1, "max_tokens": 4096, "precision": "bfloat16"} | training)),
        Placement(accelerator="h100", accelerators_per_node=accelerators, nodes=nodes),
        room=room,
    )


def test_parameters_follow_from_the_shape() -> None:
    assert EIGHT_B.parameters == pytest.approx(8_030_261_248, rel=1e-3)  # Llama 3.1 8B
    assert THIRTY_FIVE_B.parameters == pytest.approx(34_980_831_232, rel=1e-3)  # Aya 23 35B


def test_eight_thousand_million_parameters_take_145_gb_on_one_accelerator() -> None:
    assert memory(EIGHT_B, 1).total == pytest.approx(145e9, rel=0.1)


@pytest.mark.parametrize(
    ("shape", "accelerators", "nodes", "gigabytes"),
    [(EIGHT_B, 8, 1, 16), (THIRTY_FIVE_B, 8, 1, 70), (THIRTY_FIVE_B, 8, 2, 35)],
)
def test_the_state_is_shared_out(shape: ModelShape, accelerators: int, nodes: int, gigabytes: float) -> None:
    assert memory(shape, accelerators, nodes=nodes).state == pytest.approx(gigabytes * 1e9, rel=0.1)


def test_sharding_over_a_node_keeps_a_copy_on_each() -> None:
    placement = Placement(accelerator="h100", accelerators_per_node=8, nodes=2, sharding="node")
    assert placement.shards == 8
    assert placement.model_copy(update={"sharding": "all"}).shards == 16


def test_an_adapter_is_small_and_its_base_is_frozen() -> None:
    lora = memory(EIGHT_B, 1, model={"method": "lora"})
    # rank 16 on all linear layers of Llama 3.1 8B are 41.9 million parameters, as peft counts them
    assert lora.state == 16 * 41_943_040
    assert lora.frozen == 2 * EIGHT_B.parameters
    attention = memory(EIGHT_B, 1, model={"method": "lora", "lora": {"target_modules": ("q_proj", "v_proj")}})
    assert attention.state == 16 * 6_815_744
    assert lora.total < 32e9


def test_activations_are_recomputed_only_where_they_would_not_fit() -> None:
    held = memory(EIGHT_B, 8, max_tokens=512, activation_checkpointing="never")
    comfortable = math.ceil(held.total / COMFORTABLE)
    assert not memory(EIGHT_B, 8, room=comfortable, max_tokens=512).checkpointing
    again = memory(EIGHT_B, 8, room=comfortable - 2, max_tokens=512)
    assert again.checkpointing
    assert again.activations < held.activations / 5
    assert memory(EIGHT_B, 8, room=10**15, activation_checkpointing="always").checkpointing
    assert memory(EIGHT_B, 8, room=None).checkpointing  # not known whether it would fit


def test_a_long_row_goes_alone() -> None:
    training = Training(epochs=1, max_tokens=30_000)
    assert tokens_at_once(training, Placement(accelerator="h100")) == 30_000
    assert tokens_at_once(training.model_copy(update={"max_tokens": 4096}), Placement(accelerator="h100")) == 16_384
    few = Training(epochs=1, max_tokens=100, batch_size=16)
    assert tokens_at_once(few, Placement(accelerator="h100", accelerators_per_node=8)) == 200  # a share of the batch


def _text(more: str = "", placement: str = "{accelerator: h100}") -> str:
    """A study of one 8B model, with `more` said of it."""
    shape = "layers: 32, hidden_size: 4096, intermediate_size: 14336, heads: 32, key_value_heads: 8, head_dim: 128"
    source = "{rows: 1000}"
    return f"""
name: large
models: [{{name: own, path: org/own, revision: {"ab" * 20}, parameters: 8030261248{more}}}]
tasks: {{math: {{train: {source}, test: {source}, prompt: "{{question}}", metrics: [math_answer]}}}}
languages: {{train: [es], evaluate: [en, es]}}
mixtures: [{{english_samples: 100, samples_per_language: [0, 10]}}]
training: {{epochs: 1, max_tokens: 4096, precision: bfloat16}}
resources:
  training: {placement}
  evaluation: {{accelerator: h100, memory: 64Gi}}
  speeds: {{h100: 4.0e14, cpu-thread: 2.0e10}}
  accelerator_memory: {{h100: 80GB}}
""".replace("SHAPE", f"{{{shape}, vocabulary: 128256}}")


def _study(more: str = "", placement: str = "{accelerator: h100}") -> Study:
    return load_study(_text(more, placement))


def _plan(study: Study) -> Plan:
    return make_plan(declared_record(study))


SHAPED = ", shape: SHAPE"


def test_what_cannot_fit_is_refused_with_what_would() -> None:
    plan = _plan(_study(SHAPED))
    with pytest.raises(StudyError) as error:
        check_memory(plan.memory)
    message = str(error.value)
    assert message.startswith("resources.training: the training of own needs 142.4 GB on each of 1 x h100")
    assert "which has 80.0 GB (state 128.5 GB" in message
    assert message.endswith("what would fit: accelerators_per_node: 2; or models.own.method: lora")
    two = _plan(_study(SHAPED, "{accelerator: h100, accelerators_per_node: 2, memory: 256Gi}"))
    check_memory(two.memory, on_cluster=True)


@pytest.mark.parametrize(
    ("room", "placement", "expected"),
    [
        ("45GB", "accelerators_per_node: 4", "training.micro_batch_tokens: 8192; or accelerators_per_node: 8; or"),
        ("24GB", "accelerators_per_node: 8", "accelerators_per_node: 8, nodes: 2; or models.own.method: lora"),
        ("34GB", "accelerators_per_node: 4, nodes: 2, sharding: node", "sharding: all; or accelerators_per_node: 8"),
    ],
)
def test_each_way_out_is_one_that_fits(room: str, placement: str, expected: str) -> None:
    text = _text(SHAPED, f"{{accelerator: h100, {placement}}}").replace("80GB", room)
    training = _plan(load_study(text)).memory[0]
    assert training.exceeds_accelerator
    assert "; or ".join(training.would_fit).startswith(expected)


def test_what_nothing_helps_says_so() -> None:
    (fit, _) = _plan(load_study(_text(SHAPED).replace("80GB", "1GB"))).memory
    assert fit.would_fit == ()
    with pytest.raises(StudyError, match=r"what would fit: a smaller training\.max_tokens, larger accelerators"):
        check_memory([fit])


def test_the_field_is_the_models_own_where_it_has_one() -> None:
    own = SHAPED + ", resources: {training: {accelerator: h100, nodes: 1}}"
    with pytest.raises(StudyError, match=r"^models\.own\.resources\.training: .* on each of 1 x h100"):
        check_memory(_plan(_study(own)).memory)


def test_pods_memory_counts_on_a_cluster_alone() -> None:
    study = _study(SHAPED, "{accelerator: h100, accelerators_per_node: 8, memory: 32Gi}")
    plan = _plan(study)
    check_memory(plan.memory)
    assert any("on a cluster it is refused" in note for note in plan.notes)
    with pytest.raises(StudyError, match=r"resources\.training\.memory: got 34\.4 GB, .* what would fit: 144Gi"):
        check_declared_memory(study)
    check_declared_memory(_study(SHAPED, "{accelerator: h100, accelerators_per_node: 8, memory: 144Gi}"))


def test_an_evaluation_is_refused_for_one_row_and_noted_for_a_batch() -> None:
    plan = _plan(_study(SHAPED, "{accelerator: h100, accelerators_per_node: 8, memory: 256Gi}"))
    check_memory(plan.memory)
    fit = plan.memory[1]
    assert (fit.kind, fit.checkpointing) == ("evaluation", None)
    assert fit.least is not None and fit.least == pytest.approx(2 * 8.03e9 + 2e9, rel=0.1)
    assert fit.needed is not None and fit.needed > fit.least + 32 * 4096 * 2 * 2 * 32 * 8 * 128  # keys and values


def test_an_unknown_shape_is_said_and_refuses_nothing() -> None:
    plan = _plan(_study())
    check_memory(plan.memory, on_cluster=True)
    assert [fit.needed for fit in plan.memory] == [None, None]
    assert any("models.own: how much memory it takes is not known: give models.own.shape" in n for n in plan.notes)


def test_an_accelerator_of_unknown_size_is_said_and_refuses_nothing() -> None:
    study = _study(SHAPED)
    study = study.model_copy(update={"resources": study.resources.model_copy(update={"accelerator_memory": {}})})
    plan = _plan(study)
    check_memory(plan.memory)
    assert any(note.startswith("resources.accelerator_memory: not given for h100") for note in plan.notes)


def test_the_trainer_decides_as_the_plan_says() -> None:
    for text, placement in ((SHAPED, "{accelerator: h100}"), (SHAPED, "{accelerator: cpu-thread}")):
        study = _study(text, placement)
        record = declared_record(study)
        fit = make_plan(record).memory[0]
        assert checkpoints_activations(study, record.facts.models["own"], "own") is fit.checkpointing
    unknown = ModelFacts(identity="own", parameters=10, bytes=20)
    assert checkpoints_activations(_study(), unknown, "own")
    assert not checkpoints_activations(_study("", "{accelerator: cpu-thread}"), unknown, "own")


@pytest.mark.parametrize(
    "path", sorted(STUDIES.glob("[pr]*/*_*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_the_shipped_studies_fit_what_they_name(path: Path) -> None:
    study = load_study(path)
    plan = _plan(study)
    assert all(fit.needed is not None and fit.room == ROOM for fit in plan.memory)
    assert not any(fit.may_exceed for fit in plan.memory)
    check_memory(plan.memory, on_cluster=True)
    halved = dict.fromkeys(study.resources.accelerator_memory, "24GB")
    small = study.resources.model_copy(update={"accelerator_memory": halved})
    with pytest.raises(StudyError, match="what would fit: "):
        check_memory(_plan(study.model_copy(update={"resources": small})).memory)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("parameters: 8030261248", "parameters: 1030261248", r"models\[0\]\.shape: layers of such a shape have"),
        ("{h100: 80GB}", "{h200: 80GB}", "accelerator_memory.h200: got 'h200', expected"),
        ("{h100: 80GB}", "{h100: 80Gigs}", "got '80Gigs', expected a size such as '500GB'"),
    ],
)
def test_what_contradicts_itself_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        load_study(_text(SHAPED).replace(old, new))
