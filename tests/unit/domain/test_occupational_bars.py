"""The bars engine at its edges: dates, records, scopes, verdicts."""

import json
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from matchboard.domain.catalogues.reading import read_text
from matchboard.domain.occupational_bars import (
    LIFE,
    ClientBars,
    Effect,
    FactKind,
    Facts,
    InstrumentLevel,
    MalformedFacts,
    OffenceRecord,
    OpeningScope,
    Outcome,
    RuleFileError,
    dump_facts,
    employer_queries,
    evaluate,
    evaluate_many,
    evaluate_rule,
    fact_schema,
    outcomes,
    parse_facts,
    parse_rules,
    rule,
    rules,
    scope_values,
)

TODAY = date(2026, 11, 24)


def facts(*records):
    return parse_facts({"records": list(records)})


def opening(occupation="6-05-01-03", **dimensions):
    known = {"posts": [], "employer_kinds": [], "licences": [], "certificates": []}
    return OpeningScope.of(occupation, **{**known, **dimensions})


def crime(**fields):
    return {"basis": "criminal_penalty", **fields}


ORDINARY_CRIME = crime(
    intent="intentional",
    kinds=["property"],
    kinds_doubtful=[],
    fixed_term_or_more=True,
    suspended=False,
    sentence_completed_on="2020-02-29",
    political_rights_deprived=False,
    court_prohibition="none",
    role_at_offence="other",
    major_accident=False,
    commercial_vehicle=False,
)
GUARD = opening("4-07-05-01")
WELDER = opening("6-18-02-04")
CPA_POST = opening("2-06-03-00", posts=["registered_cpa"])


# --- Durations ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("completed", "on_date", "expected"),
    [
        pytest.param("2021-03-10", date(2026, 3, 10), "blocked", id="last-day"),
        pytest.param("2021-03-10", date(2026, 3, 11), "clear", id="day-after"),
        pytest.param("2020-02-29", date(2025, 2, 28), "blocked", id="leap-last-day"),
        pytest.param("2020-02-29", date(2025, 3, 1), "clear", id="leap-day-after"),
        pytest.param("2030-01-01", TODAY, "blocked", id="start-still-ahead"),
        pytest.param("9999-12-31", TODAY, "blocked", id="end-of-the-calendar"),
        pytest.param(None, TODAY, "review", id="start-unknown"),
    ],
)
def test_bar_of_five_years_ends_when_the_same_date_has_passed(completed, on_date, expected):
    finding = evaluate_rule(
        rule("cpa"), facts(crime(sentence_completed_on=completed)), CPA_POST, on_date
    )
    assert finding.outcome == expected


def test_finding_names_the_last_barred_day_when_the_term_is_dated():
    finding = evaluate_rule(
        rule("cpa"), facts(crime(sentence_completed_on="2024-02-29")), CPA_POST, TODAY
    )
    assert finding.until == date(2029, 2, 28)


def test_finding_names_the_latest_day_when_two_records_bar():
    both = facts(
        crime(sentence_completed_on="2024-01-01"), crime(sentence_completed_on="2023-05-05")
    )
    assert evaluate_rule(rule("cpa"), both, CPA_POST, TODAY).until == date(2029, 1, 1)


def test_finding_is_for_life_when_the_rule_is():
    assert evaluate_rule(rule("police"), facts(crime()), opening("3-02-01-00"), TODAY).until == LIFE


def test_finding_names_no_day_when_it_is_clear():
    finding = evaluate_rule(
        rule("cpa"), facts(crime(sentence_completed_on="2001-01-01")), CPA_POST, TODAY
    )
    assert (finding.outcome, finding.until) == (Outcome.CLEAR, None)


def test_suspended_sentence_gives_review_when_the_term_runs_from_completion():
    finding = evaluate_rule(rule("cpa"), facts(crime(suspended=True)), CPA_POST, TODAY)
    assert (finding.outcome, finding.missing_facts) == ("review", ("sentence_completed_on",))


def test_suspended_director_is_free_when_two_years_after_probation_have_passed():
    record = crime(kinds=["market_order"], suspended=True, probation_ended_on="2024-11-23")
    post = opening("1-06-01-01", employer_kinds=["company"])
    found = [
        evaluate_rule(rule("company-dse.suspended"), facts(record), post, day).outcome
        for day in (date(2026, 11, 23), date(2026, 11, 24))
    ]
    assert found == ["blocked", "clear"]


