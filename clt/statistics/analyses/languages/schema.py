"""What is known about the languages besides their scores, in statistics.json."""

from clt.statistics.values import Document, Estimate


class LanguageFacts(Document):
    """Covariates of one language; null where the source knows nothing about it."""

    code: str
    name: str
    script: str  # ISO 15924
    family: str | None
    resource_level: str | None  # as the source grades it: low-resource, medium-resource, high-resource
    distance_from_english: dict[str, float]  # kind (syntactic, phonological, ...) -> 0 to 1
    distance_from_training: dict[str, float]  # kind -> to the closest training language of the studies, itself excluded
    source: str  # of the facts, with licence


class CovariateEffect(Document):
    """How the languages' gains go with one covariate, over the languages of one task or curve."""

    study: str
    scope: str  # in words
    covariate: str
    measure: str  # what improved, from n = 0 to the largest n; more is better whatever the metric
    languages: int
    correlation: Estimate  # Spearman over languages, given their role where roles are mixed
    p: float | None  # from exchanging languages of the same role
    corrected_p: float | None
    correction: str
    answer: str  # rises, falls, not resolved, too few languages (no order could have been resolved), undefined


class LanguagesPart(Document):
    """The languages' part of statistics.json."""

    languages: list[LanguageFacts]
    covariates: list[CovariateEffect]
