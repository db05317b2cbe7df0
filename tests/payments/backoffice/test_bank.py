"""The bank in the administration: a statement taken in, transfers matched, by finance alone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from networks import roles
from payments.models import BankTransfer, ChargeState, Invoice, PaymentSettings
from payments.services import invoicing
from payments.wagtail_hooks import transfers
from tests.factories.networks import MembershipFactory, make_user
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db
COLUMNS = {"date": "Dato", "text": "Tekst", "amount": "Beløb"}


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(make_user(roles.FINANCE))
    return client


@pytest.fixture
def invoice() -> Invoice:
    make_seller()
    issued = invoicing.issue_invoice(make_charge(MembershipFactory()))
    assert issued is not None
    return issued


def statement(*rows: str, heading: str = "Dato;Tekst;Beløb") -> SimpleUploadedFile:
    return SimpleUploadedFile("konto.csv", "\n".join([heading, *rows]).encode("cp1252"))


def take_in(client: Client, *rows: str, **columns: str):
    data = {**COLUMNS, **columns, "statement": statement(*rows)}
    return client.post(transfers.row_url("import"), data, follow=True)


def test_a_statement_is_taken_in_and_its_sure_rows_are_matched(finance: Client, invoice) -> None:
    page = take_in(
        finance, f"02-11-2026;Faktura {invoice.number};8.750,00", "02-11-2026;Andet;12,00"
    )
    line = page.context["lines"][0]
    assert line["is_sure"]
    assert len(page.context["lines"]) == 1
    finance.post(transfers.row_url("suggestions"), {"match": [line["value"]]})
    invoice.charge.refresh_from_db()
    assert invoice.charge.state == ChargeState.PAID
    assert BankTransfer.objects.filter(state="unmatched").count() == 1


def test_the_columns_are_remembered(finance: Client, invoice) -> None:
    take_in(finance, "02-11-2026;x;1,00")
    assert PaymentSettings.objects.get().statement_columns == COLUMNS
    form = finance.get(transfers.row_url("import")).context["form"]
    assert form["amount"].value() == "Beløb"


def test_a_file_with_other_columns_tells_which_it_has(finance: Client, invoice) -> None:
    page = take_in(finance, "02-11-2026;x;1,00", amount="Kroner")
    assert "Dato, Tekst, Beløb" in page.content.decode()
    assert not BankTransfer.objects.exists()


def test_what_was_not_suggested_is_not_matched(finance: Client, invoice) -> None:
    take_in(finance, "02-11-2026;Andet;12,00")
    row = BankTransfer.objects.get()
    finance.post(transfers.row_url("suggestions"), {"match": [f"{row.pk}:{invoice.charge_id}"]})
    row.refresh_from_db()
    assert row.state == "unmatched"


def test_a_transfer_is_matched_by_number_and_taken_back(finance: Client, invoice) -> None:
    take_in(finance, "02-11-2026;Andet;8.750,00")
    row = BankTransfer.objects.get()
    address = transfers.row_url("match", row.pk)
    assert finance.get(address).context["form"]["number"].value() == invoice.number
    assert finance.post(address, {"number": "2000-00001"}).status_code == 200
    assert finance.post(address, {"number": invoice.number}).status_code == 302
    invoice.charge.refresh_from_db()
    assert invoice.charge.state == ChargeState.PAID
    finance.post(transfers.row_url("unmatch", row.pk), {"reason": "Forkert"})
    invoice.charge.refresh_from_db()
    assert invoice.charge.state == ChargeState.OPEN
    finance.post(transfers.row_url("ignore", row.pk), {"reason": "Husleje"})
    row.refresh_from_db()
    assert row.state == "ignored"
    assert "Husleje" in finance.get(transfers.row_url("inspect", row.pk)).content.decode()


def test_the_list_takes_the_same_queries_for_any_number(
    finance: Client, invoice, django_assert_max_num_queries
) -> None:
    take_in(finance, "02-11-2026;Andet;12,00")
    with django_assert_max_num_queries(15) as captured:
        finance.get(transfers.row_url("index"))
    count = len(captured)
    take_in(finance, *[f"03-11-2026;Række {number};12,00" for number in range(9)])
    with django_assert_max_num_queries(count):
        page = finance.get(transfers.row_url("index")).content.decode()
    assert "Række 8" in page


@pytest.mark.parametrize("role", [role for role in roles.ROLES if role != roles.FINANCE])
def test_nobody_else_takes_in_or_matches(role: str, invoice) -> None:
    client = Client()
    client.force_login(make_user(role))
    assert take_in(client, "02-11-2026;x;8.750,00").redirect_chain
    assert not BankTransfer.objects.exists()
    row = BankTransfer.objects.create(key="k", received_on="2026-11-02", amount=875_000)
    client.post(transfers.row_url("match", row.pk), {"number": invoice.number})
    row.refresh_from_db()
    assert row.state == "unmatched"
    expected = 200 if role == roles.AUDITORS else 302
    assert client.get(transfers.row_url("inspect", row.pk)).status_code == expected
