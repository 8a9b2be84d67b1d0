"""What a step was refused for, by field: the question asked again shows it where it is typed."""

from __future__ import annotations

from matchboard.domain.errors import DomainError, InvalidInput, problems_of
from matchboard.labels import error_text


def faults_of(error: DomainError | None) -> dict[str, str]:
    """Return sentence by field name; what is wrong with no field in particular is left out."""
    if not isinstance(error, InvalidInput):
        return {}
    return {one.field: error_text(one) for one in problems_of(error) if one.field}
