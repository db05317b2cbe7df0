"""What becomes of each row of a list of members."""

import re
from collections.abc import Sequence
from datetime import date

import pytest

from networks.rules import importing
from networks.rules.import_columns import Column, Missing, guess, missing, told_twice
from networks.rules.import_entries import Known
from networks.rules.import_municipalities import Municipalities, MunicipalityFacts
from networks.rules.import_values import Reason
from networks.rules.importing import Fate, Member, Plan

TODAY = date(2026, 11, 22)
KNOWN_MUNICIPALITIES = Municipalities(
    [
        MunicipalityFacts(1, "0101", "64942212", ("København", "Københavns Kommune")),
        MunicipalityFacts(2, "0751", "55133018", ("Aarhus", "Aarhus Kommune")),
        MunicipalityFacts(3, "0492", "28856075", ("Ærø", "Ærø Kommune")),
        MunicipalityFacts(4, "0820", "29189471", ("Vesthimmerlands", "Vesthimmerlands Kommune")),
        MunicipalityFacts(5, "0169", "", ("Høje-Taastrup", "Høje-Taastrup Kommune")),
        # Merged into Aarhus.
        MunicipalityFacts(2, "0999", "", ("Hinnerup", "Hinnerup Kommune")),
    ]
)
COLUMNS = (
    Column.MUNICIPALITY,
    Column.NAME,
    Column.EMAIL,
    Column.ROLE,
    Column.PAID,
    Column.FIRST_SEASON,
    Column.SIGNED_UP,
    Column.GLN,
    Column.REFERENCE,
    Column.ORGANISATION,
    Column.KIND,
    Column.STREET,
    Column.POSTAL_CODE,
    Column.CITY,
    Column.BUYER_EMAIL,
    Column.CVR,
)
OPEN = {"municipalities_only": False, "kind": "company"}


def known(**changes: object) -> Known:
    values: dict[str, object] = {
        "municipalities": KNOWN_MUNICIPALITIES,
        "today": TODAY,
        "checks": {
            Column.EMAIL: lambda text: bool(re.fullmatch(r"\S+@\S+\.\w+", text)),
            Column.CVR: lambda text: len(text) == 8,
            Column.GLN: lambda text: len(text) == 13,
        },
        "seasons": {"2025": (25, date(2025, 1, 1)), "2026": (26, date(2026, 1, 1))},
        "newest": date(2025, 1, 1),
        **changes,
    }
    return Known(**values)


def planned(
    *rows: Sequence[str],
    members: dict[str, Member] | None = None,
    is_personal: bool = False,
    **changes: object,
) -> Plan:
    """Rows of member, name, e-mail, and the other columns as far as they are given."""
    width = len(COLUMNS)
    numbered = [(number, (*row, *[""] * width)[:width]) for number, row in enumerate(rows, start=2)]
    columns = dict(enumerate(COLUMNS))
    entries, wrong = importing.read_rows(numbered, columns, known(**changes))
    return importing.plan(entries, wrong, members or {}, is_personal=is_personal)


def fates(plan: Plan) -> list[tuple[Fate, Reason | None]]:
    return [(each.fate, each.reason) for each in plan.outcomes]


# Columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        (("Kommune", "Navn", "E-mail"), (Column.MUNICIPALITY, Column.NAME, Column.EMAIL)),
        (("municipality", "Name", "EMAIL:"), (Column.MUNICIPALITY, Column.NAME, Column.EMAIL)),
        (("Fornavn", "Efternavn", "Mail"), (Column.FIRST_NAME, Column.LAST_NAME, Column.EMAIL)),
        (("Første sæson", "Medlem siden"), (Column.FIRST_SEASON, Column.SIGNED_UP)),
        (("EAN-nr.", "CVR", "Rolle"), (Column.GLN, Column.CVR, Column.ROLE)),
        (("E-mail (arbejde)", "Navn på deltager"), (Column.EMAIL, Column.NAME)),
        (("Adresse", "Post nr.", "By"), (Column.STREET, Column.POSTAL_CODE, Column.CITY)),
        (("Navn", "Navn på faktura"), (Column.NAME, Column.BUYER_NAME)),
        (("Faktura-e-mail", "E-mail"), (Column.BUYER_EMAIL, Column.EMAIL)),
        (("Organisation", "Organisationstype"), (Column.ORGANISATION, Column.KIND)),
    ],
)
def test_columns_are_guessed_from_their_headings(
    headings: tuple[str, ...], columns: tuple[Column, ...]
) -> None:
    assert tuple(guess(headings).values()) == columns


