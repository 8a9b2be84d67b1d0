"""A form sent twice makes one record."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from matchboard.extensions import db
from matchboard.models import Submission
from matchboard.services import submissions, transaction
from tests.conftest import Clock
from tests.factories import NOW
from tests.integration.concurrency import run_at_once

N_PROCESSES = 16


def claim_once(key: str, number: int) -> str:
    """Claim as a request does: act, remember where it led, commit."""
    earlier = submissions.claim(key, now=NOW)
    if earlier is not None:
        return f"sent to {earlier}"
    submissions.remember(key, f"/things/{number}")
    transaction.commit()
    return "claimed"


def test_submission_is_claimed_once_when_sent_by_many_at_once(
    app: Flask, settings: dict[str, Any]
) -> None:
    arguments = [("the-key", number) for number in range(N_PROCESSES)]
    outcomes = run_at_once(claim_once, arguments, settings=settings)
    counts = Counter(o.value or o.error for o in outcomes)
    assert counts.pop("claimed") == 1
    location = db.session.scalars(select(Submission.location)).one()
    # Those who came second are sent to the first one's result, or lost the race for the key.
    assert set(counts) <= {f"sent to {location}", "IntegrityError"}
    assert counts.total() == N_PROCESSES - 1


def test_submission_leads_to_the_first_result_when_claimed_again(app: Flask, clock: Clock) -> None:
    assert submissions.claim("key", now=clock.now) is None
    submissions.remember("key", "/clients/abc")
    transaction.commit()
    assert submissions.claim("key", now=clock.now) == "/clients/abc"
    assert submissions.claim("another", now=clock.now) is None


def test_submission_keys_are_forgotten_when_nobody_can_send_them_again(
    app: Flask, clock: Clock
) -> None:
    submissions.claim("old", now=clock.now - submissions.KEEP - timedelta(seconds=1))
    submissions.claim("young", now=clock.now - submissions.KEEP)
    assert submissions.forget_old(now=clock.now) == 1
    transaction.commit()
    assert db.session.scalars(select(Submission.key)).all() == ["young"]
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 1
