"""The plan step: a study becomes a record in the store, after everything that can be checked without training was."""

from clt.planning.gone_weights import check_gone_weights
from clt.planning.memory_check import check_memory
from clt.planning.model_inspection import inspect_model
from clt.planning.planner import check_limits, make_plan
from clt.store import Store, publish_record
from clt.study import FORMATS, Study, StudyRecord, expand, require_commits


def plan_study(
    store: Store, study: Study, *, text: str = "", repeat: str = "", on_cluster: bool = False
) -> StudyRecord:
    """Inspect models and sources, expand the grid, publish the record; again for the same study changes nothing.

    Args:
        store: Where the record goes, at `studies/STUDY_KEY`.
        study: With resolved paths.
        text: The study file as written, kept beside the record.
        repeat: Part of every cell's identity: the same cells again on purpose.
        on_cluster: Whether its steps will be pods, whose memory then has to suffice.

    Returns:
        The record that every later step reads.

    Raises:
        DataError: A source that cannot be used.
        StudyError: A model that cannot be used, a revision that can move, a study that exceeds its own limits or the
            memory of its accelerators, or one that wants weights that were pruned and cannot be made again bit by bit.
    """
    from clt.data import inspect_sources

    require_commits(study)
    grid = expand(study, repeat)
    models = {model.name: inspect_model(model, store) for model in study.models}
    facts = inspect_sources(study, grid, store).model_copy(update={"models": models})
    record = StudyRecord(study=study, facts=facts, grid=grid, repeat=repeat, formats=FORMATS)
    plan = make_plan(record)
    check_limits(plan)
    check_memory(plan.memory, on_cluster=on_cluster)
    check_gone_weights(store, record)
    publish_record(store, record, text)
    return record