def test_a_heading_is_used_once_and_one_that_says_nothing_not_at_all() -> None:
    found = guess(("Navn", "Navn", "", "Allergier", "E-mail"))
    assert found == {0: Column.NAME, 4: Column.EMAIL}


def test_what_was_said_of_a_heading_before_counts_more_than_what_it_sounds_like() -> None:
    remembered = {0: None, 1: Column.NAME, 2: Column.NAME}
    found = guess(("Navn", "Hvem", "Titel", "Stilling"), remembered)
    assert found == {1: Column.NAME, 3: Column.JOB_TITLE}


def test_what_is_missing_or_told_twice_is_known() -> None:
    assert missing({}) == [Missing.MEMBER, Missing.NAME, Missing.EMAIL]
    assert missing({0: Column.CVR, 1: Column.FIRST_NAME, 2: Column.EMAIL}) == [Missing.NAME]
    assert missing({0: Column.CVR, 1: Column.NAME, 2: Column.EMAIL}) == []
    assert told_twice({0: Column.NAME, 1: Column.NAME}) == [Column.NAME]


# Municipalities -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("København", 1),
        ("Københavns Kommune", 1),
        ("KOEBENHAVN", 1),
        ("kommunen København", 1),
        ("0101", 1),
        ("101", 1),
        ("64942212", 1),
        ("DK 64 94 22 12", 1),
        ("Århus", 2),
        ("Aarhus kommune", 2),
        ("Hinnerup", 2),
        ("AEROE", 3),
        ("Vesthimmerland", 4),
        ("Høje Taastrup", 5),
        ("Høje-Tåstrup Kommune", 5),
        ("Ikke en kommune", None),
        ("9998", None),
        ("Kommune", None),
        ("", None),
    ],
)
def test_municipalities_are_found_as_people_write_them(text: str, key: int | None) -> None:
    assert KNOWN_MUNICIPALITIES.find(text) == key


def test_a_name_that_may_mean_two_is_none() -> None:
    both = Municipalities(
        MunicipalityFacts(key, f"000{key}", "", ("Nordby", "Nordby Kommune")) for key in (1, 2)
    )
    assert both.find("Nordby") is None


# Rows by themselves -------------------------------------------------------------------------------

AARHUS = ("Aarhus", "Ane Prøve", "ane@aarhus.example")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("", "Ane", "a@b.dk"), Reason.NO_MEMBER),
        (("Atlantis", "Ane", "a@b.dk"), Reason.UNKNOWN_MUNICIPALITY),
        (("Aarhus", "", "a@b.dk"), Reason.NO_NAME),
        (("Aarhus", "Ane", ""), Reason.NO_EMAIL),
        (("Aarhus", "Ane", "ane"), Reason.BAD_EMAIL),
        (("Aarhus", "A" * 151, "a@b.dk"), Reason.TOO_LONG),
        ((*AARHUS, "formand"), Reason.UNKNOWN_ROLE),
        ((*AARHUS, "", "måske"), Reason.UNKNOWN_PAID),
        ((*AARHUS, "", "", "1999"), Reason.UNKNOWN_SEASON),
        ((*AARHUS, "", "", "2026"), Reason.LATE_SEASON),
        ((*AARHUS, "", "", "", "32-13-2024"), Reason.BAD_DATE),
        ((*AARHUS, "", "", "", "0001-01-01"), Reason.BAD_DATE),
        ((*AARHUS, "", "", "", "23.11.2026"), Reason.FUTURE_DATE),
        ((*AARHUS, "", "", "", "", "123"), Reason.BAD_GLN),
        ((*AARHUS, "", "", "", "", "5798009811578"), Reason.NO_REFERENCE),
        (("", "Ane", "a@b.dk", "", "", "", "", "", "", "Firma"), Reason.MUNICIPALITIES_ONLY),
    ],
)
def test_a_row_that_is_wrong_says_why(row: tuple[str, ...], reason: Reason) -> None:
    plan = planned(row)
    assert fates(plan) == [(Fate.ERROR, reason)]
    assert plan.errors[0].row == 2
    assert not plan.has_work


@pytest.mark.parametrize("text", ["2024-03-01", "01-03-2024", "1.3.2024", "01/03/24"])
def test_dates_are_read_as_they_are_written_in_denmark(text: str) -> None:
    plan = planned((*AARHUS, "", "", "", text))
    assert plan.members[0].signed_up == date(2024, 3, 1)


