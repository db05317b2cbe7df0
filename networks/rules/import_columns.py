"""What the columns of a list of members are: guessed from their headings, in Danish or English."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from cms.folding import fold


class Column(StrEnum):
    """What a column may tell."""

    MUNICIPALITY = "municipality"
    ORGANISATION = "organisation"
    KIND = "kind"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    JOB_TITLE = "job_title"
    PHONE = "phone"
    ROLE = "role"
    FIRST_SEASON = "first_season"
    SIGNED_UP = "signed_up"
    PAID = "paid"
    CVR = "cvr"
    GLN = "gln"
    REFERENCE = "reference"
    ORDER_NUMBER = "order_number"
    ACCOUNT_STRING = "account_string"
    BUYER_NAME = "buyer_name"
    STREET = "street"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    BUYER_EMAIL = "buyer_email"


#: What the invoice details are told by.
BUYER = (
    Column.BUYER_NAME,
    Column.STREET,
    Column.POSTAL_CODE,
    Column.CITY,
    Column.CVR,
    Column.GLN,
    Column.REFERENCE,
    Column.ORDER_NUMBER,
    Column.ACCOUNT_STRING,
    Column.BUYER_EMAIL,
)

#: Headings, folded and without signs. A heading that is none of them may begin with one.
HEADINGS: dict[Column, tuple[str, ...]] = {
    Column.MUNICIPALITY: (
        "kommune",
        "kommunenavn",
        "kommunekode",
        "kommunenr",
        "municipality",
        "municipality code",
    ),
    Column.ORGANISATION: ("organisation", "institution", "firma", "virksomhed", "company"),
    Column.KIND: (
        *("organisationstype", "organisationsform", "organisationens art", "type"),
        *("type organisation", "kind of organisation", "organisation type"),
    ),
    Column.BUYER_EMAIL: (
        *("faktura email", "faktura e mail", "faktura mail", "email til faktura"),
        *("e mail til faktura", "fakturamail", "invoice email", "invoice e mail"),
    ),
    Column.BUYER_NAME: (
        *("fakturanavn", "faktura navn", "navn paa faktura", "navn paa fakturaen"),
        *("fakturamodtager", "koeber", "invoice name", "name on the invoice", "buyer"),
    ),
    Column.STREET: (
        *("fakturaadresse", "faktura adresse", "adresse", "vej", "vejnavn", "gade"),
        *("invoice address", "address", "street"),
    ),
    Column.POSTAL_CODE: (
        *("postnr", "postnummer", "post nr", "faktura postnr", "faktura postnummer"),
        *("postal code", "zip", "zip code", "postcode"),
    ),
    Column.CITY: ("by", "bynavn", "postdistrikt", "faktura by", "city", "town"),
    Column.EMAIL: ("email", "e mail", "mail", "mailadresse", "epost", "email adresse"),
    Column.FIRST_NAME: ("fornavn", "first name", "given name"),
    Column.LAST_NAME: ("efternavn", "last name", "surname", "family name"),
    Column.NAME: ("navn", "fulde navn", "kontaktperson", "name", "full name", "contact person"),
    Column.JOB_TITLE: ("titel", "stilling", "stillingsbetegnelse", "job title", "title"),
    Column.PHONE: ("telefon", "tlf", "mobil", "telefonnummer", "phone", "mobile"),
    Column.ROLE: ("rolle", "role"),
    Column.FIRST_SEASON: ("foerste saeson", "saeson", "netvaerksaar", "first season", "season"),
    Column.SIGNED_UP: (
        "indmeldt",
        "indmeldelsesdato",
        "tilmeldt",
        "medlem siden",
        "dato",
        "signed up",
        "joined",
        "member since",
    ),
    Column.PAID: ("betalt", "betaling", "betalingsstatus", "paid", "payment"),
    Column.CVR: ("cvr", "cvr nr", "cvr nummer", "cvr number"),
    Column.GLN: ("ean", "gln", "ean nr", "ean nummer", "ean gln", "ean gln nummer"),
    Column.REFERENCE: (
        "personreference",
        "reference",
        "att",
        "deres ref",
        "person reference",
        "your ref",
    ),
    Column.ORDER_NUMBER: ("ordrenummer", "ordrenr", "rekvisitionsnummer", "order number", "po"),
    Column.ACCOUNT_STRING: ("kontostreng", "account string"),
}


def plain(text: str) -> str:
    """Words alone, folded: ``E-mail:`` is ``e mail``."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def guess(
    headings: Sequence[str], remembered: Mapping[int, Column | None] | None = None
) -> dict[int, Column]:
    """{place of the column: what it tells}; each is told once, by the heading that fits best.

    ``remembered``: what was said of these places' headings before (None: not used), which counts
    more than what they sound like.
    """
    words = [plain(heading) for heading in headings]
    found: dict[int, Column] = {}
    said = dict(remembered or {})
    for place, column in said.items():
        if column and column not in found.values():
            found[place] = column
    for fits in (_is, _begins_with):
        for column, known in HEADINGS.items():
            if column in found.values():
                continue
            free = (
                place
                for place, text in enumerate(words)
                if text and place not in found and place not in said
            )
            place = next((place for place in free if fits(words[place], known)), -1)
            if place >= 0:
                found[place] = column
    return dict(sorted(found.items()))


def _is(heading: str, known: Sequence[str]) -> bool:
    return heading in known


def _begins_with(heading: str, known: Sequence[str]) -> bool:
    return any(heading.startswith(f"{name} ") for name in known)


class Missing(StrEnum):
    """What a list can't be taken in without."""

    MEMBER = "member"
    NAME = "name"
    EMAIL = "email"


def missing(columns: Mapping[int, Column]) -> list[Missing]:
    told = set(columns.values())
    lacking = []
    if not told & {Column.MUNICIPALITY, Column.ORGANISATION, Column.CVR}:
        lacking.append(Missing.MEMBER)
    if Column.NAME not in told and not {Column.FIRST_NAME, Column.LAST_NAME} <= told:
        lacking.append(Missing.NAME)
    if Column.EMAIL not in told:
        lacking.append(Missing.EMAIL)
    return lacking


def told_twice(columns: Mapping[int, Column]) -> list[Column]:
    told = list(columns.values())
    return [column for column in Column if told.count(column) > 1]
