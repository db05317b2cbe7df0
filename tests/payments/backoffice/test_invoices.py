"""Invoices in the administration: found, downloaded, sent again; by those who may."""

from io import BytesIO

import pytest
from django.test import Client
from lxml import etree
from pypdf import PdfReader

from networks import roles
from payments.models import Invoice, Transmission
from payments.services import invoicing
from payments.services.crediting import credit_charge
from payments.wagtail_hooks import charges, invoices
from tests.factories.networks import MembershipFactory, make_network, make_user
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db
FILES = ("pdf", "xml")


@pytest.fixture(autouse=True)
def _seller() -> None:
    make_seller()


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(make_user(roles.FINANCE))
    return client


def issued(**buyer: str) -> Invoice:
    invoice = invoicing.issue_invoice(make_charge(MembershipFactory(), **buyer))
    assert invoice is not None
    return invoice


def test_finance_downloads_pdf_and_e_invoice(finance: Client) -> None:
    invoice = issued()
    response = finance.get(invoices.row_url("pdf", invoice.pk))
    assert response["Content-Type"] == "application/pdf"
    assert f"faktura-{invoice.number}.pdf" in response["Content-Disposition"]
    assert invoice.number in PdfReader(BytesIO(response.content)).pages[0].extract_text()
    xml = finance.get(invoices.row_url("xml", invoice.pk)).content
    assert etree.fromstring(xml).findtext("{*}ID") == invoice.number


def test_what_goes_by_no_e_invoice_has_no_xml(finance: Client) -> None:
    invoice = issued(buyer_gln="")
    assert finance.get(invoices.row_url("xml", invoice.pk)).status_code == 302
    assert (
        invoices.row_url("xml", invoice.pk)
        not in finance.get(invoices.row_url("inspect", invoice.pk)).content.decode()
    )


def test_an_invoices_page_leads_to_its_charge_and_credit_note_and_back(finance: Client) -> None:
    invoice = issued()
    credit_charge(invoice.charge, key="c", reason="Fejl")
    invoicing.issue_due()
    note = Invoice.objects.get(kind="credit_note")
    page = finance.get(invoices.row_url("inspect", invoice.pk)).content.decode()
    assert invoices.row_url("inspect", note.pk) in page
    assert charges.row_url("inspect", invoice.charge_id) in page
    charge = finance.get(charges.row_url("inspect", invoice.charge_id)).content.decode()
    assert invoices.row_url("inspect", note.pk) in charge
    assert invoices.row_url("inspect", invoice.pk) in charge


def test_a_charge_tells_why_it_is_not_invoiced(finance: Client) -> None:
    charge = make_charge(MembershipFactory(), buyer_reference="")
    invoicing.issue_due()
    page = finance.get(charges.row_url("inspect", charge.pk)).content.decode()
    assert "PEPPOL-EN16931-R003" in page


def test_it_is_sent_again_only_where_a_sender_is_set(finance: Client, settings, tmp_path) -> None:
    invoice = issued()
    address = invoices.row_url("send", invoice.pk)
    assert finance.get(address).status_code == 302
    settings.E_INVOICE_SENDER = str(tmp_path)
    assert finance.get(address).status_code == 200
    assert finance.post(address).status_code == 302
    assert Transmission.objects.get().state == "queued"


def test_it_is_marked_as_delivered_by_hand(finance: Client) -> None:
    invoice = issued()
    finance.post(invoices.row_url("delivered", invoice.pk), {"receipt": "Portalen"})
    assert Transmission.objects.get().receipt == "Portalen"
    assert "Portalen" in finance.get(invoices.row_url("inspect", invoice.pk)).content.decode()


def test_the_list_takes_the_same_queries_for_any_number(
    finance: Client, django_assert_max_num_queries
) -> None:
    issued()
    with django_assert_max_num_queries(15) as captured:
        finance.get(invoices.row_url("index"))
    count = len(captured)
    for _number in range(5):
        issued()
    with django_assert_max_num_queries(count):
        page = finance.get(invoices.row_url("index")).content.decode()
    assert all(invoice.number in page for invoice in Invoice.objects.all())


def test_an_export_adds_up_with_credit_notes_taken_off(finance: Client) -> None:
    invoice = issued()
    credit_charge(invoice.charge, key="c", reason="Fejl")
    invoicing.issue_due()
    response = finance.get(invoices.row_url("index"), {"export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "8750" in text
    assert "-8750" in text


def test_a_coordinator_has_no_invoices_and_auditors_only_read() -> None:
    network = make_network()
    invoice = invoicing.issue_invoice(make_charge(MembershipFactory(network=network)))
    coordinator, auditor = Client(), Client()
    coordinator.force_login(make_user(roles.COORDINATORS, networks=[network]))
    auditor.force_login(make_user(roles.AUDITORS))
    for name in ("inspect", *FILES, "delivered"):
        assert coordinator.get(invoices.row_url(name, invoice.pk)).status_code == 302
    assert auditor.get(invoices.row_url("pdf", invoice.pk)).status_code == 200
    answer = auditor.post(invoices.row_url("delivered", invoice.pk), {"receipt": "x"})
    assert answer.status_code == 302
    assert not Transmission.objects.exists()