def test_deprivation_for_life_never_ends_when_years_run_from_it():
    record = crime(political_rights_deprived=True, political_rights_deprived_until="life")
    post = opening("1-06-01-01", employer_kinds=["company"])
    finding = evaluate_rule(rule("company-dse.rights"), facts(record), post, date(2199, 1, 1))
    assert (finding.outcome, finding.until) == ("blocked", LIFE)


# --- Records ------------------------------------------------------------------------------------


def test_conditions_do_not_meet_when_they_stand_in_two_records():
    apart = facts(
        crime(kinds=["food_safety"], fixed_term_or_more=False),
        crime(kinds=["traffic"], fixed_term_or_more=True),
    )
    post = opening("4-03-02-11", employer_kinds=["catering"])
    assert evaluate_rule(rule("food-manager"), apart, post, TODAY).outcome == "clear"


def test_rule_triggers_when_one_of_two_records_does():
    mixed = facts({"basis": "administrative_penalty"}, crime(intent="intentional"))
    assert evaluate_rule(rule("security-guard"), mixed, GUARD, TODAY).outcome == "blocked"


def test_verdict_is_clear_everywhere_when_there_is_no_record():
    verdict = evaluate(facts(), OpeningScope.of(), TODAY)
    assert (verdict.outcome, verdict.findings) == ("clear", ())


@pytest.mark.parametrize("unknown", [None, Facts(None)], ids=["no-facts", "no-records"])
def test_verdict_is_review_when_nobody_has_looked(unknown):
    verdict = evaluate(unknown, GUARD, TODAY)
    assert verdict.outcome == "review"
    asked = [finding for finding in verdict.findings if not finding.rests_on_sealed]
    assert {finding.missing_facts for finding in asked} == {("records",)}


def test_advisory_rule_stays_clear_when_the_facts_are_unknown():
    trade = opening("4-12-04-04")
    finding = evaluate_rule(rule("local-special-trade"), None, trade, TODAY)
    assert (finding.outcome, finding.is_note_shown) == ("clear", True)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param({}, "review", id="empty-record"),
        pytest.param(crime(intent=None), "review", id="intent-null"),
        pytest.param(crime(intent="negligent"), "clear", id="negligent"),
        pytest.param(crime(intent="intentional"), "blocked", id="intentional"),
        pytest.param({"intent": "intentional"}, "review", id="basis-unknown"),
    ],
)
def test_security_guard_depends_on_intent_when_the_basis_is_criminal(record, expected):
    assert evaluate_rule(rule("security-guard"), facts(record), GUARD, TODAY).outcome == expected


@pytest.mark.parametrize(
    ("kinds", "doubtful", "expected"),
    [
        pytest.param(["property"], [], "clear", id="other-kind"),
        pytest.param(["property"], ["violent_injury"], "review", id="in-doubt"),
        pytest.param(["violent_injury"], ["sexual"], "blocked", id="certain-beats-doubt"),
        pytest.param(None, None, "review", id="kinds-unknown"),
        pytest.param([], None, "clear", id="known-to-be-none"),
    ],
)
def test_site_of_minors_depends_on_kinds_when_some_are_in_doubt(kinds, doubtful, expected):
    record = crime(kinds=kinds, kinds_doubtful=doubtful)
    school = opening("4-03-02-01", employer_kinds=["school"])
    assert evaluate_rule(rule("minors"), facts(record), school, TODAY).outcome == expected


# --- Facts that count records -------------------------------------------------------------------

REVOCATION = {"basis": "licence_revocation", "licence": "security_guard"}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([REVOCATION] * 2, "blocked", id="two-revocations"),
        pytest.param([REVOCATION], "clear", id="one-revocation"),
        pytest.param([REVOCATION, {"basis": "licence_revocation"}], "review", id="licence-unknown"),
    ],
)
def test_guard_is_judged_by_the_count_when_records_repeat(records, expected):
    assert evaluate_rule(rule("security-guard"), facts(*records), GUARD, TODAY).outcome == expected


