"""Immutable reference catalogues, read once per process from the packaged files."""

from matchboard.domain.catalogues.divisions import (
    Division,
    DivisionCatalogue,
    DivisionLevel,
    Resolution,
    division_prefix,
    divisions,
    resolve_division,
)
from matchboard.domain.catalogues.geography import distance_km
from matchboard.domain.catalogues.minimum_wages import (
    MinimumWage,
    lowest_minimum_wage,
    minimum_wage,
)
from matchboard.domain.catalogues.occupations import Occupation, OccupationCatalogue, occupations
from matchboard.domain.catalogues.skills import Skill, SkillCatalogue, SkillKind, skills

__all__ = [
    "Division",
    "DivisionCatalogue",
    "DivisionLevel",
    "MinimumWage",
    "Occupation",
    "OccupationCatalogue",
    "Resolution",
    "Skill",
    "SkillCatalogue",
    "SkillKind",
    "distance_km",
    "division_prefix",
    "divisions",
    "lowest_minimum_wage",
    "minimum_wage",
    "occupations",
    "resolve_division",
    "skills",
]
