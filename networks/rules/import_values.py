"""What single values of a list of members mean: roles, states of payment, kinds, dates, numbers."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from networks.rules.eligibility import OrganisationKind
from networks.rules.import_columns import Column, plain


class Role(StrEnum):
    """What the row's person is on the membership; empty: it follows from the order of the rows."""

    UNSAID = ""
    CONTACT = "contact"
    PARTICIPANT = "participant"
    BOTH = "both"


class Settled(StrEnum):
    """What became of the season's price outside this system."""

    UNSAID = ""
    PAID = "paid"
    INVOICED = "invoiced"
    UNPAID = "unpaid"


class Reason(StrEnum):
    """Why a row is refused, or has no effect."""

    NO_MEMBER = "no_member"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    MUNICIPALITIES_ONLY = "municipalities_only"
    NO_ORGANISATION = "no_organisation"
    NO_KIND = "no_kind"
    UNKNOWN_KIND = "unknown_kind"
    NO_NAME = "no_name"
    NO_EMAIL = "no_email"
    BAD_EMAIL = "bad_email"
    TOO_LONG = "too_long"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_PAID = "unknown_paid"
    UNKNOWN_SEASON = "unknown_season"
    LATE_SEASON = "late_season"
    BAD_DATE = "bad_date"
    FUTURE_DATE = "future_date"
    BAD_CVR = "bad_cvr"
    BAD_GLN = "bad_gln"
    BAD_BUYER_EMAIL = "bad_buyer_email"
    NO_REFERENCE = "no_reference"
    PART_OF_ADDRESS = "part_of_address"
    OTHER_NAME = "other_name"
    OTHER_FACTS = "other_facts"
    TWO_CONTACTS = "two_contacts"
    NO_CONTACT = "no_contact"
    NOT_ACTIVE = "not_active"
    OTHER_CONTACT = "other_contact"
    ALREADY_THERE = "already_there"
    TAKEN_OFF = "taken_off"
    REPEATED = "repeated"


class Refused(Exception):
    """``what``: the value that is wrong, or the row that is in the way."""

    def __init__(self, reason: Reason, what: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.what = what


Words = Mapping[str, tuple[str, ...]]

ROLES: Words = {
    Role.CONTACT: ("kontakt", "kontaktperson", "contact", "contact person"),
    Role.PARTICIPANT: ("deltager", "participant", "medlem", "member"),
    Role.BOTH: ("begge", "both", "kontakt og deltager", "contact and participant"),
}
SETTLED: Words = {
    Settled.PAID: ("betalt", "paid", "ja", "yes", "x", "1", "true", "sand"),
    Settled.INVOICED: ("faktureret", "faktura sendt", "opkraevet", "invoiced", "sendt"),
    Settled.UNPAID: ("ikke betalt", "ubetalt", "unpaid", "not paid", "nej", "no", "0", "false"),
}
KINDS: Words = {
    OrganisationKind.MUNICIPALITY: ("kommune", "municipality"),
    OrganisationKind.STATE: (
        *("stat", "staten", "statslig", "statslig myndighed", "styrelse", "ministerium"),
        *("state", "state authority"),
    ),
    OrganisationKind.REGION: ("region",),
    OrganisationKind.COMPANY: (
        *("virksomhed", "privat virksomhed", "privat", "firma", "selskab", "aps", "a s"),
        *("company", "private company"),
    ),
    OrganisationKind.ASSOCIATION: (
        *("forening", "organisation", "forening eller organisation", "interesseorganisation"),
        *("association", "association or organisation"),
    ),
    OrganisationKind.SELF_GOVERNING: (
        *("selvejende", "selvejende institution", "fond"),
        *("self governing", "self governing institution"),
    ),
}
DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%y", "%d.%m.%y", "%d/%m/%y")


def word(text: str, words: Words, otherwise: Reason) -> str:
    """The key of the words that the text is one of; empty when it is. Raises Refused."""
    said = plain(text) if text else ""
    if not said:
        return ""
    found = next((key for key, known in words.items() if said in known), None)
    if found is None:
        raise Refused(otherwise, text)
    return str(found)


def past_day(text: str, today: date) -> date | None:
    """A day as it is written in Denmark; None of no text. Raises Refused."""
    if not text:
        return None
    day = _day(text)
    if day is None or day.year < 1970:
        raise Refused(Reason.BAD_DATE, text)
    if day > today:
        raise Refused(Reason.FUTURE_DATE, text)
    return day


@lru_cache(maxsize=1000)
def _day(text: str) -> date | None:
    return next(filter(None, (_date(text, form) for form in DATES)), None)


def _date(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date alone
    except ValueError:
        return None


def address(text: str, is_valid: Callable[[str], bool], otherwise: Reason) -> str:
    """An e-mail address, normalised; empty when the text is. Raises Refused."""
    email = text.removeprefix("mailto:").strip("<> ").lower()
    if email and not is_valid(email):
        raise Refused(otherwise, email)
    return email


def number(text: str, is_valid: Callable[[str], bool], otherwise: Reason) -> str:
    """The digits of a number that has a check digit; empty when the text is. Raises Refused."""
    digits = re.sub(r"\D", "", text)
    if text and not is_valid(digits):
        raise Refused(otherwise, text)
    return digits


def season(text: str, seasons: Mapping[str, tuple[int, date]], newest: date | None) -> str:
    """The key of a season that is called so: "2026/27" is enough for "Season 2026/27"."""
    if not text or not seasons:
        return ""
    said = plain(text)
    named = {name: found for name, found in seasons.items() if name.endswith(f" {said}")}
    if said in seasons:
        named = {said: seasons[said]}
    if len(named) != 1 or not said:
        raise Refused(Reason.UNKNOWN_SEASON, text)
    ((key, begins),) = named.values()
    if newest is not None and begins > newest:
        raise Refused(Reason.LATE_SEASON, text)
    return str(key)


#: What the address on an invoice has, all of it or none (momsbekendtgørelsen § 58).
ADDRESS = (Column.STREET, Column.POSTAL_CODE, Column.CITY)


def check_buyer(said: Mapping[Column, str]) -> None:
    """As the sign-up form demands it: an EAN/GLN number has a reference or an order number beside
    it (PEPPOL-EN16931-R003), and an address is whole. Raises Refused."""
    if said[Column.GLN] and not (said[Column.REFERENCE] or said[Column.ORDER_NUMBER]):
        raise Refused(Reason.NO_REFERENCE)
    given = [said[column] for column in ADDRESS if said[column]]
    if given and len(given) < len(ADDRESS):
        raise Refused(Reason.PART_OF_ADDRESS, ", ".join(given))
