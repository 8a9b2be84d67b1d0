"""Roles, actors and the permission each role holds (PRODUCT.md, "Users")."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who acts. The last seven of the nine user kinds sign in with an account."""

    VISITOR = "visitor"
    CLIENT = "client"
    OFFICER = "officer"
    ENTERPRISE = "enterprise"
    COORDINATOR = "coordinator"
    DISTRICT = "district"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    SYSTEM = "system"  # the daily tick and other machinery; nobody signs in as it


ACCOUNT_ROLES = (
    Role.OFFICER,
    Role.ENTERPRISE,
    Role.COORDINATOR,
    Role.DISTRICT,
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, as services see it: no session, no request."""

    role: Role
    user_id: int | None = None
    unit_id: int | None = None
    client_id: int | None = None


SYSTEM = Actor(role=Role.SYSTEM)
VISITOR = Actor(role=Role.VISITOR)


class Permission(StrEnum):
    """What an endpoint needs, as `subject:action`."""

    PUBLIC = "public:read"  # openings and courses anyone may see
    ACCOUNT_OWN = "account:own"  # own account, signing out
    LINK_OWN = "link:own"  # the personal link /me/<token>: the token is the right
    TODAY_READ = "today:read"
    SEARCH = "search:read"
    CLIENT_READ = "client:read"
    CLIENT_WRITE = "client:write"
    RESTRICTED_READ = "restricted:read"
    RESTRICTED_WRITE = "restricted:write"
    MATCH_READ = "match:read"
    PLACEMENT_READ = "placement:read"
    PLACEMENT_PROPOSE = "placement:propose"
    PLACEMENT_WRITE = "placement:write"
    VACANCY_READ = "vacancy:read"
    VACANCY_WRITE = "vacancy:write"
    VACANCY_REVIEW = "vacancy:review"
    PARTNER_READ = "partner:read"
    PARTNER_WRITE = "partner:write"
    REFERRAL_OWN = "referral:own"  # employer's inbox
    VACANCY_OWN = "vacancy:own"  # employer's own openings
    COURSE_WRITE = "course:write"
    ENROLMENT_WRITE = "enrolment:write"
    COURSE_RECOMMEND = "course:recommend"
    DASHBOARD_READ = "dashboard:read"
    POLICY_WRITE = "policy:write"
    RANKING_STEER = "ranking:steer"  # train, promote and roll back the ranking model
    TASK_READ = "task:read"
    ACCOUNTS_ADMIN = "accounts:admin"
    SETTINGS_ADMIN = "settings:admin"
    AUDIT_READ = "audit:read"


P = Permission
_EVERYONE = frozenset({P.PUBLIC, P.LINK_OWN})
_SIGNED_IN = _EVERYONE | {P.ACCOUNT_OWN}
_STAFF = _SIGNED_IN | {
    P.SEARCH,
    P.TODAY_READ,
    P.CLIENT_READ,
    P.CLIENT_WRITE,
    P.RESTRICTED_READ,
    P.RESTRICTED_WRITE,
    P.MATCH_READ,
    P.PLACEMENT_READ,
    P.PLACEMENT_PROPOSE,
    P.VACANCY_READ,
    P.VACANCY_WRITE,
    P.PARTNER_READ,
    P.COURSE_RECOMMEND,
    P.TASK_READ,
}

#: The whole of who may do what. Administrators hold no business permission (三员分立).
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VISITOR: _EVERYONE,
    Role.CLIENT: _EVERYONE,
    Role.OFFICER: _STAFF | {P.PLACEMENT_WRITE},
    Role.DISTRICT: _STAFF
    | {
        P.VACANCY_REVIEW,
        P.PARTNER_WRITE,
        P.DASHBOARD_READ,
        P.POLICY_WRITE,
        P.COURSE_WRITE,
        P.RANKING_STEER,
    },
    Role.ENTERPRISE: _SIGNED_IN | {P.REFERRAL_OWN, P.VACANCY_OWN},
    Role.COORDINATOR: _SIGNED_IN | {P.COURSE_WRITE, P.ENROLMENT_WRITE},
    Role.SYSTEM_ADMIN: _SIGNED_IN | {P.ACCOUNTS_ADMIN},
    Role.SECURITY_ADMIN: _SIGNED_IN | {P.SETTINGS_ADMIN},
    Role.AUDIT_ADMIN: _SIGNED_IN | {P.AUDIT_READ},
    Role.SYSTEM: frozenset({P.RANKING_STEER}),  # the `matchboard model` command
}


def is_granted(role: Role, permission: Permission) -> bool:
    """Return whether `role` holds `permission`."""
    return permission in GRANTS[role]