# --- What the law has sealed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param({"basis": "administrative_detention"}, "unknown_value", id="detention"),
        pytest.param(
            {"basis": "compulsory_drug_rehabilitation"}, "unknown_value", id="rehabilitation"
        ),
        pytest.param(crime(kinds=["drug_use"]), "unknown_value", id="drug-use"),
        pytest.param(
            {"basis": "administrative_penalty", "kinds": ["gambling"]}, "sealed_by_law", id="kind"
        ),
        pytest.param(
            {"basis": "administrative_penalty", "kinds_doubtful": ["violence"]},
            "sealed_by_law",
            id="doubtful-kind",
        ),
        pytest.param({"basis": "administrative_penalty", "kinds": ["traffic"]}, None, id="traffic"),
        pytest.param(crime(kinds=["gambling"]), None, id="crime"),
    ],
)
def test_record_is_refused_when_the_law_has_sealed_it(record, code):
    if code is None:
        assert parse_facts({"records": [record]}).records
        return
    with pytest.raises(MalformedFacts) as refused:
        parse_facts({"records": [record]})
    assert [problem.code for problem in refused.value.problems] == [code]


def test_sealed_limb_is_the_same_note_for_everybody_when_the_opening_is_in_scope():
    school = opening("4-09-08-01", employer_kinds=["kindergarten"])
    answers = {
        tuple(f.rule_id for f in evaluate(known, school, TODAY).findings if f.rests_on_sealed)
        for known in (None, facts(), facts(crime(kinds=["sexual"])), facts(crime(kinds=[])))
    }
    assert answers == {("minors.query", "kindergarten.query")}
    assert {f.outcome for f in employer_queries(school)} == {Outcome.CLEAR}
    unclear = OpeningScope.of("4-09-08-01")  # nobody said what kind of employer it is
    assert employer_queries(unclear) == ()


def test_rule_file_is_refused_when_a_sealed_limb_would_decide():
    document = json.loads(read_text("occupational_bars.typed.json"))
    entry = next(one for one in document["rules"] if one["id"] == "kindergarten.query")
    entry["effect"] = "review"
    with pytest.raises(RuleFileError, match="sealed"):
        parse_rules(document)


# --- Scopes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("post", "expected", "missing"),
    [
        pytest.param(opening("2-05-01-19"), "blocked", (), id="descendant"),
        pytest.param(opening("2-05-00-00"), "review", ("occupation",), id="coarser"),
        pytest.param(opening("2-00-00-00"), "review", ("occupation",), id="major-group"),
        pytest.param(opening("2-08-02-00"), "clear", (), id="elsewhere"),
        pytest.param(opening(None), "review", ("occupation",), id="unknown"),
        pytest.param(opening(""), "clear", (), id="none"),
        pytest.param(opening("9-99-99-99"), "review", ("occupation",), id="not-in-the-catalogue"),
        pytest.param(opening("", licences=["physician"]), "blocked", (), id="by-licence"),
        pytest.param(opening("", licences=None), "review", ("licences",), id="licence-unknown"),
    ],
)
def test_physician_scope_is_told_apart_when_the_opening_is(post, expected, missing):
    record = crime(sentence_completed_on="2026-01-01")
    finding = evaluate_rule(rule("physician"), facts(record), post, TODAY)
    assert (finding.outcome, finding.missing_opening) == (expected, missing)


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        pytest.param(opening("1-06-01-01", employer_kinds=["company"]), "blocked", id="implied"),
        pytest.param(
            opening("1-06-01-01", posts=None, employer_kinds=["company"]),
            "blocked",
            id="implied-though-posts-unknown",
        ),
        pytest.param(opening("1-06-01-01", employer_kinds=[]), "clear", id="no-company"),
        pytest.param(opening("1-06-01-01", employer_kinds=None), "review", id="kind-unknown"),
        pytest.param(
            opening(posts=["director"], employer_kinds=["company"]), "blocked", id="stated"
        ),
        pytest.param(opening(posts=None, employer_kinds=["company"]), "review", id="post-unknown"),
        pytest.param(opening(employer_kinds=["company"]), "clear", id="no-post"),
    ],
)
def test_director_scope_needs_both_when_match_is_all(post, expected):
    record = crime(kinds=["market_order"], suspended=False, sentence_completed_on="2025-01-01")
    assert evaluate_rule(rule("company-dse"), facts(record), post, TODAY).outcome == expected


