"""The journal as a file for an accounting system: one row a posting, a row for each time that
numbers of invoices were skipped, and a total that is zero.

Always in Danish and in the order of booking, so that a closed month's file is the same whoever
fetches it and whenever. Amounts are kroner.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.backoffice.spreadsheets import ROWS_AT_A_TIME, ExportColumn, table_response
from payments.models import Posting, Role, SkippedNumbers, VoucherKind
from payments.services.journal import first_of_next


def journal_response(
    postings: QuerySet[Posting],
    *,
    file_format: str,
    name: str,
    skipped: Iterable[SkippedNumbers] = (),
) -> HttpResponseBase:
    """``skipped``: the numbers that are to be explained in this file."""
    with override("da"):
        columns, total = journal_columns(), _("Total")
        explained = [_explained(each) for each in skipped]
    rows = postings.order_by("posted_on", "pk")
    table = _table(rows, columns, total, explained)
    return table_response(table, file_format=file_format, name=name)


def of_month(postings: QuerySet[Posting], month: date) -> QuerySet[Posting]:
    """Those that are dated in the month of that first day."""
    return postings.filter(posted_on__gte=month, posted_on__lt=first_of_next(month))


def skipped_in(month: date) -> QuerySet[SkippedNumbers]:
    """The numbers that were skipped in the month of that first day."""
    days = {"created_at__date__gte": month, "created_at__date__lt": first_of_next(month)}
    return SkippedNumbers.objects.filter(**days)


def skipped_among(postings: QuerySet[Posting]) -> QuerySet[SkippedNumbers]:
    """The numbers that were skipped between the first and the last day of the postings."""
    days = postings.order_by().aggregate(first=Min("posted_on"), last=Max("posted_on"))
    if days["first"] is None:
        return SkippedNumbers.objects.none()
    between = {"created_at__date__gte": days["first"], "created_at__date__lte": days["last"]}
    return SkippedNumbers.objects.filter(**between)


def _explained(skipped: SkippedNumbers) -> list[Any]:
    """A row without an account: which numbers no voucher has, and why."""
    day = timezone.localdate(skipped.created_at)
    return [day, _("Numbers skipped"), str(skipped), *[""] * 3, 0, *[""] * 9]


def journal_columns() -> list[ExportColumn]:
    """The columns, in the language of the moment."""
    kinds = {kind.value: str(kind.label) for kind in VoucherKind}
    roles = {role.value: str(role.label) for role in Role}
    return [
        ExportColumn(_("Date"), lambda row: row.posted_on),
        ExportColumn(_("Voucher type"), lambda row: kinds[row.kind]),
        ExportColumn(_("Reference"), lambda row: row.reference),
        ExportColumn(_("Account"), lambda row: row.account),
        ExportColumn(_("Posted as"), lambda row: roles[row.role]),
        ExportColumn(_("VAT code"), lambda row: row.vat_code),
        ExportColumn(_("Amount, debit positive"), lambda row: row.amount / 100),
        ExportColumn(_("Excl. VAT"), lambda row: _kroner(row.net)),
        ExportColumn(_("VAT"), lambda row: _kroner(row.vat)),
        ExportColumn(_("Incl. VAT"), lambda row: _kroner(row.gross)),
        ExportColumn(_("Network"), lambda row: row.network),
        ExportColumn(_("Period from"), lambda row: row.period_start),
        ExportColumn(_("Period until"), lambda row: row.period_end),
        ExportColumn(_("Happened on"), lambda row: row.event_on),
        ExportColumn(
            _("Belongs to the closed month"),
            lambda row: f"{row.event_on:%Y-%m}" if row.is_late else "",
        ),
        ExportColumn(_("Voucher"), lambda row: row.voucher),
    ]


def _kroner(amount: int | None) -> float | None:
    return None if amount is None else amount / 100


def _table(
    rows: QuerySet[Posting],
    columns: Sequence[ExportColumn],
    total: str,
    explained: Sequence[list[Any]],
) -> Iterator[list[Any]]:
    """Headings, the postings some hundred at a time, what is no posting, and the sums."""
    yield [column.heading for column in columns]
    amount = net = vat = gross = 0
    for row in rows.iterator(chunk_size=ROWS_AT_A_TIME):
        yield [column.value(row) for column in columns]
        amount += row.amount
        net, vat, gross = net + (row.net or 0), vat + (row.vat or 0), gross + (row.gross or 0)
    yield from explained
    sums = [amount / 100, net / 100, vat / 100, gross / 100]
    yield [total, *[""] * 5, *sums, *[""] * 6]