@pytest.mark.parametrize("text", ["Netværksår 2025/26", "2025/26", "netvaerksaar 2025-26"])
def test_a_season_is_known_by_its_years(text: str) -> None:
    seasons = {"netvaerksaar 2025 26": (25, TODAY), "netvaerksaar 2024 25": (24, TODAY)}
    plan = planned((*AARHUS, "", "", text), seasons=seasons, newest=TODAY)
    assert plan.members[0].facts[Column.FIRST_SEASON] == "25"


def test_an_open_network_takes_organisations() -> None:
    row = ("", "Ane", "a@b.dk", "", "", "", "", "", "", "Museum Øst")
    plan = planned(row, municipalities_only=False, kind="self_governing")
    assert plan.members[0].unit == "organisation:museum øst"


def invoiced(
    street: str = "", code: str = "", city: str = "", email: str = "", cvr: str = ""
) -> tuple:
    return (*AARHUS, *[""] * 8, street, code, city, email, cvr)


@pytest.mark.parametrize(
    ("row", "reason", "what"),
    [
        (invoiced("Vej 1"), Reason.PART_OF_ADDRESS, "Vej 1"),
        (invoiced("", "8000", "Aarhus"), Reason.PART_OF_ADDRESS, "8000, Aarhus"),
        (invoiced(code="8000 Aarhus C"), Reason.TOO_LONG, "8000 Aarhus C…"),
        (invoiced(email="faktura"), Reason.BAD_BUYER_EMAIL, "faktura"),
        (invoiced(cvr="55 13 30 1"), Reason.BAD_CVR, "55 13 30 1"),
    ],
)
def test_invoice_details_are_whole_and_right(
    row: tuple[str, ...], reason: Reason, what: str
) -> None:
    (error,) = planned(row).errors
    assert (error.reason, error.what) == (reason, what)


def test_invoice_details_of_the_rows_are_brought_together() -> None:
    plan = planned(invoiced(cvr="55 13 30 18"), (*BO, *[""] * 8, "Vej 1", "8000", "Aarhus"))
    facts = plan.members[0].facts
    assert facts[Column.CVR] == "55133018"
    assert facts[Column.CITY] == "Aarhus"


def of_kind(kind: str, *, municipality: str = "", organisation: str = "Museum Øst") -> tuple:
    return (municipality, "Ane", "a@b.dk", *[""] * 6, organisation, kind)


@pytest.mark.parametrize(
    ("row", "unit", "kind"),
    [
        (of_kind("Forening"), "organisation:museum øst", "association"),
        (of_kind("selvejende INSTITUTION"), "organisation:museum øst", "self_governing"),
        (of_kind("A/S"), "organisation:museum øst", "company"),
        (of_kind("Region"), "organisation:museum øst", "region"),
        (of_kind("Styrelse"), "organisation:museum øst", "state"),
        # Where it lies is not what it is.
        (of_kind("Forening", municipality="Aarhus"), "organisation:museum øst", "association"),
        (of_kind("", municipality="Aarhus"), "municipality:2", None),
        (of_kind("Kommune", organisation="Aarhus"), "municipality:2", None),
        (of_kind(""), "organisation:museum øst", None),
    ],
)
def test_a_row_says_what_kind_of_organisation_it_is(
    row: tuple[str, ...], unit: str, kind: str | None
) -> None:
    (new,) = planned(row, **OPEN).members
    assert (new.unit, new.facts.get(Column.KIND)) == (unit, kind)


@pytest.mark.parametrize(
    ("row", "reason", "changes"),
    [
        (of_kind("Klub"), Reason.UNKNOWN_KIND, OPEN),
        (of_kind("Kommune"), Reason.UNKNOWN_MUNICIPALITY, OPEN),
        (of_kind("Forening", organisation=""), Reason.NO_ORGANISATION, OPEN),
        (of_kind(""), Reason.NO_KIND, {"municipalities_only": False}),
        (of_kind("Forening"), Reason.MUNICIPALITIES_ONLY, {}),
    ],
)
def test_a_kind_that_can_not_be_is_told(
    row: tuple[str, ...], reason: Reason, changes: dict[str, object]
) -> None:
    assert fates(planned(row, **changes)) == [(Fate.ERROR, reason)]


# Rows together ------------------------------------------------------------------------------------

