"""The district's rules: those in force, those before them, and new ones."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.errors import InvalidInput, StaleEdit
from matchboard.domain.policy import BOUNDS
from matchboard.domain.roles import Permission
from matchboard.labels import policies as words
from matchboard.services import policies, transaction
from matchboard.web.context import actor, now, today
from matchboard.web.forms.compare import settle
from matchboard.web.forms.policies import PolicyForm
from matchboard.web.guard import requires
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import see_other
from matchboard.web.seen import note_stale, seen, show_on
from matchboard.web.submissions import single_submission

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
@single_submission
def add() -> ResponseReturnValue:
    """Add rules that hold from a date on."""
    policy = policies.current(actor(), on=today())
    present = asdict(policy)
    form = PolicyForm(data={**present, "effective_from": today()})
    if request.method == "GET" and not form.version.data:
        show_on(form, policy, policies.rules_version(actor=actor()))
    status = 200

    def add_rules() -> None:
        policies.add_rule_set(
            form.policy(),
            effective_from=form.effective_from.data,
            actor=actor(),
            now=now(),
            seen=seen(),
        )

    if request.method == "POST":
        status = 422
        if is_sound(form, add_rules):
            try:
                add_rules()
            except StaleEdit:
                transaction.rollback()
                status = 409
                policy = policies.current(actor(), on=today())
                data = {**asdict(policy), "effective_from": today()}
                saved = PolicyForm(formdata=None, data=data)
                show_on(saved, policy, policies.rules_version(actor=actor()))
                note_stale(policy, beside=settle(form, saved).mine)
                form.seen.data = saved.seen.data
            except InvalidInput as error:
                form.attach(error)
            else:
                flash(gettext("新规则已保存，到生效日期自动启用。"), "success")
                return see_other(url_for("policies.overview"))
    page = render_template(
        "policies/new.html", form=form, present=present, bounds=BOUNDS, words=words
    )
    return page, status
