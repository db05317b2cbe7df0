"""Exports that a spreadsheet program may open: what looks like a formula is made text.

Neutralised are values that begin with ``= + - @``, TAB, CR or LF (OWASP, CSV injection), in CSV
and XLSX alike; numbers and dates stay numbers and dates.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from defusedcsv import csv
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
CSV, XLSX = "csv", "xlsx"
ROWS_AT_A_TIME = 500
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class ExportColumn:
    """``value`` gives a row's text, number, date, or aware datetime (written as local time)."""

    heading: str
    value: Callable[[Any], Any]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> bytes:
        return text.encode()


def neutralise(value: Any) -> Any:
    """The value as a cell: text can't be a formula, times are local, nothing is unprintable."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if value is None or isinstance(value, int | float | date):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_table(columns: Sequence[ExportColumn], rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Headings, then a list of cells for each row, read some hundred rows at a time."""
    yield [neutralise(column.heading) for column in columns]
    for row in rows.iterator(chunk_size=ROWS_AT_A_TIME):
        yield [neutralise(column.value(row)) for column in columns]


def csv_response(table: Iterator[list[Any]], name: str) -> HttpResponseBase:
    """UTF-8 with its mark, without which Excel garbles æ, ø and å."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[bytes]:
        yield codecs.BOM_UTF8
        for cells in table:
            yield writer.writerow(cells)

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def xlsx_response(table: Iterator[list[Any]], name: str) -> HttpResponseBase:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for cells in table:
        sheet.append(cells)
    output = BytesIO()
    workbook.save(output)
    output.seek(0)
    return FileResponse(output, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE)


def spreadsheet(
    columns: Sequence[ExportColumn], rows: QuerySet[Any], *, file_format: str, name: str
) -> HttpResponseBase:
    return _response(as_table(columns, rows), file_format, name)


def table_response(
    table: Iterable[Sequence[Any]], *, file_format: str, name: str
) -> HttpResponseBase:
    """A table that is no list of rows: headings and cells as they are, neutralised."""
    cells = ([neutralise(cell) for cell in row] for row in table)
    return _response(cells, file_format, name)


def _response(table: Iterator[list[Any]], file_format: str, name: str) -> HttpResponseBase:
    return csv_response(table, name) if file_format == CSV else xlsx_response(table, name)
