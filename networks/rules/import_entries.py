"""What one row of a list of members says: read, checked by itself, and told as an entry.

The clock, the municipalities and what makes a valid address or number come in as arguments.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from networks.rules import import_values as value
from networks.rules.eligibility import OrganisationKind
from networks.rules.import_columns import Column
from networks.rules.import_municipalities import Municipalities
from networks.rules.import_values import KINDS, ROLES, SETTLED, Reason, Refused, Role

#: As many letters as the tables hold.
LENGTHS = {
    Column.ORGANISATION: 200,
    Column.NAME: 150,
    Column.EMAIL: 254,
    Column.JOB_TITLE: 150,
    Column.PHONE: 40,
    Column.BUYER_NAME: 200,
    Column.STREET: 200,
    Column.POSTAL_CODE: 10,
    Column.CITY: 100,
    Column.REFERENCE: 100,
    Column.ORDER_NUMBER: 100,
    Column.ACCOUNT_STRING: 100,
    Column.BUYER_EMAIL: 254,
}
#: What is taken over into the invoice details as it stands.
AS_IT_STANDS = (
    Column.BUYER_NAME,
    Column.STREET,
    Column.POSTAL_CODE,
    Column.CITY,
    Column.REFERENCE,
    Column.ORDER_NUMBER,
    Column.ACCOUNT_STRING,
)


@dataclass(frozen=True)
class Known:
    """What a row is held against. ``checks``: whether a value of a column is valid.

    ``seasons``: {plain name: (key, first day)} of those that may be said; ``newest``: the first
    day of the season chosen for all, None where there is none. ``kind``: of organisations whose
    rows don't say it; empty: they must.
    """

    municipalities: Municipalities
    today: date
    checks: Mapping[Column, Callable[[str], bool]]
    seasons: Mapping[str, tuple[int, date]] = field(default_factory=dict)
    newest: date | None = None
    municipalities_only: bool = True
    kind: str = ""


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


def read_entry(row: int, told: Mapping[Column, str], known: Known) -> Entry:
    """The entry that a row's values make. Raises Refused at the first that is wrong."""
    values = {column: text.strip() for column, text in told.items()}
    name = _name(values)
    for column, length in LENGTHS.items():
        text = name if column == Column.NAME else values.get(column, "")
        if len(text) > length:
            raise Refused(Reason.TOO_LONG, f"{text[:40]}…")
    municipality, organisation, kind = _member(values, known)
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
        role=Role(value.word(values.get(Column.ROLE, ""), ROLES, Reason.UNKNOWN_ROLE)),
        signed_up=value.past_day(values.get(Column.SIGNED_UP, ""), known.today),
        facts=_facts(values, kind, known),
    )


def _name(values: Mapping[Column, str]) -> str:
    parts = (values.get(Column.FIRST_NAME, ""), values.get(Column.LAST_NAME, ""))
    return values.get(Column.NAME, "") or " ".join(filter(None, parts))


def _email(values: Mapping[Column, str], known: Known) -> str:
    email = value.address(
        values.get(Column.EMAIL, ""), known.checks[Column.EMAIL], Reason.BAD_EMAIL
    )
    if not email:
        raise Refused(Reason.NO_EMAIL)
    return email


# Whose membership it is ---------------------------------------------------------------------------


def _member(values: Mapping[Column, str], known: Known) -> tuple[int | None, str, str]:
    """(municipality, organisation, the kind that is said of it).

    The municipality is told by its name or code, or by the CVR number; a row that says another
    kind means the organisation, wherever it lies.
    """
    said = value.word(values.get(Column.KIND, ""), KINDS, Reason.UNKNOWN_KIND)
    organisation = values.get(Column.ORGANISATION, "")
    if said and said != OrganisationKind.MUNICIPALITY:
        return None, *_organisation(organisation, said, known)
    name = values.get(Column.MUNICIPALITY, "")
    found = known.municipalities.find(name or values.get(Column.CVR, ""))
    if found:
        return found, "", ""
    if name:
        raise Refused(Reason.UNKNOWN_MUNICIPALITY, name)
    if not organisation:
        raise Refused(Reason.NO_MEMBER)
    if said or known.municipalities_only:
        # Where it is the only column, it may well name municipalities.
        found = known.municipalities.find(organisation)
        if found:
            return found, "", ""
    if said:
        raise Refused(Reason.UNKNOWN_MUNICIPALITY, organisation)
    return None, *_organisation(organisation, "", known)


def _organisation(name: str, said: str, known: Known) -> tuple[str, str]:
    """With its kind as far as the row says it: the choice for all is no fact of the row."""
    if not name:
        raise Refused(Reason.NO_ORGANISATION)
    if known.municipalities_only:
        raise Refused(Reason.MUNICIPALITIES_ONLY, name)
    if not (said or known.kind):
        raise Refused(Reason.NO_KIND, name)
    return name, said


# What is said of the membership and its invoices --------------------------------------------------


def _facts(values: Mapping[Column, str], kind: str, known: Known) -> dict[Column, str]:
    """Kind, season and paid as keys; without what is not said."""
    checks = known.checks
    said = {
        Column.KIND: kind,
        Column.FIRST_SEASON: value.season(
            values.get(Column.FIRST_SEASON, ""), known.seasons, known.newest
        ),
        Column.PAID: value.word(values.get(Column.PAID, ""), SETTLED, Reason.UNKNOWN_PAID),
        Column.CVR: value.number(values.get(Column.CVR, ""), checks[Column.CVR], Reason.BAD_CVR),
        Column.GLN: value.number(values.get(Column.GLN, ""), checks[Column.GLN], Reason.BAD_GLN),
        Column.BUYER_EMAIL: value.address(
            values.get(Column.BUYER_EMAIL, ""), checks[Column.EMAIL], Reason.BAD_BUYER_EMAIL
        ),
        **{column: values.get(column, "") for column in AS_IT_STANDS},
    }
    value.check_buyer(said)
    return {column: text for column, text in said.items() if text}
