"""Column types and mixins shared by the models."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Enum, String, Text, TypeDecorator
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from matchboard.crypto import decrypt, encrypt
from matchboard.domain.codes import UnknownCode
from matchboard.domain.pids import LENGTH, new_pid


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; stored without zone, in UTC, on both databases."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants and convert the rest to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant as aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class EncryptedText(TypeDecorator[str]):
    """Text encrypted at rest; it can be neither searched nor sorted."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt."""
        return None if value is None else encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt."""
        return None if value is None else decrypt(value)


class CodeType(Enum):
    """An enum's values as text; what an older or foreign database holds beside them is read, too.

    One row with a code nobody knows any more must not take a whole page with it.
    """

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return members, and `UnknownCode` for anything else."""
        read = super().result_processor(dialect, coltype)

        def member_of(value: Any) -> Any:
            try:
                return value if read is None else read(value)
            except LookupError:
                return UnknownCode(value)

        return member_of


def code_of(enum: type[StrEnum], name: str) -> Enum:
    """Return a column type holding the values of `enum`, guarded by a CHECK called `name`."""
    return CodeType(
        enum,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name,
        values_callable=lambda members: [m.value for m in members],
    )


class HasPid:
    """A public id: the only id that appears in addresses."""

    pid: Mapped[str] = mapped_column(String(LENGTH), unique=True, default=new_pid)


class Created:
    """When the row was made."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Versioned:
    """Optimistic locking: an update of an older version raises `StaleDataError`."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}
