"""Forms ask what unclear titles and words mean; nothing is stored that nobody chose."""

from __future__ import annotations

from typing import Any

import pytest

from matchboard.domain.roles import Role
from matchboard.domain.vacancy import OccupationSource, VacancyState
from matchboard.extensions import db
from matchboard.models import Partner, Vacancy
from tests.client import Page, QualityClient, words
from tests.factories import (
    ClientFactory,
    PartnerFactory,
    UserFactory,
    VacancyFactory,
)

pytestmark = pytest.mark.usefixtures("on_one_database")
NEW = "/partner/vacancies/new"
WELDER, SEWER = "6-18-02-04", "6-05-01-03"
#: Titles by what is made of them: one occupation for sure, several, none.
SURE, OPEN, NOTHING = "电焊工", "前台", "还没想好"
MARK = "按名称推测，请核对"


@pytest.fixture
def employer(client: QualityClient) -> Partner:
    partner: Partner = PartnerFactory()
    client.sign_in(UserFactory(role=Role.ENTERPRISE, unit=partner.unit))
    return partner


def posting(title: str, **changes: Any) -> dict[str, Any]:
    return {
        "title": title,
        "headcount": "3",
        "duties": "写了很久的内容",
        "conditions": "不限",
        "wage_min_cny_month": "4500",
        "wage_max_cny_month": "6000",
        "deposit_free": "y",
        **changes,
    }


def answers(page: Page) -> dict[str, bool]:
    """Return the values of the offered occupations, and which is marked."""
    offered = page.all("#occupation-offers input")
    return {str(one["value"]): one.has_attr("checked") for one in offered}


def marked(page: Page) -> list[str]:
    """Return the values of the offered occupations that are marked already."""
    return [value for value, is_marked in answers(page).items() if is_marked]


def stored() -> Vacancy | None:
    db.session.expire_all()
    return db.session.scalars(db.select(Vacancy)).one_or_none()


def sent(client: QualityClient, values: dict[str, Any], **options: Any) -> Page:
    return client.submit(NEW, values, **{"button": "action=submit", "status": 422, **options})


# --- The title of an opening ----------------------------------------------------------------


def test_sure_occupation_comes_back_marked_and_is_stored_when_sent_again(
    client: QualityClient, employer: Partner
) -> None:
    page = sent(client, posting(SURE))
    assert stored() is None
    offered = answers(page)
    assert marked(page) == [next(iter(offered))]
    assert page.has_text(MARK)
    # A question at its field, and no complaint: what was typed is right.
    assert page.by_id("occupation-question").get_text().count("请核对下面按名称推测的职业") == 1
    assert page.all(".error-summary, .has-error") == []
    refused = sent(client, {"headcount": "若干"}, page=page)
    assert set(refused.field_errors()) == {"headcount"}
    assert page.form(fields=posting(SURE)).values()["duties"] == ["写了很久的内容"]
    sent(client, {}, page=page, status=200)
    found = stored()
    assert found is not None
    assert (found.occupation_code, found.occupation_from) == (
        next(iter(offered)),
        OccupationSource.PERSON,
    )


def test_open_title_marks_nothing_and_takes_what_is_chosen(
    client: QualityClient, employer: Partner
) -> None:
    page = sent(client, posting(OPEN))
    offered = answers(page)
    assert not any(offered.values())
    assert not page.has_text(MARK)
    second = list(offered)[1]
    sent(client, {f"occupation_code-means-{OPEN}": second}, page=page, status=200)
    found = stored()
    assert found is not None
    assert found.occupation_code == second


@pytest.mark.parametrize(
    ("answer", "status"),
    [("-", 200), ("", 422), ("9-99-99-99", 422), (SEWER, 422)],
    ids=["leave-open", "empty", "no-occupation", "not-offered"],
)
def test_only_an_offered_answer_counts(
    answer: str, status: int, client: QualityClient, employer: Partner
) -> None:
    page = sent(client, posting(OPEN))
    sent(client, {f"occupation_code-means-{OPEN}": answer}, page=page, status=status)
    found = stored()
    assert (found is None) is (status == 422)
    assert found is None or found.occupation_code is None


def test_typed_occupation_wins_when_another_is_marked(
    client: QualityClient, employer: Partner
) -> None:
    page = sent(client, posting(SURE))
    sent(client, {"occupation_code": "缝纫工"}, page=page, status=200)
    found = stored()
    assert found is not None
    assert found.occupation_code == SEWER


