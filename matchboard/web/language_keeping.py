"""The language switch takes along what is being typed, without scripts too.

A button can send one form, and the switch in the page's head belongs to none. So each form that is
filled in has a switch of its own at its end (there, since the first button of a form is the one
that Enter presses); where it is the page's only form, the head leads to it. It sends the form to
its own address with `SWITCH`: nothing is saved, the language changes, and the form is shown again
with what was typed (`web.drafts`). With scripts typed.js does this from the head alone.

Forms of offence facts are never kept: they come back in the answer itself and are stored nowhere.
Forms with a password are left alone. What was typed but never sent is known to the browser alone:
without scripts "back" brings back what the browser itself has kept, and no more, so no field but
those with people's names, numbers and addresses forbids it to (`data-autocomplete`, typed.js).
"""

from __future__ import annotations

import re

from flask import Flask, Response, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import refresh

from matchboard.services import accounts, transaction
from matchboard.web import drafts
from matchboard.web.context import actor, now
from matchboard.web.drafts import SWITCH
from matchboard.web.language import LOCALES, current_language
from matchboard.web.responses import see_other

_FORM = re.compile(r"<form\b[^>]*>")
_TYPED = re.compile(r"<(?:select|textarea)\b|<input\b(?![^>]*\btype=\"(?:hidden|submit|button)\")")
_HEAD_SWITCH = 'class="language-switch"'


def init_app(app: Flask) -> None:
    """Answer the buttons once the form's token has been checked, and put them into the pages."""
    app.before_request(_switch)
    app.after_request(_offer)


def _switch() -> ResponseReturnValue | None:
    """Change the language and show the form again; None if that is not what was pressed."""
    chosen = request.form.get(SWITCH, "") if request.method == "POST" else ""
    if chosen not in LOCALES or request.endpoint is None:
        return None
    session["language"] = chosen
    accounts.choose_language(chosen, actor=actor(), now=now())
    if drafts.is_never_kept(request.endpoint):
        refresh()
        return None  # the view shows the form as it was sent
    address = drafts.keep_sent()
    transaction.commit()
    return see_other(address)


def _offer(response: Response) -> Response:
    """Give every form that is filled in a switch of the language."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    if response.status_code not in {200, 409, 422}:
        return response
    page = response.get_data(as_text=True)
    if _HEAD_SWITCH not in page:  # a part of a page, which only scripts ask for
        return response
    forms = [found for found in _FORM.finditer(page) if _is_filled_in(page, found)]
    if forms:
        response.set_data(_with_switches(page, forms))
    return response


def _is_filled_in(page: str, form: re.Match[str]) -> bool:
    body = page[form.end() : page.find("</form>", form.end())]
    is_sent = 'method="post"' in form.group() and _HEAD_SWITCH not in form.group()
    return is_sent and 'type="password"' not in body and _TYPED.search(body) is not None


def _with_switches(page: str, forms: list[re.Match[str]]) -> str:
    """Put a switch at the end of each form; let the head lead to it where there is but one."""
    is_only = len(forms) == 1
    is_kept = not drafts.is_never_kept(request.endpoint)
    parts, done = [], 0
    if is_only:
        head = page.index("</form>", page.index(_HEAD_SWITCH)) + len("</form>")
        instead = 'class="language-switch js-only"' if is_kept else f"{_HEAD_SWITCH} hidden"
        parts = [page[:head].replace(_HEAD_SWITCH, instead, 1), _drawn("head", is_kept=is_kept)]
        done = head
    for form in forms:
        end = page.index("</form>", form.end())
        parts += [page[done:end], _drawn("only" if is_only else "form", is_kept=is_kept)]
        done = end
    return "".join([*parts, page[done:]])


def _drawn(part: str, *, is_kept: bool) -> str:
    other = "zh" if current_language() == "en" else "en"
    return render_template(
        "drafts/language_button.html", part=part, other=other, name=SWITCH, is_kept=is_kept
    ).strip()
