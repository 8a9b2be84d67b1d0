"""Measure the public board against a bare page of 20 rows of the same stack.

    python -m benchmarks.jobs_page [--openings 100000] [--requests 60]

Both pages go through the whole application in this process: guard, session, headers, database,
template. The bare page selects 20 openings through the ORM and draws a plain table in the site's
frame. Read the ratios: a ratio of 50 % is half the bare page's throughput.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string
from sqlalchemy import insert, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from benchmarks.table import Row, growth, print_table
from matchboard import create_app
from matchboard.domain.catalogues import divisions, occupations
from matchboard.domain.client import EmploymentType, Shift
from matchboard.domain.organisation import PartnerState, UnitKind
from matchboard.domain.roles import Permission
from matchboard.domain.vacancy import VacancySource, VacancyState, Visibility
from matchboard.extensions import db
from matchboard.models import Partner, Unit, Vacancy, VacancyEvent

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
N_PARTNERS = 300
GOAL = 50.0
BARE = """{% extends "base.html" %}{% block heading %}Bare{% endblock %}{% block content %}
<table><tbody>{% for row in rows %}<tr><td><a href="/jobs/{{ row.pid }}">{{ row.title }}</a></td>
<td>{{ row.division_code }}</td><td>{{ row.wage_min_cny_month }}</td><td>{{ row.open_on }}</td></tr>
{% endfor %}</tbody></table>{% endblock %}"""
PAGES = {
    "plain": "/jobs",
    "page 2": "/jobs?page=2",
    "sorted by wage": "/jobs?sort=wage",
    "trade and lodging": "/jobs?trade=machining&lodging=1",
    "wage and type": "/jobs?wage=6000&type=full_time",
    "text": "/jobs?q=%E5%8F%B8%E6%9C%BA",
    "text found nowhere": "/jobs?q=%E5%AE%87%E8%88%AA%E5%91%98",
    "20 km, by distance": "/jobs?division=330402&radius=20&sort=distance",
    "200 km, by distance": "/jobs?division=330402&radius=200&sort=distance",
    "page 1000": "/jobs?page=1000",
}
SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "benchmark-only-secret-key-0123456789",
    "SECURITY_PASSWORD_SALT": "benchmark-only-salt",
    "ENCRYPTION_KEY": "dGVzdHMtb25seS1rZXktdGVzdHMtb25seS1rZXktMDE=",
    "LOOKUP_KEY": "benchmark-only-lookup-key",
    "RATELIMIT_STORAGE_URI": "memory://",
    "RATELIMIT_ENABLED": False,
    "SESSION_COOKIE_SECURE": False,
    "HSTS": False,
    "DEMO": False,
    "BASE_URL": "",
    "HUEY_URL": "",
    "PERMANENT_SESSION_LIFETIME": timedelta(minutes=30),
    "CLOCK": lambda: NOW,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the database, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openings", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--requests", type=int, default=60)
    options = parser.parse_args(arguments)
    rows = [row for size in options.openings for row in _measure_size(size, options.requests)]
    print_table("Public board against a bare page of 20 rows", rows + growth(rows))


def _measure_size(size: int, n_requests: int) -> list[Row]:
    """Build a board of `size` openings, measure its pages, throw it away."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_application(Path(folder))
        with app.app_context():
            db.create_all()
            fill(size)
        rows = _measure(app, size, n_requests)
        with app.app_context():
            db.engine.dispose()
    return rows


def make_application(folder: Path) -> Flask:
    """Return the application on the database in the folder, with the bare page."""
    queue = {"QUEUE_FILE": str(folder / "queue.sqlite3")}
    database = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'board.sqlite3'}"}
    app = create_app({**SETTINGS, **queue, **database})

    def bare() -> str:
        query = (
            select(Vacancy)
            .where(Vacancy.state == VacancyState.OPEN, Vacancy.visibility == Visibility.PUBLIC)
            .order_by(Vacancy.open_on.desc(), Vacancy.id.desc())
            .limit(20)
        )
        return render_template_string(BARE, rows=db.session.scalars(query).all())

    bare.permission = Permission.PUBLIC  # type: ignore[attr-defined]
    app.add_url_rule("/bare", "bare", bare)
    return app


