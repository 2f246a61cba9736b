"""The Kubeflow pipeline, one for all studies:

    cleanup after [ plan -> fetch
        -> require_complete after [ statistics after [ for each cell: mix -> train -> evaluate ] ] ]

Components take keys; data travels through the store. A back end runs a task although others failed only as the exit
hook of one task, a task has one such hook, and nothing can wait for a hook. So what has to run after failures stands
behind a sub-pipeline of its own: the loop is in `cells`, `cells` and the statistics in `measure`; in a pipeline that is
compiled for recurring baselines, `measure` and the verdict are in `watched`. KFP's cache is off:
its key ignores the content of images and of the store, and complete steps return at once anyway.
"""

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

from clt.cluster import ALL_CELLS, NO_REPEAT
from clt.components.baseline import baseline
from clt.components.cleanup import cleanup
from clt.components.evaluate import evaluate
from clt.components.fetch import fetch
from clt.components.mix import mix
from clt.components.plan import plan
from clt.components.require_complete import require_complete
from clt.components.statistics import statistics
from clt.components.train import train
from clt.pipelines.compile_options import CompileOptions
from clt.pipelines.pods import BASELINE, CLEANUP, FETCH, LAUNCH, MIX, PLAN, REQUIRE, STATISTICS, TRAIN_HERE, configure

# By the run's id, tasks that run after failures find what the plan decided: an exit task may depend on no other task,
# and the output of a plan that failed is an error for whoever asks for it. Jobs carry it, too.
RUN = dsl.PIPELINE_JOB_ID_PLACEHOLDER


def define_transfer_study(options: CompileOptions | None = None) -> BaseComponent:
    """The pipeline for one cluster.

    Args:
        options: What the cluster has; None for the defaults.

    Returns:
        The pipeline, to be compiled or called.
    """
    chosen = options or CompileOptions()
    measure = _define_watched(chosen) if chosen.baseline else _define_measure(chosen)

    @dsl.pipeline(
        name="transfer-study",
        description="Measure cross-lingual transfer: train a grid of mixtures, evaluate every language, compare.",
    )
    def transfer_study(
        study_yaml_or_uri: str, store_uri: str, shard_of_cells: str = ALL_CELLS, repeat_label: str = NO_REPEAT
    ) -> None:
        """Run a study, or one shard of it.

        Args:
            study_yaml_or_uri: s3://BUCKET/PATH/study.yaml, the path of a study file that the pods can read, or inline
                YAML (up to 8,000 bytes).
            store_uri: The store that all runs of the study share: s3://BUCKET/PREFIX.
            shard_of_cells: Which part of the cells, as K/N. A run holds at most 24 cells.
            repeat_label: `none`; any other text to run the same cells again on purpose; `run` for the run's own id, as
                in a recurring run.
        """
        exit_task = configure(cleanup(store=store_uri, run=RUN), CLEANUP, chosen)
        with dsl.ExitHandler(exit_task, name="study"):
            planned = configure(
                plan(study=study_yaml_or_uri, store=store_uri, shard=shard_of_cells, repeat=repeat_label, run=RUN),
                PLAN,
                chosen,
            )
            study_key = planned.outputs["study_key"]
            fetched = configure(fetch(store=store_uri, study_key=study_key, run=RUN), FETCH, chosen)
            measured = measure(store=store_uri, study_key=study_key, cell_keys=planned.outputs["cells"])
            measured.set_caching_options(False).after(fetched)
            required = configure(require_complete(store=store_uri, run=RUN), REQUIRE, chosen)
            required.after(measured).ignore_upstream_failure()

    return transfer_study


def _define_measure(chosen: CompileOptions) -> BaseComponent:
    job = LAUNCH if chosen.gpu_image else TRAIN_HERE

    @dsl.pipeline(name="cells", description="Each cell for itself: mix, train, evaluate.")
    def run_cells(store: str, study_key: str, cell_keys: list[str]) -> None:
        # No `name=`: Kubeflow's page looks a loop up by its key, and finds none that has another name.
        with dsl.ParallelFor(cell_keys, parallelism=chosen.parallelism) as cell_key:
            mixed = configure(mix(store=store, study_key=study_key, cell_key=cell_key, run=RUN), MIX, chosen)
            trained = configure(train(store=store, study_key=study_key, cell_key=cell_key, run=RUN), job, chosen)
            scored = configure(evaluate(store=store, study_key=study_key, cell_key=cell_key, run=RUN), job, chosen)
            trained.after(mixed)
            scored.after(trained)

    @dsl.pipeline(name="measure", description="The cells, then the statistics, also of what is left after failures.")
    def measure(store: str, study_key: str, cell_keys: list[str]) -> None:
        cells = run_cells(store=store, study_key=study_key, cell_keys=cell_keys).set_caching_options(False)
        computed = configure(statistics(store=store, run=RUN), STATISTICS, chosen)
        computed.after(cells).ignore_upstream_failure()

    return measure


def _define_watched(chosen: CompileOptions) -> BaseComponent:
    measure = _define_measure(chosen)

    @dsl.pipeline(name="watched", description="The cells and their statistics, then the verdict on the baseline.")
    def watched(store: str, study_key: str, cell_keys: list[str]) -> None:
        measured = measure(store=store, study_key=study_key, cell_keys=cell_keys).set_caching_options(False)
        judged = configure(baseline(store=store, run=RUN), BASELINE, chosen)
        judged.after(measured).ignore_upstream_failure()

    return watched
