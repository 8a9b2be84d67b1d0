"""What was typed when the session ended comes back: to the same person, once, within a day."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import FormDraft, Unit, User
from matchboard.services import drafts
from matchboard.web import sessions
from tests.client import Page, QualityClient, query_of
from tests.conftest import Clock
from tests.factories import PASSWORD, DistrictFactory, UserFactory

FORM = "/admin/units/new"
TYPED = {
    "kind": "justice_office",
    "name": "南湖司法所",
    "name_en": "South Lake Justice Office",
    "address": "南湖路9号",
    "phone": "0573-1234567",
}
REFERER = {"Referer": f"http://localhost{FORM}"}


@pytest.fixture
def admin(app: Flask) -> User:
    DistrictFactory()
    user: User = UserFactory(email="admin@example.org", role=Role.SYSTEM_ADMIN, with_password=True)
    return user


def sign_in(client: QualityClient, email: str, path: str = "/login") -> Page:
    return client.submit(
        path, {"email": email, "password": PASSWORD}, form="#sign-in", follow=False, status=303
    )


def send_too_late(client: QualityClient, clock: Clock, **values: Any) -> Page:
    """Open the form, wait too long, send it; return the redirect to the sign-in page."""
    form = client.get_page(FORM).form(fields=TYPED)
    clock.move(hours=1)
    page = client.send(form, {**TYPED, **values}, status=303, follow=False)
    assert page.location.startswith("/login")
    return page


def values_of(page: Page) -> dict[str, str]:
    form = page.form(fields=TYPED)
    return {name: value for name, (value, *_) in form.values().items() if name in TYPED}


def n_drafts() -> int:
    return len(db.session.scalars(select(FormDraft)).all())


def test_draft_comes_back_when_the_same_person_signs_in(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    sign_in(client, admin.email)
    refused = send_too_late(client, clock)
    assert db.session.scalars(select(Unit.name).where(Unit.name == TYPED["name"])).all() == []
    back = sign_in(client, admin.email, refused.location)
    assert back.location.startswith(f"{FORM}?draft=")
    page = client.get_page(back.location)
    assert values_of(page) == TYPED
    assert page.has_text("您离开前填写的内容已经填回")
    page = client.send(page.form(fields=TYPED), status=200)
    assert page.path == "/admin/units"
    assert page.has_text(TYPED["name"])
    assert n_drafts() == 0
    assert values_of(client.get_page(back.location))["name"] == ""


def test_draft_is_kept_when_its_form_is_refused(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    sign_in(client, admin.email)
    refused = send_too_late(client, clock)
    back = sign_in(client, admin.email, refused.location)
    page = client.get_page(back.location)
    client.send(page.form(fields=TYPED), {"name": ""}, status=422)
    assert n_drafts() == 1


def test_draft_is_unreadable_when_someone_looks_into_the_database(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    sign_in(client, admin.email)
    send_too_late(client, clock)
    (stored,) = db.session.execute(text("SELECT path, fields FROM form_draft")).all()
    assert stored.path == FORM
    assert TYPED["phone"] not in stored.fields
    assert "name" not in stored.fields


@pytest.mark.usefixtures("on_one_database")
def test_draft_is_refused_when_another_person_signs_in(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    other = UserFactory(email="other@example.org", role=Role.SYSTEM_ADMIN, with_password=True)
    sign_in(client, admin.email)
    refused = send_too_late(client, clock)
    back = sign_in(client, other.email, refused.location)
    assert back.location == "/admin"
    token = query_of(query_of(refused.location)["next"])["draft"]
    page = client.get_page(f"{FORM}?draft={token}")
    assert values_of(page)["name"] == ""
    client.post(FORM, {"draft_token": token})
    assert n_drafts() == 1


@pytest.mark.usefixtures("on_one_database")
def test_draft_is_gone_when_a_day_has_passed(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    sign_in(client, admin.email)
    refused = send_too_late(client, clock)
    clock.move(hours=24)
    assert sign_in(client, admin.email, refused.location).location == "/admin"
    assert drafts.forget_old_drafts(now=clock.now) == 1
    assert n_drafts() == 0


@pytest.mark.usefixtures("on_one_database")
def test_nothing_is_kept_when_nobody_had_signed_in(client: QualityClient, admin: User) -> None:
    page = client.request("POST", FORM, data=TYPED, headers=REFERER)
    assert page.status == 303
    assert n_drafts() == 0


@pytest.mark.usefixtures("on_one_database")
def test_nothing_is_kept_when_the_person_had_signed_out(client: QualityClient, admin: User) -> None:
    sign_in(client, admin.email)
    client.submit("/account", form="form[action='/logout']")
    page = client.request("POST", FORM, data=TYPED, headers=REFERER)
    assert n_drafts() == 0
    assert client.get_page(page.location).has_text("刚才提交的内容没有保存")


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    "cookie",
    [pytest.param("x" * 64, id="unsigned"), pytest.param("eyJ.aaa.bbb", id="signed-by-others")],
)
def test_nothing_is_kept_when_the_cookie_is_forged(
    client: QualityClient, admin: User, cookie: str
) -> None:
    client.browser.set_cookie("matchboard_last", cookie)
    client.request("POST", FORM, data=TYPED, headers=REFERER)
    assert n_drafts() == 0
    with client.app.test_request_context():
        own = sessions._signer().dumps(admin.fs_uniquifier)
    client.browser.set_cookie("matchboard_last", own)
    client.request("POST", FORM, data=TYPED, headers=REFERER)
    assert n_drafts() == 1


@pytest.mark.usefixtures("on_one_database")
def test_nothing_is_kept_when_the_password_has_changed_since(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    sign_in(client, admin.email)
    admin.fs_uniquifier = "f" * 64
    client.request("POST", FORM, data=TYPED, headers=REFERER)
    assert n_drafts() == 0


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("values", "n_kept"),
    [
        pytest.param({"name": "长" * 1000}, 1, id="long"),
        pytest.param({"name": "长" * 30_000}, 0, id="too-long"),
        pytest.param({"name": "  ", "csrf_token": "x", "submission_key": "y"}, 0, id="empty"),
    ],
)
def test_draft_is_kept_within_limits_when_sent(
    client: QualityClient, admin: User, clock: Clock, values: dict[str, str], n_kept: int
) -> None:
    sign_in(client, admin.email)
    clock.move(hours=1)
    page = client.request("POST", FORM, data=values, headers=REFERER)
    assert page.status == 303
    assert n_drafts() == n_kept


@pytest.mark.usefixtures("on_one_database")
def test_oldest_drafts_give_way_when_there_are_many(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    elsewhere = client.another()
    sign_in(elsewhere, UserFactory(role=Role.SYSTEM_ADMIN, with_password=True).email)
    sign_in(client, admin.email)
    clock.move(hours=1)
    elsewhere.request("POST", FORM, data={**TYPED, "name": "别人的所"}, headers=REFERER)
    for n in range(7):
        clock.move(minutes=1)
        client.request("POST", FORM, data={**TYPED, "name": f"第{n}所"}, headers=REFERER)
    theirs, *kept = db.session.scalars(select(FormDraft).order_by(FormDraft.id)).all()
    assert "别人的所" in theirs.fields  # each person's own number
    assert [draft.fields.count(f"第{n}所") for draft, n in zip(kept, range(2, 7), strict=True)] == [
        1
    ] * 5


@pytest.mark.usefixtures("on_one_database")
def test_passwords_and_tokens_are_not_kept_when_a_form_holds_them(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    sign_in(client, admin.email)
    clock.move(hours=1)
    data = {
        "old_password": "geheim-1",
        "new_password": "geheim-2",
        "csrf_token": "t",
        "note": "留下",
    }
    client.request(
        "POST", "/account/password", data=data, headers={"Referer": "http://localhost/account"}
    )
    (draft,) = db.session.scalars(select(FormDraft)).all()
    assert draft.fields == '[["note", "留下"]]'


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("path", "headers", "page"),
    [
        pytest.param(FORM, REFERER, FORM, id="referer"),
        pytest.param(
            FORM, {"Referer": "http://localhost/admin/units?a=1"}, "/admin/units?a=1", id="query"
        ),
        pytest.param(FORM, {"Referer": "http://evil.example/x"}, FORM, id="other-site"),
        pytest.param(FORM, {}, FORM, id="no-referer"),
        pytest.param(
            "/admin/accounts/zzzzzzzz/disable",
            {"Referer": "http://localhost/admin/accounts/zzzzzzzz"},
            "/admin/accounts/zzzzzzzz",
            id="action-without-page",
        ),
        pytest.param(
            FORM,
            {"HX-Request": "true", "HX-Current-URL": "http://localhost/admin/units"},
            "/admin/units",
            id="htmx",
        ),
    ],
)
def test_draft_leads_back_to_the_page_of_the_form_when_sent(
    client: QualityClient,
    admin: User,
    clock: Clock,
    path: str,
    headers: dict[str, str],
    page: str,
) -> None:
    sign_in(client, admin.email)
    clock.move(hours=1)
    refused = client.request("POST", path, data=TYPED, headers=headers)
    location = sign_in(client, admin.email, refused.location).location
    assert location.split("draft=")[0].rstrip("?&") == page


@pytest.mark.usefixtures("on_one_database")
def test_draft_is_offered_when_the_form_is_older_than_the_session(
    client: QualityClient, admin: User
) -> None:
    sign_in(client, admin.email)
    page = client.request(
        "POST", FORM, data={**TYPED, "csrf_token": "of an earlier session"}, headers=REFERER
    )
    assert (page.status, page.h1) == (400, "请再提交一次")
    link = page.by_role("link", "打开填好的表")[0]
    assert values_of(client.get_page(str(link["href"]))) == TYPED


@pytest.mark.usefixtures("on_one_database")
def test_draft_fills_no_other_form_when_its_token_is_used_elsewhere(
    client: QualityClient, admin: User, clock: Clock
) -> None:
    sign_in(client, admin.email)
    refused = send_too_late(client, clock)
    back = sign_in(client, admin.email, refused.location)
    token = back.location.split("draft=")[1]
    page = client.get_page(f"/admin/accounts/new?draft={token}")
    assert not page.by_label("姓名").get("value")
    # Said only where a form has used it.
    filled_in = "您离开前填写的内容已经填回"
    assert not page.has_text(filled_in)
    assert client.get_page(f"{FORM}?draft={token}").has_text(filled_in)