@pytest.mark.parametrize(
    ("fields", "post", "expected"),
    [
        pytest.param(
            {"court_prohibition_occupations": ["6-18-02-04"]}, WELDER, "blocked", id="same-code"
        ),
        pytest.param(
            {"court_prohibition_occupations": ["6-18-00-00"]}, WELDER, "blocked", id="group"
        ),
        pytest.param({"court_prohibition_occupations": ["6-18-02-04"]}, GUARD, "clear", id="other"),
        pytest.param({}, GUARD, "review", id="not-mapped"),
        pytest.param({"court_prohibition_occupations": []}, GUARD, "review", id="mapped-to-none"),
        pytest.param(
            {
                "court_prohibition_occupations": ["6-18-02-04"],
                "court_prohibition_until": "2026-11-23",
            },
            WELDER,
            "clear",
            id="over",
        ),
    ],
)
def test_court_prohibition_blocks_the_codes_it_names_and_is_reviewed_where_it_names_none(
    fields, post, expected
):
    record = {
        **ORDINARY_CRIME,
        "court_prohibition": "other",
        "court_prohibition_until": "2026-11-24",
        **fields,
    }
    assert evaluate_rule(rule("court-ban"), facts(record), post, TODAY).outcome == expected


def test_court_prohibition_names_its_last_day_when_it_runs():
    record = {
        **ORDINARY_CRIME,
        "court_prohibition": "other",
        "court_prohibition_until": "2027-05-31",
        "court_prohibition_occupations": ["6-18-02-04"],
    }
    assert evaluate_rule(rule("court-ban"), facts(record), WELDER, TODAY).until == date(2027, 5, 31)


# --- Verdicts -----------------------------------------------------------------------------------


def test_verdict_carries_the_citation_when_blocked():
    verdict = evaluate(facts(ORDINARY_CRIME), GUARD, TODAY)
    (finding, *_) = verdict.findings
    assert verdict.outcome is Outcome.BLOCKED
    assert (finding.citation.source, finding.instrument_level) == (
        "保安服务管理条例",
        InstrumentLevel.ADMIN_REG,
    )


def test_verdict_is_clear_when_an_ordinary_crime_meets_ordinary_work():
    assert evaluate(facts(ORDINARY_CRIME), WELDER, TODAY).outcome is Outcome.CLEAR


def test_verdict_lists_the_strongest_first_when_rules_differ():
    record = {**ORDINARY_CRIME, "kinds": ["violence", "violent_injury"]}
    school = opening("4-03-02-01", employer_kinds=["school"])
    found = [finding.outcome for finding in evaluate(facts(record), school, TODAY).findings]
    assert found == ["blocked", "review", "clear"]  # last, what the school asks by itself


def test_verdict_keeps_the_note_when_only_an_advisory_rule_speaks():
    record = {**ORDINARY_CRIME, "kinds": ["abuse_of_profession"]}
    verdict = evaluate(facts(record), opening("4-12-04-04"), TODAY)
    assert verdict.outcome is Outcome.CLEAR
    assert [(one.rule_id, one.is_note_shown) for one in verdict.findings] == [
        ("local-special-trade", True)
    ]


RECORDS = st.builds(
    OffenceRecord,
    basis=st.sampled_from([None, "criminal_penalty", "licence_revocation"]),
    intent=st.sampled_from([None, "intentional", "negligent"]),
    kinds=st.sampled_from(
        [None, frozenset(), frozenset({"sexual"}), frozenset({"market_order", "accounting"})]
    ),
    suspended=st.sampled_from([None, True, False]),
    sentence_completed_on=st.sampled_from([None, date(2010, 1, 1), date(2025, 1, 1)]),
    political_rights_deprived=st.sampled_from([None, False]),
    court_prohibition=st.sampled_from([None, "none", "other"]),
    court_prohibition_occupations=st.sampled_from([None, frozenset({"6-18-02-04"})]),
)
OPENINGS = st.builds(
    OpeningScope.of,
    st.sampled_from([None, "", "4-07-05-01", "2-06-03-00", "1-06-01-01", "6-18-02-04"]),
    posts=st.sampled_from([None, [], ["director"], ["security_guard"]]),
    employer_kinds=st.sampled_from([None, [], ["school"], ["company"]]),
    licences=st.sampled_from([None, [], ["driving"]]),
    certificates=st.sampled_from([None, [], ["cert.guard"]]),
)
FACTS = st.one_of(
    st.none(), st.builds(Facts, st.one_of(st.none(), st.lists(RECORDS, max_size=3).map(tuple)))
)


