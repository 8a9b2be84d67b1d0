"""Every component with example data, for those who build pages and for the browser tests."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext as _, lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2

from matchboard.domain.client import ContactStatus, Stage
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Permission
from matchboard.domain.vacancy import VacancyState
from matchboard.services.listing import slice_page
from matchboard.web.codebooks import CERTIFICATES
from matchboard.web.forms.base import BaseForm, Difference
from matchboard.web.forms.compare import StaleForm
from matchboard.web.forms.fields import (
    CodeListField,
    DivisionField,
    FlexibleDateField,
    OccupationField,
    SkillLevelsField,
)
from matchboard.web.forms.numbers import WholeNumberField
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.responses import page_or_partial

bp = Blueprint("styleguide", __name__, url_prefix="/styleguide")


def _choices(words: dict[str, LazyString]) -> list[SelectChoice]:
    return [SelectChoice(value, text) for value, text in words.items()]


class ExampleForm(BaseForm):
    """One field of every kind."""

    title = StringField(_l("岗位名称"), [validators.InputRequired(), validators.Length(max=40)])
    duties = TextAreaField(_l("工作内容"), [validators.Length(max=400)])
    occupation = OccupationField(_l("职业"))
    place = DivisionField(_l("工作地点"), [validators.InputRequired()])
    starts_on = FlexibleDateField(_l("到岗日期"))
    headcount = WholeNumberField(
        _l("招聘人数"), [validators.Optional(), validators.NumberRange(min=1)]
    )
    wage_min = WholeNumberField(_l("最低工资"), [validators.Optional()])
    wage_max = WholeNumberField(_l("最高工资"), [validators.Optional()])
    skills = SkillLevelsField(_l("需要的技能"))
    certificates = CodeListField(_l("需要的证书"), codebook=CERTIFICATES)
    shift = SelectField(
        _l("班次"), choices=_choices({"": _l("请选择"), "day": _l("白班"), "night": _l("夜班")})
    )
    lodging = RadioField(
        _l("住宿"),
        [validators.InputRequired()],
        choices=_choices({"yes": _l("提供"), "no": _l("不提供")}),
    )
    welfare = SelectMultipleField(
        _l("福利"),
        choices=_choices({"meals": _l("包餐"), "bus": _l("班车"), "insurance": _l("五险")}),
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    deposit_free = BooleanField(_l("不收押金，不扣证件"))
    attachment = FileField(_l("附件"))


@bp.before_request
def _only_for_builders() -> None:
    """Hide the page where real people work."""
    app = current_app
    if not (app.debug or app.testing):
        abort(404)


@bp.route("", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def index() -> ResponseReturnValue:
    """Show all components; a POST checks the example form and saves nothing."""
    form = ExampleForm(
        data={
            "title": _("电焊工"),
            "place": "510114",
            "starts_on": date(2026, 12, 1),
            "skills": [("weld.arc", 4), ("elec.fault", None)],
            "lodging": "yes",
            "welfare": ["meals"],
        }
    )
    status = 200
    if form.is_submitted():
        status = 200 if form.validate() else 422
    return render_template("styleguide/index.html", form=form, **_examples(), **_list()), status


@bp.get("/list")
@requires(Permission.PUBLIC)
def example_list() -> ResponseReturnValue:
    """Show the filter bar with its list; typing swaps only the list."""
    return page_or_partial("styleguide/list.html", "styleguide/_list.html", **_list())


@bp.get("/task")
@requires(Permission.PUBLIC)
def task() -> ResponseReturnValue:
    """Answer as a running background task does."""
    return render_template("styleguide/_task.html")


def _list() -> dict[str, Any]:
    names = [_("电焊工"), _("缝纫工"), _("厨师"), _("保洁员"), _("养殖员"), _("电工")]
    towns = [_("新都镇"), _("石板滩"), _("清流镇")]
    rows = [
        SimpleNamespace(
            title=f"{names[n % 6]} {n + 1:02d}",
            town=towns[n % 3],
            wage=3800 + 150 * (n % 9),
            state=list(VacancyState)[n % 7],
            url="/styleguide",
        )
        for n in range(47)
    ]
    state = ListState.from_args(["q", "town"], sorts=["title", "-title", "wage", "-wage"])
    found = [
        row for row in rows if state.get("q") in row.title and state.get("town") in {"", row.town}
    ]
    found.sort(
        key=lambda row: getattr(row, state.sort.removeprefix("-")),
        reverse=state.sort.startswith("-"),
    )
    chips = [(name, value, value) for name, values in state.filters.items() for value in values]
    page = slice_page(found, number=state.page, size=8)
    return {
        "state": ListState(
            "/styleguide/list", filters=state.filters, sort=state.sort, page=page.number
        ),
        "page": page,
        "chips": chips,
        "towns": [(town, town) for town in towns],
    }


def _examples() -> dict[str, Any]:
    return {
        "person": SimpleNamespace(
            name=_("周远"),
            url="/styleguide",
            subtitle=_("34 岁 · 城关司法所"),
            stage=Stage.IN_SUPPORT,
            contact=ContactStatus.IN_CONTACT,
            facts=[("map-pin", _("新都镇")), ("bed", _("需要住宿"))],
            tags=[_("电焊"), _("叉车")],
            next_duty=_("季度考察"),
            next_due="2026-11-20",
            is_overdue=True,
        ),
        "opening": SimpleNamespace(
            title=_("电焊工"),
            url="/styleguide",
            partner_name=_("蓉北机械厂"),
            town=_("新都区石板滩"),
            wage_text=_("¥%(amount)s/月", amount="4,500–5,500"),
            facts=[("clock", _("白班")), ("bed", _("提供住宿"))],
            tags=[_("五险"), _("包餐")],
            n_places=3,
            posted="2026-11-20",
            closes="2026-12-20",
            state=None,
            is_external=False,
        ),
        "matches": [_match(1), _match(2), _match(3)],
        "course": SimpleNamespace(
            title=_("电工（初级）培训班"),
            url="/styleguide",
            provider_name=_("新都技工学校"),
            town=_("新都镇"),
            subject=_("电工"),
            starts="2026-12-01",
            duration=_("20 天"),
            n_places=6,
            certificate=_("低压电工证"),
            opens_text=_("学成后多 12 个岗位可选"),
            state=None,
            facts=[],
        ),
        "stale": StaleForm(
            mine=(Difference(_("联系电话"), "13800000001", "13800000002"),),
            taken=(Difference(_("住址"), _("新都镇"), ""),),
            who=_("李敏"),
            when="2026-11-23 14:05",
        ),
        "steps": [
            {"label": _("已推荐"), "state": "done", "when": "2026-11-02"},
            {"label": _("本人同意"), "state": "done", "when": "2026-11-03"},
            {"label": _("已送企业"), "state": "done", "when": "2026-11-04"},
            {"label": _("面试"), "state": "current", "when": "2026-11-25"},
            {"label": _("录用"), "state": "todo"},
            {"label": _("上岗"), "state": "todo"},
            {"label": _("稳定一年"), "state": "todo"},
        ],
        "events": [
            {
                "when": "2026-11-23 14:05",
                "title": _("企业约定面试"),
                "text": _("11 月 25 日上午 9 点，厂区东门。"),
                "icon": "calendar-event",
                "tone": "accent",
                "who": _("蓉北机械厂"),
            },
            {"when": "2026-11-04", "title": _("送达企业"), "icon": "mail", "url": "/styleguide"},
            {"when": "2026-11-03", "title": _("本人同意推荐"), "icon": "check", "tone": "good"},
        ],
        "states": [*PlacementState, *VacancyState, *Stage, *ContactStatus],
    }


def _match(rank: int) -> SimpleNamespace:
    return SimpleNamespace(
        pid=f"example{rank}",
        rank=rank,
        band=("strong", "good", "fair")[rank - 1],
        title=(_("电焊工"), _("设备维修工"), _("夜班包装工"))[rank - 1],
        url="/styleguide",
        partner_name=_("蓉北机械厂"),
        town=_("石板滩"),
        distance_km=(4.2, 11.0, 26.0)[rank - 1],
        commute_limit_km=15.0,
        wage_text=_("¥%(amount)s/月", amount="4,500–5,500"),
        wage_gap_text=(_("比期望高 ¥300"), _("合期望"), _("比期望低 ¥200"))[rank - 1],
        wage_gap_sign=("+", "", "-")[rank - 1],
        facts=[
            ("bed", _("提供住宿")),
            ("clock", _("白班") if rank < 3 else _("夜班")),
            ("barbell", _("体力中等")),
        ],
        reasons=[
            ("+", _("会电焊，已做过 3 年"), "/styleguide"),
            ("+", _("4 公里，可骑车"), None),
            ("-", _("缺低压电工证"), "/styleguide"),
            ("-", _("不接受倒班"), None),
        ],
        why_above=_("技能更相符，离家近 7 公里；工资相差不多。") if rank < 3 else "",
        n_places=4 - rank,
        gate="review" if rank == 2 else "clear",
        propose_url="/styleguide",
        version="1",
        compare_name="compare",
    )
