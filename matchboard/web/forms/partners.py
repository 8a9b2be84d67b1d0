"""Forms of a partner enterprise: the district's record and the employer's own profile."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2
from wtforms.validators import DataRequired, Length, Optional

from matchboard.domain.identity import national_phone
from matchboard.domain.organisation import BaseKind
from matchboard.labels.partners import EMPLOYER_KINDS, TABLES
from matchboard.services.partners import Partner, PartnerInput, ProfileInput
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.fields import DivisionField, FlexibleDateField
from matchboard.web.forms.vacancies import (
    KNOWN,
    REQUIRED,
    CheckboxesField,
    check_known,
    choices,
    clean,
    known_answer,
    known_list,
)

_BASES = TABLES[BaseKind]


class ProfileForm(BaseForm):
    """What the employer keeps up itself."""

    division_code = DivisionField(_l("所在地区"))
    address = StringField(_l("详细地址"), [Length(max=200)], filters=[clean])
    contact_name = StringField(_l("联系人"), [Length(max=60)], filters=[clean])
    contact_phone = StringField(
        _l("联系电话"),
        [Length(max=40)],
        filters=[clean],
        render_kw={"type": "tel", "autocomplete": "tel"},
    )

    def profile(self) -> ProfileInput:
        """Return what was typed."""
        return ProfileInput(**self._profile())

    def _profile(self) -> dict[str, Any]:
        return {
            "division_code": self.division_code.data,
            "address": self.address.data or "",
            "contact_name": self.contact_name.data or "",
            "contact_phone": self.contact_phone.data or "",
        }


class PartnerForm(ProfileForm):
    """The whole record."""

    name = StringField(_l("企业名称"), [DataRequired(REQUIRED), Length(max=120)], filters=[clean])
    name_en = StringField(_l("英文名称"), [Length(max=160)], filters=[clean])
    uscc = StringField(
        _l("统一社会信用代码"),
        [DataRequired(REQUIRED), Length(max=40)],
        filters=[clean],
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )
    industry = StringField(_l("行业"), [Length(max=60)], filters=[clean])
    kinds_known = RadioField(_l("单位类别"), choices=KNOWN, default="unknown")
    employer_kinds = CheckboxesField(_l("属于哪些类别"), choices=[])
    base_kind = RadioField(
        _l("是不是安置基地"),
        choices=[
            SelectChoice("", _l("不是")),
            *(SelectChoice(k.value, w) for k, w in _BASES.items()),
        ],
        default="",
    )
    agreement_signed_on = FlexibleDateField(_l("保密协议签订日期"), [Optional()])
    verified_on = FlexibleDateField(_l("最近核实日期"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.employer_kinds.choices = choices(EMPLOYER_KINDS.items())

    def validate_employer_kinds(self, field: Field) -> None:
        """Keep the answer and the ticks in step."""
        check_known(self.kinds_known.data, field)

    def values(self) -> PartnerInput:
        """Return what was typed."""
        return PartnerInput(
            **self._profile(),
            name=self.name.data or "",
            name_en=self.name_en.data or "",
            uscc=self.uscc.data or "",
            industry=self.industry.data or "",
            employer_kinds=known_list(self.kinds_known.data, self.employer_kinds.data),
            base_kind=BaseKind(self.base_kind.data) if self.base_kind.data else None,
            agreement_signed_on=self.agreement_signed_on.data,
            verified_on=self.verified_on.data,
        )


def partner_data(partner: Partner) -> dict[str, Any]:
    """Return a stored partner as the forms' data."""
    phone = partner.contact_phone
    return {
        "version": partner.version,
        "name": partner.name,
        "name_en": partner.name_en,
        "uscc": partner.uscc,
        "industry": partner.industry,
        "kinds_known": known_answer(partner.employer_kinds),
        "employer_kinds": list(partner.employer_kinds or ()),
        "base_kind": partner.base_kind.value if partner.base_kind else "",
        "division_code": partner.division_code,
        "address": partner.address,
        "contact_name": partner.contact_name,
        "contact_phone": national_phone(phone) if phone else "",
        "agreement_signed_on": partner.agreement_signed_on,
        "verified_on": partner.verified_on,
    }
