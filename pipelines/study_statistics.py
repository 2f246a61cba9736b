"""The last run of a study that is split over several: wait for the others, then the statistics of the whole study."""

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

from clt.cluster import NO_REPEAT
from clt.components.await_runs import await_runs
from clt.components.statistics import statistics
from clt.pipelines.compile_options import CompileOptions
from clt.pipelines.pods import STATISTICS, WAIT, configure
from clt.pipelines.transfer_study import RUN


def define_study_statistics(options: CompileOptions | None = None) -> BaseComponent:
    """The pipeline for one cluster.

    Args:
        options: What the cluster has; None for the defaults.

    Returns:
        The pipeline, to be compiled or called.
    """
    chosen = options or CompileOptions()

    @dsl.pipeline(
        name="transfer-statistics",
        description="Wait for the runs of a study that is split into shards, then compute its statistics.",
    )
    def study_statistics(study: str, store: str, repeat: str = NO_REPEAT) -> None:
        """Compute the statistics of a study when the runs of its shards have ended; fails if cells have no scores.

        Args:
            study: As in the runs of the shards: a path, s3://BUCKET/PATH/study.yaml, or inline YAML.
            store: As in the runs of the shards.
            repeat: As in the runs of the shards.
        """
        waited = configure(await_runs(study=study, store=store, repeat=repeat, run=RUN), WAIT, chosen)
        configure(statistics(store=store, run=RUN), STATISTICS, chosen).after(waited)

    return study_statistics
