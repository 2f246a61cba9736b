"""The contents of statistics.json from a table of scores."""

from clt.statistics.curve.document import base_document, curve_document
from clt.statistics.curve.findings import findings_of
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.printed_means import with_printed_means
from clt.statistics.evidence.comparisons import compare
from clt.statistics.evidence.conditions import find_conditions
from clt.statistics.evidence.covariates import covariate_effects
from clt.statistics.evidence.dynamics import dynamics, pooled_spearman
from clt.statistics.evidence.group_gains import group_gains
from clt.statistics.evidence.language_facts import language_facts
from clt.statistics.evidence.noise import noise_of, steps_inside
from clt.statistics.evidence.outliers import outliers
from clt.statistics.evidence.recommendation import Wanted, recommend
from clt.statistics.evidence.repeat_intervals import with_run_noise
from clt.statistics.evidence.repeats import find_repeats
from clt.statistics.evidence.transfer_matrix import transfer_matrices
from clt.statistics.evidence.variance import variances
from clt.statistics.provenance import provenance_of
from clt.statistics.schema import Statistics
from clt.statistics.scores.curve_data import CurveData, base_only, curves
from clt.statistics.scores.table import ScoreTable


def compute(table: ScoreTable, wanted: Wanted | None = None) -> Statistics:
    """Every measure of every curve of the table, with intervals, and the evidence across curves.

    `wanted` is what to recommend a mixture for. Equal tables give equal results but for provenance.
    """

    def is_main(data: CurveData) -> bool:
        return table.main_metrics.get(data.identity["task"]) == data.identity["metric"]

    every = list(curves(table.rows))
    main = [data for data in every if is_main(data)]
    repeats = find_repeats(every)
    measured = [with_printed_means(with_run_noise(measure(data), data, repeats), data) for data in every]
    documents = [
        curve_document(data, values, main_metric=is_main(data)) for data, values in zip(every, measured, strict=True)
    ]
    findings = [
        finding
        for data, values, curve in zip(every, measured, documents, strict=True)
        if curve.main_metric
        for finding in findings_of(curve, values, data)
    ]
    return Statistics(
        title=table.source,
        curves=documents,
        bases=[base_document(data, with_printed_means(measure(data), data)) for data in base_only(table.rows)],
        findings=findings,
        gains_by_group=group_gains(documents),
        recommendations=recommend(main, repeats, wanted or Wanted()),
        comparisons=compare(main, repeats),
        noise=noise_of(every, repeats),
        steps=steps_inside(main, repeats),
        outliers=outliers(every),
        variance=variances(main),
        transfer_matrix=transfer_matrices(main, repeats),
        conditions=find_conditions(main, documents, findings),
        dynamics=dynamics(table),
        dynamics_spearman=pooled_spearman(table),
        languages=language_facts(every),
        covariates=covariate_effects(main),
        claims=[],
        missing_cells=list(table.missing),
        provenance=provenance_of(table),
    )
