"""Charges and payments in the administration."""

import pytest
from django.test import Client

from cms import audit
from networks import roles
from payments.models import ChargeState, PaymentState, Refund
from payments.services.crediting import credit_charge
from payments.wagtail_hooks import charges, payments
from tests.factories.networks import MembershipFactory, make_user
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(make_user(roles.FINANCE))
    return client


@pytest.mark.disorder("rows of every kind, not of one story")
def test_a_charges_page_tells_lines_buyer_credits_payments_and_refunds(finance: Client) -> None:
    charge = make_charge(MembershipFactory(), method="card")
    payment = make_payment(charge, state="failed")
    Refund.objects.create(payment=payment, key="x", amount=100_00, reason="Betalt to gange")
    credit_charge(charge, key="x", reason="Udmeldt i tide")
    page = finance.get(charges.row_url("inspect", charge.pk)).content.decode()
    for text in (
        "7.000 kr.",
        "1.750 kr.",
        "8.750 kr.",
        "25 %",
        charge.buyer_name,
        charge.buyer_gln,
        "Udmeldt i tide",
        "Betalt to gange",
        "100 kr.",
        payments.row_url("inspect", payment.pk),
    ):
        assert text in page, text


def test_a_payments_page_tells_what_stripe_said(finance: Client) -> None:
    charge = make_charge(MembershipFactory(), method="card")
    payment = make_payment(
        charge, state="needs_review", review_reason="Beløbet er et andet", is_duplicate=True
    )
    page = finance.get(payments.row_url("inspect", payment.pk)).content.decode()
    for text in (
        payment.session_id,
        "Beløbet er et andet",
        "8.750 kr.",
        charges.row_url("inspect", charge.pk),
    ):
        assert text in page, text


def test_finance_marks_an_invoice_as_paid_by_bank(finance: Client) -> None:
    charge = make_charge(MembershipFactory())
    address = charges.row_url("settle", charge.pk)
    assert "8.750 kr." in finance.get(address).content.decode()
    finance.post(address, {"received_on": "2026-11-02"})
    charge.refresh_from_db()
    assert charge.state == ChargeState.PAID
    assert charge.transfers.get().amount == 875_000
    assert audit.history(charge).filter(action="charge.settled_by_bank").exists()
    page = finance.get(charges.row_url("inspect", charge.pk)).content.decode()
    assert address not in page


@pytest.mark.parametrize("case", ["card", "credited"])
def test_only_an_open_invoice_can_be_marked_as_paid(finance: Client, case: str) -> None:
    charge = make_charge(MembershipFactory(), method="card" if case == "card" else "invoice")
    if case == "credited":
        credit_charge(charge, key="x", reason="x")
    charge.refresh_from_db()
    before = charge.state
    response = finance.post(charges.row_url("settle", charge.pk))
    assert response.status_code == 302
    charge.refresh_from_db()
    assert charge.state == before


def test_the_member_administrator_sees_charges_and_settles_none(client: Client) -> None:
    charge = make_charge(MembershipFactory())
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    page = client.get(charges.row_url("inspect", charge.pk)).content.decode()
    assert charges.row_url("settle", charge.pk) not in page
    assert client.post(charges.row_url("settle", charge.pk)).status_code == 302
    charge.refresh_from_db()
    assert charge.state == ChargeState.OPEN


def test_a_silent_stripe_is_an_error_in_the_form(finance: Client) -> None:
    """Nothing listens at the address of the test settings."""
    payment = make_payment(make_charge(MembershipFactory(), method="card"))
    address = payments.row_url("sync", payment.pk)
    assert finance.get(address).status_code == 200
    response = finance.post(address)
    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    payment.refresh_from_db()
    assert payment.state == PaymentState.OPEN


def test_charges_and_payments_are_filtered(finance: Client) -> None:
    card = make_charge(MembershipFactory(), method="card", buyer_name="Kortby Kommune")
    invoice = make_charge(MembershipFactory(), buyer_name="Fakturaby Kommune")
    open_payment = make_payment(card)
    failed = make_payment(card, state="failed", is_duplicate=True, dispute_state="won")
    for admin, rows, cases in (
        (
            charges,
            [card, invoice],
            {
                "method=card": [card],
                "state=open": [card, invoice],
                "state=paid": [],
                f"scope={invoice.scope}": [invoice],
                "q=fakturaby": [invoice],
            },
        ),
        (
            payments,
            [open_payment, failed],
            {
                "state=open": [open_payment],
                "attention=duplicate": [failed],
                "attention=dispute": [failed],
                "attention=review": [],
                f"q={failed.session_id}": [failed],
            },
        ),
    ):
        for query, expected in cases.items():
            page = finance.get(f"{admin.row_url('results')}?{query}").content.decode()
            shown = [row for row in rows if admin.row_url("inspect", row.pk) in page]
            assert shown == expected, query


def test_exports_hold_amounts_as_numbers_and_no_formulas(finance: Client) -> None:
    make_payment(make_charge(MembershipFactory(), buyer_name="=1+1", method="card"))
    for admin in (charges, payments):
        response = finance.get(admin.row_url("index"), {"export": "csv"})
        text = b"".join(response.streaming_content).decode()
        assert "'=1+1" in text
        assert "8750.0" in text
