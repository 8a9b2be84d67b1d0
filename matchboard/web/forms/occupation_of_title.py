"""The occupation of an opening: where it is left empty, the opening's title is asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from matchboard.web.codebooks import occupations_of_title
from matchboard.web.forms.fields import OccupationField, Question

#: The answer "none of these": the occupation stays unknown.
LEAVE_OPEN = "-"
#: Name of the button that looks for occupations and saves nothing.
FIND = "find_occupation"


class OccupationOfTitleField(OccupationField):
    """An occupation that the form's `title` may suggest; what is typed always wins.

    A suggestion is never stored by itself: the person chooses it, or it comes back marked to be
    checked. With `asks` off (a quick draft) an empty occupation passes without a question. An open
    question (`is_asking`) is no error: nothing is wrong with what was typed.
    """

    asks = True
    is_asking = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title_question: Question | None = None
        self.is_nothing_near = False

    def offer(self, title: str, *, chosen: str | None = None) -> None:
        """Offer what the title may mean; `chosen` is marked, else a sure meaning is."""
        self.title_question = title_question(self.name, title, chosen=chosen)
        self.is_nothing_near = bool(title) and self.title_question is None

    def pre_validate(self, form: Any) -> None:
        """Take the answer about the title, or ask."""
        title = form.title.data or ""
        if self.data or self.questions or not title:
            return
        answer = self.answers.get(title)
        self.offer(title, chosen=answer)
        if self.title_question is None:
            return
        codes = {choice.value for choice in self.title_question.meanings.choices}
        if answer == LEAVE_OPEN or answer in codes:
            # An answer also settles words typed before that named nothing.
            self.data = None if answer == LEAVE_OPEN else answer
            self.errors = []
        elif self.asks and not self.process_errors:
            self.is_asking = True


def title_question(field: str, title: str, *, chosen: str | None = None) -> Question | None:
    """Return what a title may mean, asked for the field of that name; None if nothing is near.

    `chosen` is marked, else a sure meaning is.
    """
    meanings = occupations_of_title(title)
    if not meanings.choices:
        return None
    found = Question.about(field, title, meanings, leave=LEAVE_OPEN)
    return found if chosen is None else replace(found, chosen=chosen)