def fill(n_openings: int) -> None:
    """Write partners and so many openings."""
    draws = random.Random(11)
    times = {"created_at": NOW, "updated_at": NOW}
    units = [
        {"id": i, "kind": UnitKind.PARTNER, "name": f"企业{i}", "created_at": NOW}
        for i in range(1, N_PARTNERS + 1)
    ]
    firms = [
        {
            "id": i,
            "unit_id": i,
            "name": f"企业{i}",
            "uscc": f"{i:018d}",
            "state": PartnerState.SUSPENDED if i % 20 == 0 else PartnerState.ACTIVE,
            "version": 1,
            **times,
        }
        for i in range(1, N_PARTNERS + 1)
    ]
    db.session.execute(insert(Unit), units)
    db.session.execute(insert(Partner), firms)
    places = [d for d in divisions() if d.lat is not None and d.code[:2] in {"33", "32", "31"}]
    jobs = [one for one in occupations() if one.level == 4 and one.code[0] in "456"]
    for start in range(0, n_openings, 5000):
        count = min(5000, n_openings - start)
        rows = [_opening(draws, draws.choice(places), draws.choice(jobs)) for _ in range(count)]
        db.session.execute(insert(Vacancy), [{**row, **times} for row in rows])
    db.session.execute(
        insert(VacancyEvent),
        [
            {
                "vacancy_id": 1,
                "at": NOW,
                "actor_role": "system",
                "name": "create",
                "to_state": "open",
            }
        ],
    )
    db.session.commit()


def _opening(draws: random.Random, place: Any, job: Any) -> dict[str, Any]:
    low = draws.randrange(25, 90) * 100
    open_on = TODAY - timedelta(days=draws.randrange(90))
    return {
        "source": VacancySource.PARTNER,
        "partner_id": draws.randrange(1, N_PARTNERS + 1),
        "state": VacancyState.OPEN if draws.random() < 0.95 else VacancyState.CLOSED,
        "visibility": Visibility.PUBLIC if draws.random() < 0.95 else Visibility.OFFICERS,
        "title": f"{job.aliases[0] if job.aliases else job.name}{draws.randrange(90)}"[:120],
        "occupation_code": job.code,
        "duties": "负责设备操作与日常维护，服从班组安排，保证质量和安全。" * 3,
        "conditions": "身体健康，能适应倒班。",
        "division_code": place.code,
        "lat": place.lat + draws.gauss(0, 0.05),
        "lon": place.lon + draws.gauss(0, 0.05),
        "wage_min_cny_month": low,
        "wage_max_cny_month": low + draws.randrange(0, 30) * 100,
        "employment_type": draws.choice(list(EmploymentType)),
        "shift": draws.choice([None, *Shift]),
        "lodging_provided": draws.choice([True, False, None]),
        "headcount": draws.randrange(1, 9),
        "open_on": open_on,
        "close_on": open_on + timedelta(days=90 + draws.randrange(60)),
        "deposit_free": True,
    }


def _measure(app: Flask, size: int, n_requests: int) -> list[Row]:
    """Interleave the pages with the bare one, so that both meet the same machine."""
    rows = []
    for name, path in PAGES.items():
        first = _seconds(app, path)
        bare, page = [], []
        _seconds(app, "/bare")
        for _ in range(n_requests):
            bare.append(_seconds(app, "/bare"))
            page.append(_seconds(app, path))
        ratio = 100 * statistics.median(bare) / statistics.median(page)
        rows += [
            Row(size, f"{name}: throughput of the bare page", ratio, "%", f">= {GOAL:.0f}"),
            Row(size, f"{name}: page", 1000 * statistics.median(page), "ms", ""),
            Row(size, f"{name}: first time after a change", 1000 * first, "ms", ""),
        ]
        if name == "plain":
            rows.insert(0, Row(size, "bare page", 1000 * statistics.median(bare), "ms", ""))
    return rows


def _seconds(app: Flask, path: str) -> float:
    environ = EnvironBuilder(path).get_environ()
    started = time.perf_counter()
    body, status, _headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    content = b"".join(body)
    taken = time.perf_counter() - started
    assert status.startswith("200"), (path, status, content[:300])
    return taken


if __name__ == "__main__":
    main()