@settings(max_examples=60, deadline=None)
@given(known=FACTS, posts=st.lists(OPENINGS, max_size=6))
def test_many_openings_give_what_each_rule_gives_when_evaluated_together(known, posts):
    together = evaluate_many(known, posts, TODAY)
    alone = []
    for post in posts:
        found = [evaluate_rule(one, known, post, TODAY) for one in rules()]
        alone.append(
            {one.rule_id: one for one in found if one.outcome != "clear" or one.is_note_shown}
        )
    assert [{one.rule_id: one for one in verdict.findings} for verdict in together] == alone
    assert outcomes(known, posts, TODAY) == [verdict.outcome for verdict in together]
    assert [verdict.outcome for verdict in together] == [
        max(
            (one.outcome for one in found.values()),
            key=list(Outcome).index,
            default=Outcome.CLEAR,
        )
        for found in alone
    ]


@pytest.mark.parametrize("known", [None, Facts(()), facts(ORDINARY_CRIME)])
def test_outcome_is_the_verdicts_when_asked_twice(known):
    bars = ClientBars(known, TODAY)
    asked = [bars.outcome(GUARD), bars.outcome(GUARD)]
    assert asked == [bars.verdict(GUARD).outcome] * 2


def test_equal_openings_share_a_verdict_when_asked_twice():
    bars = ClientBars(facts(ORDINARY_CRIME), TODAY)
    assert bars.verdict(opening("4-07-05-01")) is bars.verdict(opening("4-07-05-01"))


# --- The facts' form ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "problems"),
    [
        pytest.param([], [("", "wrong_type")], id="list"),
        pytest.param({"record": []}, [("record", "unknown_key")], id="misspelt-records"),
        pytest.param({"records": {}}, [("records", "wrong_type")], id="records-object"),
        pytest.param({"records": ["x"]}, [("records.0", "wrong_type")], id="record-text"),
        pytest.param(
            {"records": [{"bases": "criminal_penalty"}]},
            [("records.0.bases", "unknown_key")],
            id="misspelt-key",
        ),
        pytest.param(
            {"records": [{"basis": "penalty"}]},
            [("records.0.basis", "unknown_value")],
            id="unknown-basis",
        ),
        pytest.param({"records": [{"basis": 1}]}, [("records.0.basis", "wrong_type")], id="number"),
        pytest.param(
            {"records": [{"kinds": "sexual"}]}, [("records.0.kinds", "wrong_type")], id="kinds-text"
        ),
        pytest.param(
            {"records": [{"kinds": ["theft"]}]},
            [("records.0.kinds", "unknown_value")],
            id="unknown-kind",
        ),
        pytest.param(
            {"records": [{"kinds": ["sexual", "sexual"]}]},
            [("records.0.kinds", "duplicate_value")],
            id="kind-twice",
        ),
        pytest.param(
            {"records": [{"suspended": 1}]}, [("records.0.suspended", "wrong_type")], id="not-bool"
        ),
        pytest.param(
            {"records": [{"licence_revoked_on": "2026-02-30"}]},
            [("records.0.licence_revoked_on", "bad_date")],
            id="no-such-day",
        ),
        pytest.param(
            {"records": [{"licence_revoked_on": "20260201"}]},
            [("records.0.licence_revoked_on", "bad_date")],
            id="other-notation",
        ),
        pytest.param(
            {"records": [{"licence_revoked_on": 20260201}]},
            [("records.0.licence_revoked_on", "wrong_type")],
            id="date-number",
        ),
        pytest.param(
            {"records": [{"court_prohibition_until": "life"}]},
            [("records.0.court_prohibition_until", "bad_date")],
            id="life-where-none-is",
        ),
        pytest.param(
            {"records": [{"court_prohibition_occupations": ["welder"]}]},
            [("records.0.court_prohibition_occupations", "unknown_value")],
            id="no-occupation-code",
        ),
        pytest.param(
            {"records": [{"court_prohibition_occupations": [1]}]},
            [("records.0.court_prohibition_occupations", "wrong_type")],
            id="occupation-number",
        ),
        pytest.param(
            {"records": [{"x": 1}, {"basis": "y"}]},
            [("records.0.x", "unknown_key"), ("records.1.basis", "unknown_value")],
            id="all-defects-listed",
        ),
    ],
)
def test_facts_are_refused_when_malformed(stored, problems):
    with pytest.raises(MalformedFacts) as refused:
        parse_facts(stored)
    assert [(one.path, one.code) for one in refused.value.problems] == problems


@pytest.mark.parametrize("stored", [None, {}, {"records": None}], ids=["null", "empty", "no-list"])
def test_facts_are_unknown_when_nothing_was_entered(stored):
    assert parse_facts(stored) == Facts(None)


