"""Typed words in a finished page: into the right form, and into nothing else."""

from __future__ import annotations

import pytest

from matchboard.web.refill import refill

PAGE = """<main><details id="d"><summary>答复</summary>
<form method="post" action="/a/refuse"><input type="hidden" name="version" value="3">
<input name="when" value=""><select name="why"><option value="">请选择</option>
<option value="far">远</option></select>
<textarea name="note">
旧的 &amp; 旧</textarea>
<label><input type="checkbox" name="ok" value="y" checked></label></form></details>
<input type="checkbox" name="who" value="x&amp;y" form="marks">
<form id="marks" method="post" action="/a/marks"></form>
<form method="post" action="/a/offer"><input name="note" value="别动"></form></main>"""


def filled(address: str, *fields: tuple[str, str]) -> str | None:
    return refill(PAGE, address.__eq__, fields, path="/a", hidden=(("draft_token", "t"),))


def test_words_go_into_the_form_of_the_address_and_its_fold_opens() -> None:
    page = filled(
        "/a/refuse", ("version", "2"), ("when", '明"天'), ("why", "far"), ("note", "<新>\n字")
    )
    assert page is not None
    assert '<details id="d" open>' in page
    assert '<input name="when" value="明&quot;天">' in page
    assert '<option value="far" selected>' in page
    assert '<textarea name="note">\n&lt;新&gt;\n字</textarea>' in page
    assert '<input type="checkbox" name="ok" value="y">' in page
    assert 'name="version" value="3"' in page
    assert '<input type="hidden" name="draft_token" value="t">' in page
    assert '<input name="note" value="别动">' in page


def test_control_elsewhere_on_the_page_is_filled_when_it_names_the_form() -> None:
    page = filled("/a/marks", ("who", "x&y"))
    assert page is not None
    assert '<input type="checkbox" name="who" value="x&amp;y" form="marks" checked>' in page
    assert '<details id="d">' in page


@pytest.mark.parametrize("address", ["/a/none", "/a"])
def test_page_is_left_alone_when_it_has_no_such_form(address: str) -> None:
    assert filled(address, ("note", "新")) is None
    assert filled("/a/refuse", ("note", "新")) is not None
