"""The accounts in the administration: read by finance and auditors, closed by finance."""

import csv
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook

from cms.audit import SYSTEM
from networks import roles
from payments.models import AccountingMonth, Charge, Posting
from payments.services import bank, invoicing, journal
from payments.wagtail_hooks import postings
from tests.factories.networks import MembershipFactory, make_user
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db
HEADINGS, TOTAL = 1, 1


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-10-15T12:00+02:00", tick=False) as moved:
        yield moved


@pytest.fixture
def charge() -> Charge:
    """Invoiced and posted."""
    make_seller()
    charge = make_charge(MembershipFactory())
    invoicing.issue_invoice(charge)
    journal.post_due()
    return charge


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def file_of(client: Client, month: str, kind: str) -> bytes:
    response = client.get(postings.row_url("month-file", month, kind))
    return b"".join(response.streaming_content)


def cells_of(content: bytes) -> list[tuple]:
    sheet = load_workbook(BytesIO(content)).active
    return list(sheet.iter_rows(values_only=True))


def close_october(client: Client):
    return client.post(postings.row_url("close"), {"month": "2026-10-01"}, follow=True)


def test_a_months_file_has_a_row_a_posting_and_a_total_of_zero(charge: Charge) -> None:
    text = file_of(signed_in(roles.FINANCE), "2026-10", "csv").decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert len(rows) == HEADINGS + 3 + TOTAL
    assert rows[-1][0] == "I alt"
    assert sum(float(row[6]) for row in rows[1:-1]) == float(rows[-1][6]) == 0
    assert charge.scope_label in text


def test_the_same_stands_in_the_spreadsheet_as_numbers_and_dates(charge: Charge) -> None:
    headings, *rows, total = cells_of(file_of(signed_in(roles.AUDITORS), "2026-10", "xlsx"))
    assert [row[6] for row in rows] == [8750, -7000, -1750]
    assert total[6:10] == (0, 7000, 1750, 8750)
    assert len(headings) == len(rows[0]) == len(total)


def test_what_looks_like_a_formula_is_text(charge: Charge) -> None:
    other = make_charge(MembershipFactory())
    Charge.objects.filter(pk=other.pk).update(scope_label="=HYPERLINK(1)")
    invoicing.issue_invoice(other)
    journal.post_due()
    client = signed_in(roles.FINANCE)
    assert ",'=HYPERLINK(1)," in file_of(client, "2026-10", "csv").decode()
    cells = [cell for row in cells_of(file_of(client, "2026-10", "xlsx")) for cell in row]
    assert "'=HYPERLINK(1)" in cells


def test_a_closed_months_file_never_changes(charge: Charge, clock) -> None:
    clock.move_to("2026-11-02T12:00+01:00")
    finance = signed_in(roles.FINANCE)
    assert "er lukket" in close_october(finance).content.decode()
    before = file_of(finance, "2026-10", "csv")
    sheet = cells_of(file_of(finance, "2026-10", "xlsx"))
    bank.settle_outside_stripe(charge, received_on=charge.created_at.date(), actor=SYSTEM)
    make_seller(account_debtors="1", account_revenue="2", vat_code="X")
    make_charge(MembershipFactory())
    invoicing.issue_due()
    journal.post_due()
    english = make_user(roles.AUDITORS)
    other = Client(headers={"accept-language": "en"})
    other.force_login(english)
    assert file_of(other, "2026-10", "csv") == before
    assert cells_of(file_of(other, "2026-10", "xlsx")) == sheet
    # The transfer of October stands in November, and says so.
    assert "2026-10-15,2026-10," in file_of(finance, "2026-11", "csv").decode()


def test_the_months_tell_what_was_sold_and_which_can_be_closed(charge: Charge, clock) -> None:
    finance = signed_in(roles.FINANCE)
    page = finance.get(postings.row_url("months"))
    assert [line["can_close"] for line in page.context["lines"]] == [False]
    clock.move_to("2026-12-02T12:00+01:00")
    finance = signed_in(roles.FINANCE)
    (line,) = finance.get(postings.row_url("months")).context["lines"]
    assert (line["net"], line["vat"], line["rest"]) == ("7.000 kr.", "1.750 kr.", "0 kr.")
    assert line["can_close"]
    close_october(finance)
    november, october = finance.get(postings.row_url("months")).context["lines"]
    assert (november["can_close"], bool(october["closed"])) == (True, True)


