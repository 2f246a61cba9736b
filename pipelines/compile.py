"""The pipeline as a file for Kubeflow's upload form; the same file serves every study."""

from pathlib import Path

from clt.errors import UserError
from clt.pipelines.compile_options import CompileOptions, check_options, not_by_digest


def compile_pipeline(
    output: Path, options: CompileOptions | None = None, *, statistics_only: bool = False
) -> list[str]:
    """Write the compiled pipeline; the same file serves every study.

    Args:
        output: Where it goes; its name ends in .yaml or .yml.
        options: What the cluster has; None for the defaults.
        statistics_only: The small pipeline of a study in several runs, which waits for them and computes the
            statistics.

    Returns:
        What the user should know, a sentence each.

    Raises:
        UserError: An option or the file's name would be refused by a cluster.
    """
    from kfp.compiler import Compiler

    from clt.pipelines.pods import left_out
    from clt.pipelines.study_statistics import define_study_statistics
    from clt.pipelines.transfer_study import define_transfer_study

    chosen = check_options(options or CompileOptions())
    define = define_study_statistics if statistics_only else define_transfer_study
    if statistics_only and chosen.baseline:
        raise UserError(
            "--baseline with --statistics-only: expected one of them; a baseline's study is a few cells, which one run "
            "holds"
        )
    if output.suffix not in (".yaml", ".yml"):
        raise UserError(f"-o {output}: expected a name that ends in .yaml, as Kubeflow wants it")
    output.parent.mkdir(parents=True, exist_ok=True)
    Compiler().compile(define(chosen), str(output))
    return [
        *_mode(chosen, statistics_only),
        *(
            f"image {image} is not named by digest: what it is may change under the pipeline; expected NAME@sha256:..."
            for image in not_by_digest(chosen)
        ),
        *left_out(chosen),
    ]


def _mode(options: CompileOptions, statistics_only: bool) -> list[str]:
    """Where training and evaluation will run, if that may surprise."""
    if options.gpu_image or statistics_only:
        return []
    return [
        f"no --gpu-image: training and evaluation run in the pipeline's own pods on {options.pipeline_image}, which "
        "needs torch, and not as jobs with the resources that the study gives each model"
    ]