def test_answer_is_asked_for_anew_when_the_title_has_changed(
    client: QualityClient, employer: Partner
) -> None:
    page = sent(client, posting(SURE))
    page = sent(client, {"title": OPEN}, page=page)
    assert stored() is None
    assert not any(answers(page).values())


def test_nothing_is_asked_when_the_title_says_nothing(
    client: QualityClient, employer: Partner
) -> None:
    sent(client, posting(NOTHING), status=200)
    found = stored()
    assert found is not None
    assert (found.title, found.occupation_code) == (NOTHING, None)


def test_answer_is_understood_when_the_title_has_odd_characters(
    client: QualityClient, employer: Partner
) -> None:
    title = "前台  \"<b>'&-means-"
    page = sent(client, posting(title))
    sent(client, {f"occupation_code-means-{title}": "-"}, page=page, status=200)
    found = stored()
    assert found is not None
    assert found.title == " ".join(title.split())  # one line, as every stored title


def test_draft_is_kept_without_a_question(client: QualityClient, employer: Partner) -> None:
    sent(client, posting(SURE), button="action=draft", status=200)
    found = stored()
    assert found is not None
    assert (found.state, found.occupation_code) == (VacancyState.DRAFT, None)


def test_button_finds_occupations_and_saves_nothing(
    client: QualityClient, employer: Partner
) -> None:
    page = sent(client, posting(OPEN), button="find_occupation=1", status=200)
    assert list(answers(page))
    assert page.field_errors() == {}
    assert stored() is None
    chosen = next(iter(answers(page)))
    # The same form, sent once more: looking did not use it up.
    sent(client, {f"occupation_code-means-{OPEN}": chosen}, page=page, status=200)
    assert stored() is not None


def test_button_says_so_when_nothing_is_near(client: QualityClient, employer: Partner) -> None:
    page = sent(client, posting(NOTHING), button="find_occupation=1", status=200)
    assert page.has_text("从名称看不出职业")


