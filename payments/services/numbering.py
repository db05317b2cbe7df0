"""The numbers of invoices and credit notes: one series for each accounting year, without gaps.

After a restore from a backup the series may have to go on higher than it stands, past the numbers
that were given out since. What is skipped is told by a row that is never changed: nothing that is
missing is unexplained.
"""

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.utils import timezone

from cms import audit
from cms.audit import Actor
from payments.models import Invoice, NumberSeries, SkippedNumbers, seller_settings

#: A typing error must not use up a year's numbers.
MOST_SKIPPED = 10_000


class NotSkippable(Exception):
    """The series can't go on at that number; the text says why, for operators."""


def accounting_year(day: date, begins_in: int) -> int:
    """The accounting year of a local date, named by the calendar year in which it begins."""
    return day.year if day.month >= begins_in else day.year - 1


def current_year() -> int:
    _seller, settings = seller_settings()
    return accounting_year(timezone.localdate(), settings.accounting_year_begins)


def next_number(year: int) -> int:
    """The next number of the year: its row stays locked until the issuing transaction ends."""
    series = _locked(year)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last


@transaction.atomic
def go_on_at(
    number: int, *, year: int, actor: Actor, reason: str, carry_out: bool = True
) -> SkippedNumbers | None:
    """Let the year's next document have at least that number; returns what was skipped, None when
    nothing is: the next number is that one already. ``carry_out=False`` writes nothing.

    Raises NotSkippable: never back, nor for a year to come, nor without a reason.
    """
    if not reason.strip():
        raise NotSkippable("Say why: it is told wherever the numbers are missed.")
    if year > current_year():
        raise NotSkippable(f"{year} has not begun.")
    series = _locked(year)
    if number <= series.last:
        raise NotSkippable(f"{year}-{series.last:05d} is given out: the series can't go back.")
    skipped = SkippedNumbers(
        year=year, first=series.last + 1, last=number - 1, reason=reason.strip()
    )
    if skipped.count > MOST_SKIPPED:
        raise NotSkippable(f"{skipped.count} numbers would be skipped; at most {MOST_SKIPPED} are.")
    if not skipped.count:
        return None
    if carry_out:
        skipped.save()
        series.last = skipped.last
        series.save(update_fields=["last"])
        audit.record(
            actor=actor,
            action="invoice_numbers.skipped",
            subject=skipped,
            reason=reason,
            year=year,
            first=skipped.first,
            last=skipped.last,
        )
    return skipped


def _locked(year: int) -> NumberSeries:
    NumberSeries.objects.get_or_create(year=year)
    return NumberSeries.objects.select_for_update().get(year=year)


def unexplained() -> Iterator[tuple[int, list[int]]]:
    """(year, numbers) below the highest that no document has and no row explains."""
    skipped: dict[int, set[int]] = {}
    for row in SkippedNumbers.objects.all():
        skipped.setdefault(row.year, set()).update(range(row.first, row.last + 1))
    for year in Invoice.objects.order_by("year").values_list("year", flat=True).distinct():
        numbers = set(Invoice.objects.filter(year=year).values_list("sequence", flat=True))
        explained = skipped.get(year, set())
        missing = sorted(set(range(1, max(numbers) + 1)) - numbers - explained)
        if missing:
            yield year, missing
