"""What one row of a list of members says: read, checked by itself, and told as an entry.

The clock, the municipalities and what makes a valid address or number come in as arguments.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

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
    NO_REFERENCE = "no_reference"
    OTHER_NAME = "other_name"
    OTHER_FACTS = "other_facts"
    TWO_CONTACTS = "two_contacts"
    NO_CONTACT = "no_contact"
    NOT_ACTIVE = "not_active"
    OTHER_CONTACT = "other_contact"
    ALREADY_THERE = "already_there"
    TAKEN_OFF = "taken_off"
    REPEATED = "repeated"


#: As many letters as the tables hold.
LENGTHS = {
    Column.ORGANISATION: 200,
    Column.NAME: 150,
    Column.EMAIL: 254,
    Column.JOB_TITLE: 150,
    Column.PHONE: 40,
    Column.REFERENCE: 100,
    Column.ORDER_NUMBER: 100,
}
ROLES = {
    Role.CONTACT: ("kontakt", "kontaktperson", "contact", "contact person"),
    Role.PARTICIPANT: ("deltager", "participant", "medlem", "member"),
    Role.BOTH: ("begge", "both", "kontakt og deltager", "contact and participant"),
}
SETTLED = {
    Settled.PAID: ("betalt", "paid", "ja", "yes", "x", "1", "true", "sand"),
    Settled.INVOICED: ("faktureret", "faktura sendt", "opkraevet", "invoiced", "sendt"),
    Settled.UNPAID: ("ikke betalt", "ubetalt", "unpaid", "not paid", "nej", "no", "0", "false"),
}
DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%y", "%d.%m.%y", "%d/%m/%y")


@dataclass(frozen=True)
class MunicipalityFacts:
    """``key``: of the municipality that it is today."""

    key: int
    code: str
    cvr: str
    names: tuple[str, ...]


class Municipalities:
    """Found by code, CVR number or name: with or without "Kommune", in any spelling of æ, ø, å."""

    def __init__(self, known: Iterable[MunicipalityFacts]) -> None:
        self._keys: dict[str, set[int]] = {}
        for each in known:
            for word in {each.code, each.cvr, *map(_core, each.names)} - {""}:
                self._keys.setdefault(word, set()).add(each.key)

    def find(self, text: str) -> int | None:
        """None also when two are meant by it."""
        digits = re.sub(r"\D", "", text)
        if digits and not re.search(r"[a-zæøå]{3}", text.lower()):
            return self._only(digits.zfill(4))
        return self._only(_core(text))

    def _only(self, word: str) -> int | None:
        found = self._keys.get(word, set())
        return next(iter(found)) if len(found) == 1 else None


def _core(name: str) -> str:
    """Københavns Kommune, Kommunen København: both are ``koebenhavn``."""
    words = [word for word in plain(name).split() if word not in ("kommune", "kommunen")]
    return " ".join(words).removesuffix("s")


@dataclass(frozen=True)
class Known:
    """What a row is held against. ``checks``: whether a value of a column is valid.

    ``seasons``: {plain name: (key, first day)} of those that may be said; ``newest``: the first
    day of the season chosen for all, None where there is none.
    """

    municipalities: Municipalities
    today: date
    checks: Mapping[Column, Callable[[str], bool]]
    seasons: Mapping[str, tuple[int, date]] = field(default_factory=dict)
    newest: date | None = None
    municipalities_only: bool = True


@dataclass(frozen=True)
class Entry:
    """One person on one membership. ``facts`` are the membership's, as far as the row says."""

    row: int
    name: str
    email: str
    municipality: int | None = None
    organisation: str = ""
    job_title: str = ""
    phone: str = ""
    role: Role = Role.UNSAID
    signed_up: date | None = None
    facts: Mapping[Column, str] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """As ``Membership.unit_key`` names it."""
        if self.municipality:
            return f"municipality:{self.municipality}"
        return f"organisation:{self.organisation.strip().lower()}"