def test_a_month_is_not_closed_by_looking_nor_twice_nor_out_of_turn(charge: Charge, clock) -> None:
    finance = signed_in(roles.FINANCE)
    assert not close_october(finance).redirect_chain
    assert finance.get(postings.row_url("close")).url == postings.row_url("months")
    clock.move_to("2026-12-02T12:00+01:00")
    finance = signed_in(roles.FINANCE)
    finance.get(postings.row_url("close"))
    assert not AccountingMonth.objects.exists()
    finance.post(postings.row_url("close"), {"month": "2026-11-01"})
    finance.post(postings.row_url("close"), {"month": "nonsense"})
    assert not AccountingMonth.objects.exists()
    close_october(finance)
    close_october(finance)
    closed = AccountingMonth.objects.get()
    assert (f"{closed}", closed.closed_by.is_authenticated) == ("2026-10", True)


def test_there_is_nothing_to_close_before_anything_was_posted() -> None:
    finance = signed_in(roles.FINANCE)
    assert finance.get(postings.row_url("close")).status_code == 404
    assert finance.get(postings.row_url("months")).status_code == 200


def test_a_postings_page_shows_its_voucher_and_the_charge(charge: Charge) -> None:
    posting = Posting.objects.get(role="vat")
    page = signed_in(roles.FINANCE).get(postings.row_url("inspect", posting.pk)).content.decode()
    for text in ("8.750 kr.", "7.000 kr.", "1.750 kr.", "U25", charge.buyer_name):
        assert text in page, text


def test_the_list_is_exported_as_it_is_filtered(charge: Charge) -> None:
    address = postings.row_url("index")
    response = signed_in(roles.FINANCE).get(address, {"role": "vat", "export": "xlsx"})
    rows = cells_of(b"".join(response.streaming_content))
    assert [row[6] for row in rows[1:]] == [-1750, -1750]


@pytest.mark.parametrize("month", ["2026-13", "2026-00"])
def test_a_month_that_is_none_is_not_found(charge: Charge, month: str) -> None:
    address = postings.row_url("month-file", month, "csv")
    assert signed_in(roles.FINANCE).get(address).status_code == 404


def test_lists_take_the_same_queries_for_any_number(
    charge: Charge, clock, django_assert_max_num_queries
) -> None:
    client = Client()
    user = make_user(roles.FINANCE)
    client.force_login(user)
    pages = [postings.row_url(name) for name in ("index", "months")]
    counts = []
    for page in pages:
        with django_assert_max_num_queries(14) as captured:
            client.get(page)
        counts.append(len(captured))
    for month in (11, 12):
        clock.move_to(f"2026-{month}-03T12:00+01:00")
        journal.close_month(journal.next_to_close(), actor=SYSTEM)
        make_charge(MembershipFactory())
        invoicing.issue_due()
        journal.post_due()
    client.force_login(user)
    for page, count in zip(pages, counts, strict=True):
        with django_assert_max_num_queries(count):
            assert client.get(page).status_code == 200


@pytest.mark.parametrize("role", roles.ROLES)
def test_finance_and_auditors_read_and_only_finance_closes(
    role: str, charge: Charge, clock
) -> None:
    clock.move_to("2026-11-02T12:00+01:00")
    client = signed_in(role)
    posting = Posting.objects.first()
    expected = 200 if role in (roles.FINANCE, roles.AUDITORS) else 302
    for address in (
        postings.row_url("index"),
        postings.row_url("months"),
        postings.row_url("inspect", posting.pk),
        postings.row_url("month-file", "2026-10", "csv"),
        postings.row_url("month-file", "2026-10", "xlsx"),
    ):
        assert client.get(address).status_code == expected, address
    months = client.get(postings.row_url("months"))
    offered = months.context["close_url"] if expected == 200 else ""
    close_october(client)
    assert bool(offered) == AccountingMonth.objects.exists() == (role == roles.FINANCE)