def test_refusal_repeats_no_value_when_it_is_logged():
    with pytest.raises(MalformedFacts) as refused:
        parse_facts({"records": [{"basis": "what the person did"}]})
    assert "what the person did" not in str(refused.value)
    assert "basis" in str(refused.value)


@settings(max_examples=50, deadline=None)
@given(known=FACTS.filter(lambda one: one is not None))
def test_facts_survive_when_written_and_read(known):
    assert parse_facts(json.loads(json.dumps(dump_facts(known)))) == known


def test_schema_agrees_with_the_rule_file_when_read():
    document = json.loads(read_text("occupational_bars.typed.json"))
    assert {field.key for field in fact_schema()} == set(document["facts"])
    stated = {
        field.key: set(field.choices)
        for field in fact_schema()
        if field.kind is FactKind.CHOICE and field.key != "basis"
    }
    for key, choices in stated.items():
        text = document["facts"][key].split(":")[-1].split("(")[0]
        assert {part.strip() for part in text.split("|")} == choices, key


def test_scope_values_cover_what_rules_ask_when_offered_in_a_form():
    asked = {kind for one in rules() for kind in one.scope.employer_kinds}
    assert asked <= set(scope_values().employer_kinds)


# --- The rule file ------------------------------------------------------------------------------


def document_with(**changes):
    document = json.loads(read_text("occupational_bars.typed.json"))
    document["rules"] = [{**document["rules"][0], **changes}]
    return document


SCOPE = {
    "match": "all",
    "occupations": [],
    "posts": [],
    "employer_kinds": [],
    "licences": [],
    "certificates": [],
}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"instrument_level": "dept_rule"}, id="ministry-rule-blocks"),
        pytest.param({"confidence": "secondary-page"}, id="unread-text-blocks"),
        pytest.param({"effect": "forbid"}, id="unknown-effect"),
        pytest.param({"trigger": {"fact": "basis", "is": "penalty"}}, id="value-never-met"),
        pytest.param({"trigger": {"fact": "suspended", "is": 1}}, id="number-for-truth"),
        pytest.param({"trigger": {"offence_in": ["theft"]}}, id="unknown-kind"),
        pytest.param({"trigger": {"offence_in": []}}, id="no-kind"),
        pytest.param({"trigger": {"none": []}}, id="unknown-form"),
        pytest.param({"trigger": {"intent": "intentional", "or": 1}}, id="extra-key"),
        pytest.param({"duration": {"kind": "months", "months": 3}}, id="unknown-duration"),
        pytest.param({"duration": {"kind": "years", "years": 5, "from": "basis"}}, id="no-date"),
        pytest.param({"scope": {**SCOPE, "match": "some"}}, id="unknown-match"),
        pytest.param({"scope": {**SCOPE, "posts": ["king"]}}, id="unknown-post"),
        pytest.param({"scope": {**SCOPE, "occupations": ["0-00-00-00"]}}, id="unknown-occupation"),
        pytest.param({"scope": {**SCOPE, "licences": "driving"}}, id="text-for-list"),
        pytest.param({"scope": {**SCOPE, "from_fact": "basis"}}, id="unknown-scope-fact"),
    ],
)
def test_rule_file_is_refused_when_a_rule_cannot_be_honoured(changes):
    with pytest.raises(RuleFileError):
        parse_rules(document_with(**changes))
    assert parse_rules(document_with())


@pytest.mark.parametrize(
    "document",
    [
        pytest.param([], id="list"),
        pytest.param({}, id="empty"),
        pytest.param({"offence_kinds": {"other": ""}}, id="other-kinds"),
    ],
)
def test_rule_file_is_refused_when_its_shape_is_wrong(document):
    with pytest.raises(RuleFileError):
        parse_rules(document)
    assert parse_rules(document_with())


def test_rule_file_is_refused_when_ids_repeat():
    document = document_with()
    assert len(parse_rules(document).rules) == 1
    document["rules"] *= 2
    with pytest.raises(RuleFileError):
        parse_rules(document)


def test_unknown_rule_is_an_error_when_asked_for():
    with pytest.raises(KeyError):
        rule("no-such-rule")
    assert rule(rules()[0].id) == rules()[0]


def test_only_laws_and_regulations_block_when_the_file_is_read():
    blocking = {one.instrument_level for one in rules() if one.effect is Effect.BLOCK}
    assert blocking == {InstrumentLevel.LAW, InstrumentLevel.ADMIN_REG}
