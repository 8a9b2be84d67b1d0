"""The district's rules: those in force, those before them, and new ones."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.policy import BOUNDS, Policy
from matchboard.domain.roles import Permission
from matchboard.labels import policies as words
from matchboard.services import policies
from matchboard.web.context import actor, now, today
from matchboard.web.editing import Edit, edit_page, lead_on
from matchboard.web.forms.compare import StaleForm
from matchboard.web.forms.policies import PolicyForm
from matchboard.web.guard import requires
from matchboard.web.seen import note_stale, seen, show_on

bp = Blueprint("policies", __name__, url_prefix="/policies")


@bp.get("")
@requires(Permission.POLICY_WRITE)
def overview() -> ResponseReturnValue:
    """Show the rules in force and every set before and after them."""
    return render_template(
        "policies/overview.html",
        policy=asdict(policies.current(actor(), on=today())),
        rule_sets=policies.list_rule_sets(actor=actor()),
        today=today(),
        words=words,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.POLICY_WRITE)
def add() -> ResponseReturnValue:
    """Add rules that hold from a date on: those in force, changed."""

    def form_of(policy: Policy, **given: Any) -> PolicyForm:
        first = policies.first_free_day(actor=actor(), on=today())
        form = PolicyForm(**given, data={**asdict(policy), "effective_from": first})
        if not form.version.data:
            show_on(form, policy, policies.rules_version(actor=actor()))
        return form

    def save(_policy: Policy, form: PolicyForm) -> None:
        policies.add_rule_set(
            form.policy(),
            effective_from=form.effective_from.data,
            actor=actor(),
            now=now(),
            seen=seen(),
        )

    def page(policy: Policy, form: PolicyForm, stale: StaleForm | None) -> ResponseReturnValue:
        if stale is not None:
            note_stale(policy, beside=stale.mine)
            show_on(form, policy, policies.rules_version(actor=actor()))
        return render_template(
            "policies/new.html", form=form, present=asdict(policy), bounds=BOUNDS, words=words
        )

    return edit_page(
        Edit(
            load=lambda: policies.current(actor(), on=today()),
            form=form_of,
            save=save,
            page=page,
            done=lambda *_: lead_on(
                gettext("新规则已保存，到生效日期自动启用。"), url_for("policies.overview")
            ),
        )
    )
