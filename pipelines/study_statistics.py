"""The last run of a study that is split over several: wait for the others, then the statistics of the whole study."""

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

from clt.cluster import NO_REPEAT
from clt.components.await_runs import await_runs
from clt.components.require_complete import require_complete
from clt.components.statistics import statistics
from clt.pipelines.compile_options import CompileOptions
from clt.pipelines.pods import REQUIRE, STATISTICS, WAIT, configure
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
    def study_statistics(study_yaml_or_uri: str, store_uri: str, repeat_label: str = NO_REPEAT) -> None:
        """Compute the statistics of a study when the runs of its shards have ended; fails if cells have no scores.

        Args:
            study_yaml_or_uri: As in the runs of the shards: s3://BUCKET/PATH/study.yaml, a path, or inline YAML.
            store_uri: As in the runs of the shards.
            repeat_label: As in the runs of the shards.
        """
        waited = configure(
            await_runs(study=study_yaml_or_uri, store=store_uri, repeat=repeat_label, run=RUN), WAIT, chosen
        )
        computed = configure(statistics(store=store_uri, run=RUN), STATISTICS, chosen).after(waited)
        configure(require_complete(store=store_uri, run=RUN), REQUIRE, chosen).after(computed)

    return study_statistics
