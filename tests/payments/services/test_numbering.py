"""After a restore the series of invoices goes on past what was given out, and that is explained."""

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from cms import audit
from networks import roles
from payments.models import Invoice, NumberSeries, PaymentMethod, SkippedNumbers
from payments.services import invoicing, journal, ledger, numbering
from payments.wagtail_hooks import postings
from tests.factories.networks import BUYER, make_user
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db
REASON = "Gendannet fra backup af 1. marts"


@pytest.fixture(autouse=True)
def year() -> int:
    make_seller()
    return numbering.current_year()


def issue() -> Invoice:
    charge = ChargeFactory(method=PaymentMethod.INVOICE, buyer=BUYER)
    invoice = invoicing.issue_invoice(charge)
    assert invoice is not None
    return invoice


def command(number: int, *more: str, reason: str = REASON) -> str:
    output = StringIO()
    call_command(
        "next_invoice_number", "--at-least", str(number), "--reason", reason, *more, stdout=output
    )
    return output.getvalue()


def check() -> str:
    output = StringIO()
    call_command("check_ledger", stdout=output)
    return output.getvalue()


def test_the_next_document_has_that_number_and_the_ledger_tells_why(year):
    issue()
    assert f"Skipped: {year}-00002 – {year}-00006: {REASON}" in command(7, "--yes")
    assert issue().sequence == 7
    assert list(ledger.differences()) == []
    assert f"explained: invoice numbers skipped: {year}-00002 – {year}-00006: {REASON}" in check()
    entry = audit.history(SkippedNumbers.objects.get()).get()
    assert (entry.action, entry.reason) == ("invoice_numbers.skipped", REASON)
    assert entry.data == {"year": year, "first": 2, "last": 6}


@pytest.mark.disorder("broken, to be told")
def test_a_number_beside_those_that_were_skipped_is_still_missed(year):
    issue()
    command(7, "--yes")
    NumberSeries.objects.update(last=7)
    issue()
    assert list(numbering.unexplained()) == [(year, [7])]
    with pytest.raises(CommandError):
        check()


def test_without_a_yes_it_is_only_said(year):
    issue()
    assert f"Would be skipped: {year}-00002: {REASON}. Add --yes" in command(3)
    assert issue().sequence == 2
    assert not SkippedNumbers.objects.exists()


def test_what_is_the_next_number_anyway_skips_nothing():
    issue()
    assert "Nothing is to be skipped" in command(2, "--yes")
    assert not SkippedNumbers.objects.exists()


@pytest.mark.parametrize(
    ("number", "more", "reason"),
    [
        (1, (), REASON),
        (9, (), " "),
        (numbering.MOST_SKIPPED + 3, (), REASON),
        (9, ("--year", "2999"), REASON),
    ],
)
def test_it_goes_neither_back_nor_far_nor_without_a_reason(number, more, reason):
    issue()
    with pytest.raises(CommandError):
        command(number, "--yes", *more, reason=reason)
    assert issue().sequence == 2
    assert not SkippedNumbers.objects.exists()


@pytest.mark.parametrize("change", ["UPDATE payments_skippednumbers SET last = 9", "DELETE FROM"])
def test_the_explanation_stays(change):
    command(5, "--yes")
    sql = "DELETE FROM payments_skippednumbers" if change == "DELETE FROM" else change
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_file_of_the_month_and_of_the_list_name_the_numbers(year):
    issue()
    command(7, "--yes")
    issue()
    journal.post_due()
    client = Client()
    client.force_login(make_user(roles.FINANCE))
    month = f"{timezone.localdate():%Y-%m}"
    for address in (
        postings.row_url("month-file", month, "csv"),
        f"{postings.row_url('index')}?export=csv",
    ):
        answer = client.get(address)
        text = b"".join(answer).decode("utf-8-sig")
        rows = list(csv.reader(StringIO(text), delimiter=";" if ";" in text else ","))
        (told,) = [row for row in rows if f"{year}-00002 – {year}-00006: {REASON}" in row]
        assert "Numre sprunget over" in told
        assert len(told) == len(rows[0])
        assert rows[-1][0] == "I alt"
    other = client.get(postings.row_url("month-file", "2020-01", "csv"))
    assert REASON not in b"".join(other).decode("utf-8-sig")
