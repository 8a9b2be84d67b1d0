"""Words for roles and accounts."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.roles import Role

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    Role: {
        Role.VISITOR: _l("访客"),
        Role.CLIENT: _l("帮教对象"),
        Role.OFFICER: _l("司法所工作人员"),
        Role.ENTERPRISE: _l("爱心企业"),
        Role.COORDINATOR: _l("培训协调员"),
        Role.DISTRICT: _l("区安帮办"),
        Role.SYSTEM_ADMIN: _l("系统管理员"),
        Role.SECURITY_ADMIN: _l("安全管理员"),
        Role.AUDIT_ADMIN: _l("审计管理员"),
        Role.SYSTEM: _l("系统"),
    }
}
ERRORS: dict[str, LazyString] = {}