class Refused(Exception):
    """``what``: the value that is wrong, or the row that is in the way."""

    def __init__(self, reason: Reason, what: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.what = what


def read_entry(row: int, told: Mapping[Column, str], known: Known) -> Entry:
    """The entry that a row's values make. Raises Refused at the first that is wrong."""
    values = {column: text.strip() for column, text in told.items()}
    name = _name(values)
    for column, length in LENGTHS.items():
        text = name if column == Column.NAME else values.get(column, "")
        if len(text) > length:
            raise Refused(Reason.TOO_LONG, f"{text[:40]}…")
    municipality, organisation = _member(values, known)
    if not name:
        raise Refused(Reason.NO_NAME)
    return Entry(
        row=row,
        name=name,
        email=_email(values, known),
        municipality=municipality,
        organisation=organisation,
        job_title=values.get(Column.JOB_TITLE, ""),
        phone=values.get(Column.PHONE, ""),
        role=Role(_word(values.get(Column.ROLE, ""), ROLES, Reason.UNKNOWN_ROLE)),
        signed_up=_signed_up(values.get(Column.SIGNED_UP, ""), known.today),
        facts=_facts(values, known),
    )


def _name(values: Mapping[Column, str]) -> str:
    parts = (values.get(Column.FIRST_NAME, ""), values.get(Column.LAST_NAME, ""))
    return values.get(Column.NAME, "") or " ".join(filter(None, parts))


def _member(values: Mapping[Column, str], known: Known) -> tuple[int | None, str]:
    """The municipality, by its name or code or by the CVR number; or the organisation."""
    said = values.get(Column.MUNICIPALITY, "")
    found = known.municipalities.find(said or values.get(Column.CVR, ""))
    if found:
        return found, ""
    if said:
        raise Refused(Reason.UNKNOWN_MUNICIPALITY, said)
    organisation = values.get(Column.ORGANISATION, "")
    if not organisation:
        raise Refused(Reason.NO_MEMBER)
    if known.municipalities_only:
        # Where it is the only column, it may well name municipalities.
        found = known.municipalities.find(organisation)
        if not found:
            raise Refused(Reason.MUNICIPALITIES_ONLY, organisation)
        return found, ""
    return None, organisation


def _email(values: Mapping[Column, str], known: Known) -> str:
    address = values.get(Column.EMAIL, "").removeprefix("mailto:").strip("<> ").lower()
    if not address:
        raise Refused(Reason.NO_EMAIL)
    if not known.checks[Column.EMAIL](address):
        raise Refused(Reason.BAD_EMAIL, address)
    return address


def _word(
    text: str,
    words: Mapping[Role, tuple[str, ...]] | Mapping[Settled, tuple[str, ...]],
    otherwise: Reason,
) -> str:
    said = plain(text)
    if not said:
        return ""
    found = next((key for key, known in words.items() if said in known), None)
    if found is None:
        raise Refused(otherwise, text)
    return str(found)


def _signed_up(text: str, today: date) -> date | None:
    if not text:
        return None
    day = next(filter(None, (_date(text, form) for form in DATES)), None)
    if day is None or day.year < 1970:
        raise Refused(Reason.BAD_DATE, text)
    if day > today:
        raise Refused(Reason.FUTURE_DATE, text)
    return day


def _date(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date alone
    except ValueError:
        return None


def _facts(values: Mapping[Column, str], known: Known) -> dict[Column, str]:
    """What the row says of the membership and its invoices: season and paid as keys."""
    paid = _word(values.get(Column.PAID, ""), SETTLED, Reason.UNKNOWN_PAID)
    gln, cvr = (re.sub(r"\D", "", values.get(column, "")) for column in (Column.GLN, Column.CVR))
    if values.get(Column.CVR) and not known.checks[Column.CVR](cvr):
        raise Refused(Reason.BAD_CVR, values[Column.CVR])
    if values.get(Column.GLN) and not known.checks[Column.GLN](gln):
        raise Refused(Reason.BAD_GLN, values[Column.GLN])
    reference, order = (
        values.get(column, "") for column in (Column.REFERENCE, Column.ORDER_NUMBER)
    )
    if gln and not reference and not order:
        raise Refused(Reason.NO_REFERENCE)
    said = {
        Column.FIRST_SEASON: _season(values.get(Column.FIRST_SEASON, ""), known),
        Column.PAID: paid,
        Column.CVR: cvr,
        Column.GLN: gln,
        Column.REFERENCE: reference,
        Column.ORDER_NUMBER: order,
    }
    return {column: text for column, text in said.items() if text}


def _season(text: str, known: Known) -> str:
    if not text or not known.seasons:
        return ""
    said = plain(text)
    # "2026/27" is enough for "Season 2026/27".
    named = {name: found for name, found in known.seasons.items() if name.endswith(f" {said}")}
    if said in known.seasons:
        named = {said: known.seasons[said]}
    if len(named) != 1 or not said:
        raise Refused(Reason.UNKNOWN_SEASON, text)
    ((key, begins),) = named.values()
    if known.newest is not None and begins > known.newest:
        raise Refused(Reason.LATE_SEASON, text)
    return str(key)