def test_officer_is_asked_too_and_other_errors_keep_the_answer(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    partner = PartnerFactory()
    page = client.submit(
        "/vacancies/new", {"partner": partner.pid, "title": OPEN, "headcount": "3"}, status=422
    )
    name = f"occupation_code-means-{OPEN}"
    second = list(answers(page))[1]
    values = {name: second, "headcount": "若干"}
    page = client.submit("/vacancies/new", values, page=page, status=422)
    assert answers(page)[second]
    client.submit("/vacancies/new", {"headcount": "3"}, page=page)
    found = stored()
    assert found is not None
    assert found.occupation_code == second


def test_edit_offers_without_asking_when_the_occupation_was_left_open(
    client: QualityClient,
) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = VacancyFactory(title=SURE, occupation_code=None, state=VacancyState.DRAFT)
    path = f"/vacancies/{vacancy.pid}/edit"
    page = client.get_page(path)
    assert answers(page)["-"]
    client.submit(path, {"headcount": "5"}, page=page)
    found = stored()
    assert found is not None
    assert (found.headcount, found.occupation_code) == (5, None)


@pytest.mark.parametrize(
    ("query", "is_offered", "chosen"),
    [
        (f"title={SURE}", True, ""),
        (f"title= {SURE} &occupation_code={WELDER}", True, WELDER),
        (f"title={NOTHING}", False, ""),
        ("title=", False, ""),
        ("", False, ""),
        (f"title={'嗯' * 500}", False, ""),
    ],
    ids=["sure", "already-chosen", "nothing", "empty", "none", "endless"],
)
def test_occupations_are_offered_while_typing(
    query: str, is_offered: bool, chosen: str, client: QualityClient
) -> None:
    page = client.get_fragment(f"/lookup/occupations/of-opening?{query}")
    assert bool(answers(page)) is is_offered
    # Nothing is chosen for anybody: only what the field holds already is marked.
    assert marked(page) == ([chosen] if chosen else [])


# --- Words typed into an occupation -----------------------------------------------------------


def test_unclear_occupation_is_asked_about_and_kept(
    client: QualityClient, employer: Partner
) -> None:
    page = sent(client, posting("师傅", occupation_code="焊接"))
    assert "是哪个职业" in page.field_errors()["occupation_code"]
    group = page.by_id("occupation_code-means-1")
    assert group.select("input")[1]["data-fills"] == "occupation_code"
    chosen = str(group.select("input")[1]["value"])
    assert page.form(fields=posting("x")).values()["occupation_code"] == ["焊接"]
    sent(client, {"occupation_code-means-焊接": chosen}, page=page, status=200)
    found = stored()
    assert found is not None
    assert found.occupation_code == chosen


@pytest.mark.parametrize("typed", ["缝纫工", " 缝纫工 ", SEWER])
def test_known_occupation_goes_straight_through(
    typed: str, client: QualityClient, employer: Partner
) -> None:
    sent(client, posting("师傅", occupation_code=typed), status=200)
    found = stored()
    assert found is not None
    assert found.occupation_code == SEWER


# --- Skills -------------------------------------------------------------------------------------


def required(vacancy: Vacancy | None) -> list[str]:
    return [one.code for one in vacancy.requirements] if vacancy else []


def test_unclear_skill_of_an_opening_is_asked_about(
    client: QualityClient, employer: Partner
) -> None:
    values = posting(NOTHING, skills_required=["缝仞", "宇航", "气割"])
    page = sent(client, values)
    assert stored() is None
    legends = [words(one) for one in page.all("#skills_required-means-1 legend")]
    assert legends == ["“缝仞”，您是说："]
    assert page.all("#skills_required-means-2") == []  # nothing is near the other word
    assert "指什么" in words(page.by_id("skills_required-error"))
    chosen = str(page.all("#skills_required-means-1 input")[0]["value"])
    typed = page.form(fields=posting("x")).values()["skills_required"]
    typed.remove("宇航")
    answer = {"skills_required-means-缝仞": chosen, "skills_required": typed}
    sent(client, answer, page=page, status=200)
    assert chosen in required(stored())
    assert len(required(stored())) == 2


@pytest.mark.parametrize("answer", ["weld.arc", "no.such", ""])
def test_skill_not_offered_is_no_answer(
    answer: str, client: QualityClient, employer: Partner
) -> None:
    page = sent(client, posting(NOTHING, skills_required=["缝仞"]))
    sent(client, {"skills_required-means-缝仞": answer}, page=page)
    assert stored() is None


@pytest.mark.parametrize("typed", ["电焊", "会電焊", "电汗", "weld.arc"])
def test_sure_skill_goes_straight_through(
    typed: str, client: QualityClient, employer: Partner
) -> None:
    sent(client, posting(NOTHING, skills_required=[typed]), status=200)
    assert required(stored()) == ["weld.arc"]


def test_certificate_is_never_guessed(client: QualityClient, employer: Partner) -> None:
    page = sent(client, posting(NOTHING, certificates_required="健康"))
    choices = page.all("#certificates_required-means-1 input")
    assert choices
    assert "data-fills" not in choices[0].attrs  # it would take the place of the list's others
    name, value = str(choices[0]["name"]), str(choices[0]["value"])
    sent(client, {name: value}, page=page, status=200)
    assert required(stored()) == [value]


def test_unclear_skill_of_a_person_is_asked_about_in_its_row(client: QualityClient) -> None:
    user = client.sign_in(Role.OFFICER)
    person = ClientFactory(office=user.unit)
    path = f"/clients/{person.pid}/profile/skills"
    form = f"form[action^='{path}']"
    typed = {"skills-0-code": "缝仞", "skills-0-level": "4"}
    page = client.submit(path, typed, form=form, status=422)
    assert person.skills == []
    choices = page.all("#skills-0-code-means-1 input")
    assert words(page.one("#skills-0-code-means-1 legend")) == "“缝仞”，您是说："
    client.send(page.form(form), {str(choices[0]["name"]): str(choices[0]["value"])})
    db.session.expire_all()
    assert [(s.skill_code, s.level) for s in person.skills] == [(str(choices[0]["value"]), 4)]


def test_unknown_skill_of_a_person_is_refused_without_a_question(client: QualityClient) -> None:
    user = client.sign_in(Role.OFFICER)
    person = ClientFactory(office=user.unit)
    path = f"/clients/{person.pid}/profile/skills"
    values = {"skills-0-code": "宇航"}
    page = client.submit(path, values, form=f"form[action^='{path}']", status=422)
    assert "不认识“宇航”" in page.field_errors()["skills-0-code"]
    assert page.all("[id*='-means-']") == []
