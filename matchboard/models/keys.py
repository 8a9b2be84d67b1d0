"""What proves that the keys of the environment are the ones the records were written with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchboard.extensions import db
from matchboard.models.types import UtcDateTime


class KeyProof(db.Model):
    """The one row written under both keys when the database was made: if it reads, they are right.

    Plain columns: a wrong key must be found out by asking, not by an error while loading.
    """

    __tablename__ = "key_proof"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    encrypted: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
