""" "My membership" → Invoices: each charge with its documents, for those who may see them."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from networks.models import Membership
from payments.models import Charge, Invoice, PaymentMethod
from payments.services import charging, crediting, invoicing
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
)
from tests.factories.sellers import make_seller
from tests.networks.public.visits import page_of
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seller() -> None:
    make_seller()


def invoiced(membership: Membership, **buyer: str) -> Invoice:
    invoice = invoicing.issue_invoice(make_charge(membership, **buyer))
    assert invoice is not None
    return invoice


def file_page(membership: Membership, invoice: Invoice, extension: str, address: str = "") -> str:
    return page_of(membership, "membership_invoice_file", address, invoice.pk, extension)


def shown(client, membership: Membership) -> str:
    return client.get(page_of(membership, "membership_invoices")).content.decode()


@pytest.mark.parametrize(
    ("extension", "content_type", "begins"),
    [("pdf", "application/pdf", b"%PDF"), ("xml", "application/xml; charset=utf-8", b"<?xml")],
)
def test_a_document_is_downloaded(client, extension, content_type, begins):
    membership = MembershipFactory()
    invoice = invoiced(membership)
    response = client.get(file_page(membership, invoice, extension))
    assert response["Content-Type"] == content_type
    assert response.content.startswith(begins)
    assert response["Content-Disposition"].endswith(f'"faktura-{invoice.number}.{extension}"')
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]


def test_the_page_shows_invoice_and_credit_note_with_their_files(client):
    membership = MembershipFactory()
    invoice = invoiced(membership)
    crediting.credit_part(invoice.charge, net=100_000, key="part", reason="Aflyst møde")
    invoicing.issue_due()
    page = shown(client, membership)
    for document in Invoice.objects.all():
        assert document.number in page
        for extension in ("pdf", "xml"):
            assert f"{document.pk}.{extension}" in page


def test_there_is_no_xml_of_what_goes_by_no_e_invoice(client):
    membership = MembershipFactory()
    invoice = invoiced(membership, buyer_gln="")
    assert f"{invoice.pk}.xml" not in shown(client, membership)
    assert client.get(file_page(membership, invoice, "xml")).status_code == 404
    assert client.get(file_page(membership, invoice, "exe")).status_code == 404


def test_another_memberships_document_is_not_found(client):
    network = make_network()
    membership, other = (MembershipFactory(network=network) for _number in range(2))
    invoice = invoiced(other)
    assert client.get(file_page(membership, invoice, "pdf")).status_code == 404


def test_the_invoice_contact_opens_it_and_a_participant_does_not(client):
    membership = MembershipFactory()
    contact = PersonFactory()
    Membership.objects.filter(pk=membership.pk).update(invoice_contact=contact)
    participant = ParticipantFactory(membership=membership)
    invoice = invoiced(membership)
    assert client.get(file_page(membership, invoice, "pdf", contact.email)).status_code == 200
    assert client.get(file_page(membership, invoice, "pdf", participant.email)).status_code == 410


def test_a_document_is_only_read(client):
    membership = MembershipFactory()
    assert client.post(file_page(membership, invoiced(membership), "pdf")).status_code == 405


def test_what_is_overdue_is_said_so(client):
    membership = MembershipFactory()
    invoice = invoiced(membership)
    assert "Forfalden" not in shown(client, membership)
    assert invoice.due_on is not None
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert "Forfalden" in shown(client, membership)
    charging.mark_paid(Charge.objects.get())
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert "Forfalden" not in shown(client, membership)


def test_a_receipt_that_is_not_issued_yet_is_told_of_and_then_there(client):
    membership = MembershipFactory()
    charge = make_charge(membership, method=PaymentMethod.CARD)
    assert "kvittering" not in shown(client, membership)
    charging.mark_paid(charge)
    assert "kvittering" in shown(client, membership)
    invoicing.issue_due()
    page = shown(client, membership)
    assert "kvittering" not in page
    assert Invoice.objects.get().number in page


def test_the_queries_do_not_grow_with_charges(client, django_assert_max_num_queries):
    few, many = MembershipFactory(), MembershipFactory()
    invoiced(few)
    for _number in range(5):
        invoiced(many)
    with django_assert_max_num_queries(30) as captured:
        shown(client, few)
    with django_assert_max_num_queries(len(captured)):
        shown(client, many)
