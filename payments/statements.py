"""Reading a bank's statement: CSV with columns that differ from bank to bank, as facts.

Amounts are øre, dates local. Which column is which is said once and remembered in the settings.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from payments import money

#: What a statement must tell; ``reference`` may be a column of its own.
NEEDED = ("date", "text", "amount")
ENCODINGS = ("utf-8-sig", "cp1252")
DATE_FORMATS = ("%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%y")
LARGEST = 5_000_000
#: øre; a larger sum is no amount but a number from another column.
LARGEST_AMOUNT = 1_000_000_000_00
#: The usual names of the columns, by which they are guessed the first time.
USUAL = {
    "date": ("dato", "bogføringsdato", "bogført", "date"),
    "text": ("tekst", "beskrivelse", "posteringstekst", "text"),
    "amount": ("beløb", "beløb dkk", "amount"),
    "reference": ("reference", "fik", "kortartslinje", "meddelelse"),
}


class UnreadableStatement(ValueError):
    """The file is no statement that can be read; the message says what is wrong, and where."""


@dataclass(frozen=True)
class StatementRow:
    """Money in (positive) or out, øre."""

    received_on: date
    text: str
    amount: int
    key: str


def table_of(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """(column names, rows) of a CSV file, whatever its encoding and separator."""
    if len(content) > LARGEST:
        raise UnreadableStatement(_("The file is too large."))
    text = _decoded(content)
    first = text.lstrip().split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text.lstrip()), delimiter=separator, restkey="")
    names = [name.strip() for name in reader.fieldnames or [] if name and name.strip()]
    if len(names) < len(NEEDED):
        raise UnreadableStatement(_("The file has no heading with date, text and amount."))
    try:
        rows = [
            {str(name).strip(): str(value or "").strip() for name, value in row.items()}
            for row in reader
        ]
    except csv.Error as error:
        raise UnreadableStatement(_("The file can't be read as CSV.")) from error
    return names, rows


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise UnreadableStatement(_("The file is no text."))


def guessed_columns(names: list[str]) -> dict[str, str]:
    """Which column is likely which, by the names that banks use."""
    by_name = {name.lower(): name for name in names}
    found = {}
    for fact, usual in USUAL.items():
        match = next((by_name[name] for name in usual if name in by_name), None)
        if match:
            found[fact] = match
    return found


def read(content: bytes, columns: Mapping[str, str]) -> list[StatementRow]:
    """The statement's rows. Raises UnreadableStatement, which names the first bad row."""
    names, table = table_of(content)
    missing = [columns.get(fact, "") for fact in NEEDED if columns.get(fact) not in names]
    if missing:
        raise UnreadableStatement(
            _("The file lacks these columns: %(names)s.")
            % {"names": ", ".join(name or "–" for name in missing)}
        )
    return list(_rows(table, columns))


def _rows(table: list[dict[str, str]], columns: Mapping[str, str]) -> Iterator[StatementRow]:
    seen: Counter[str] = Counter()
    for number, row in enumerate(table, start=2):
        if not any(row.values()):
            continue
        try:
            received_on = _date(row[columns["date"]])
            amount = _amount(row[columns["amount"]])
        except ValueError as error:
            raise UnreadableStatement(
                _("Row %(number)s can't be read: %(value)s.") % {"number": number, "value": error}
            ) from error
        told = (row[columns["text"]], row.get(columns.get("reference", ""), ""))
        text = " ".join(part for part in told if part)[:500]
        facts = f"{received_on.isoformat()}|{amount}|{text}"
        # Two equal rows of one statement are two transfers; the same statement again adds none.
        seen[facts] += 1
        key = hashlib.sha256(f"{facts}|{seen[facts]}".encode()).hexdigest()
        yield StatementRow(received_on, text, amount, key)


def _date(text: str) -> date:
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date, no moment
        except ValueError:
            continue
    raise ValueError(text)


def _amount(text: str) -> int:
    """Danish (1.234,50) or plain (1234.50) kroner with a sign, as øre."""
    cleaned = text.replace("\u00a0", "").replace(" ", "").removesuffix("DKK")
    sign = -1 if cleaned.startswith("-") or cleaned.endswith("-") else 1
    cleaned = cleaned.strip("+-")
    if re.fullmatch(r"[0-9]+\.[0-9]{1,2}", cleaned):
        cleaned = cleaned.replace(".", ",")
    amount = money.parse_kroner(cleaned)
    if amount > LARGEST_AMOUNT:
        raise ValueError(text)
    return sign * amount