BO = ("Aarhus Kommune", "Bo Prøve", "bo@aarhus.example")


def test_the_first_row_of_a_municipality_is_its_contact_and_the_others_come_along() -> None:
    plan = planned(AARHUS, BO, ("Ærø", "Eva", "eva@aeroe.example"))
    assert [each.fate for each in plan.outcomes] == [Fate.MEMBER, Fate.PARTICIPANT, Fate.MEMBER]
    aarhus = plan.members[0]
    assert aarhus.contact.name == "Ane Prøve"
    assert [entry.name for entry in aarhus.people] == ["Ane Prøve", "Bo Prøve"]


def test_a_role_says_who_is_the_contact_and_that_somebody_does_not_come() -> None:
    plan = planned((*AARHUS, "deltager"), (*BO, "Kontakt"))
    assert plan.members[0].contact.name == "Bo Prøve"
    assert [entry.name for entry in plan.members[0].people] == ["Ane Prøve"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (((*AARHUS, "kontakt"), (*BO, "begge")), Reason.TWO_CONTACTS),
        ((AARHUS, ("Aarhus", "En anden", AARHUS[2])), Reason.OTHER_NAME),
        (((*AARHUS, "", "betalt"), (*BO, "", "nej")), Reason.OTHER_FACTS),
    ],
)
def test_two_rows_in_conflict_are_an_error_of_the_second(
    rows: tuple[tuple[str, ...], ...], reason: Reason
) -> None:
    plan = planned(*rows)
    assert fates(plan)[1] == (Fate.ERROR, reason)
    assert plan.outcomes[1].what == "2"


def test_a_row_that_is_repeated_has_no_effect() -> None:
    assert fates(planned(AARHUS, AARHUS))[1] == (Fate.NOTHING, Reason.REPEATED)


def test_somebody_must_be_the_contact() -> None:
    assert fates(planned((*AARHUS, "deltager"))) == [(Fate.ERROR, Reason.NO_CONTACT)]


def test_of_a_personal_network_everybody_is_a_member() -> None:
    plan = planned(AARHUS, (*BO, "deltager"), is_personal=True)
    assert [new.unit for new in plan.members] == [
        "person:ane@aarhus.example",
        "person:bo@aarhus.example",
    ]
    twice = planned(AARHUS, ("Ærø", *AARHUS[1:]), is_personal=True)
    assert fates(twice)[1] == (Fate.ERROR, Reason.OTHER_FACTS)


# With memberships that are there ------------------------------------------------------------------


def member(**changes: object) -> dict[str, Member]:
    values: dict[str, object] = {
        "key": "m",
        "is_active": True,
        "state": "active",
        "contact": AARHUS[2],
        "people": {AARHUS[2]: True, "gone@aarhus.example": False},
        **changes,
    }
    return {"municipality:2": Member(**values)}


@pytest.mark.parametrize(
    ("row", "fate"),
    [
        (AARHUS, (Fate.NOTHING, Reason.ALREADY_THERE)),
        (("Aarhus", "Væk", "GONE@aarhus.example"), (Fate.NOTHING, Reason.TAKEN_OFF)),
        (BO, (Fate.PARTICIPANT, None)),
        ((*BO, "kontakt"), (Fate.ERROR, Reason.OTHER_CONTACT)),
    ],
)
def test_a_membership_that_is_there_gets_who_is_missing(
    row: tuple[str, ...], fate: tuple[Fate, Reason | None]
) -> None:
    assert fates(planned(row, members=member())) == [fate]


def test_a_contact_who_does_not_come_stays_away_unless_the_row_says_otherwise() -> None:
    there = member(people={})
    assert fates(planned(AARHUS, members=there)) == [(Fate.NOTHING, Reason.ALREADY_THERE)]
    assert fates(planned((*AARHUS, "begge"), members=there)) == [(Fate.PARTICIPANT, None)]


def test_one_that_is_not_active_yet_is_seen_to_first() -> None:
    there = member(is_active=False, state="waitlisted")
    plan = planned(BO, members=there)
    assert fates(plan) == [(Fate.ERROR, Reason.NOT_ACTIVE)]
    assert plan.outcomes[0].what == "waitlisted"


def test_the_digest_is_the_same_until_something_else_becomes_of_a_row() -> None:
    assert planned(AARHUS, BO).digest == planned(AARHUS, BO).digest
    assert planned(AARHUS, BO).digest != planned(AARHUS, BO, members=member()).digest
