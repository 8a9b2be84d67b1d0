"""Matching: gates, scores, explanations and counts over columns, without the site.

The public door:

* `ml.vocabulary.load_vocabulary`; `ml.schema.Clients`, `Vacancies`, `Courses` with ``from_rows``;
  `ml.files` for the CSV exchange format; `ml.problems.InputError` for all that is wrong with it;
* `ml.index.OpeningIndex`: ``build``, ``upsert``, ``remove``, ``set_places``, ``query``, ``rank``;
* `ml.explain.shortlist`: a client's best openings with reasons;
* `ml.misses`: ``nearest_misses``, ``why_not``, ``contrast``, ``best_skill_step``;
* `ml.reverse.ClientPool`: one opening against all clients;
* `ml.allocation`: who gets which opening, so that all together get most;
* `ml.uplift.course_effects`; `ml.titles.TitleSuggester`;
* codes, which the site turns into words: `ml.reasons.ReasonCode`, `Band`, `ml.gates.Gate`.

The library prints nothing, reads no clock, and never sees a protected attribute. Everything these
functions return are Python values or dataclasses of them, except where a docstring says array.
"""
