"""A small study that can be planned without data."""

from tests.declared_study import record_of, study, text

__all__ = ["record_of", "study", "text"]
