"""The Kubeflow pipeline, one for all studies:

    cleanup after [ plan -> for each cell: (mix -> train -> evaluate) -> statistics ]

Components take keys; data travels through the store. The loop sits in a sub-pipeline because only then does a back end
run a task after a loop in which cells failed. KFP's cache is off: its key ignores the content of images and of the
store, and complete steps return at once anyway.
"""

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

from clt.cluster import NO_REPEAT
from clt.components.cleanup import cleanup
from clt.components.evaluate import evaluate
from clt.components.mix import mix
from clt.components.plan import plan
from clt.components.statistics import statistics
from clt.components.train import train
from clt.pipelines.compile_options import CompileOptions
from clt.pipelines.pods import CLEANUP, LAUNCH, MIX, PLAN, STATISTICS, TRAIN_HERE, configure

# By the run's id, tasks that run after failures find what the plan decided: an exit task may depend on no other task,
# and the output of a plan that failed is an error for whoever asks for it. Steps of cells know by it whether a try is
# the first one of their run, and jobs carry it.
RUN = dsl.PIPELINE_JOB_ID_PLACEHOLDER


def define_transfer_study(options: CompileOptions | None = None) -> BaseComponent:
    """The pipeline for one cluster.

    Args:
        options: What the cluster has; None for the defaults.

    Returns:
        The pipeline, to be compiled or called.
    """
    chosen = options or CompileOptions()
    job = LAUNCH if chosen.gpu_image else TRAIN_HERE

    @dsl.pipeline(name="cells", description="Each cell for itself: mix, train, evaluate.")
    def run_cells(store: str, study_key: str, cell_keys: list[str]) -> None:
        with dsl.ParallelFor(cell_keys, name="cell", parallelism=chosen.parallelism) as cell_key:
            mixed = configure(mix(store=store, study_key=study_key, cell_key=cell_key, run=RUN), MIX, chosen)
            trained = configure(train(store=store, study_key=study_key, cell_key=cell_key, run=RUN), job, chosen)
            scored = configure(evaluate(store=store, study_key=study_key, cell_key=cell_key, run=RUN), job, chosen)
            trained.after(mixed)
            scored.after(trained)

    @dsl.pipeline(
        name="transfer-study",
        description="Measure cross-lingual transfer: train a grid of mixtures, evaluate every language, compare.",
    )
    def transfer_study(study: str, store: str, shard: str = "1/1", repeat: str = NO_REPEAT) -> None:
        """Run a study, or one shard of it.

        Args:
            study: The path of a study file that the pods can read, s3://BUCKET/PATH/study.yaml, or inline YAML (up to
                8,000 bytes).
            store: The store that all runs of the study share: s3://BUCKET/PREFIX.
            shard: Which part of the cells, as K/N. A run holds at most 24 cells.
            repeat: `none`; any other text to run the same cells again on purpose; `run` for the run's own id, as in a
                recurring run.
        """
        exit_task = configure(cleanup(store=store, run=RUN), CLEANUP, chosen, retried=False)
        with dsl.ExitHandler(exit_task, name="study"):
            planned = configure(plan(study=study, store=store, shard=shard, repeat=repeat, run=RUN), PLAN, chosen)
            cells = run_cells(
                store=store, study_key=planned.outputs["study_key"], cell_keys=planned.outputs["cells"]
            ).set_caching_options(False)
            computed = configure(statistics(store=store, run=RUN), STATISTICS, chosen)
            computed.after(cells).ignore_upstream_failure()

    return transfer_study
