"""Finance corrects: makes an invoice out anew, and credits in whole or in part."""

from uuid import uuid4

import pytest
from django.test import Client

from cms.audit import SYSTEM, AuditEntry
from networks import roles
from payments.models import Charge, ChargeState, Credit, Invoice, PaymentState, Refund
from payments.services import bank, charging, invoicing, ledger
from payments.wagtail_hooks import charges, invoices
from tests.factories.networks import MembershipFactory, make_user
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seller() -> None:
    make_seller()


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(make_user(roles.FINANCE))
    return client


def issued() -> Invoice:
    invoice = invoicing.issue_invoice(make_charge(MembershipFactory()))
    assert invoice is not None
    return invoice


def asked(invoice: Invoice, **changes: str) -> dict[str, str]:
    return {**invoice.charge.buyer(), "reason": "Forkert EAN-nummer", **changes}


class TestReissue:
    def test_the_form_is_filled_in_and_leads_to_the_new_charge(self, finance: Client) -> None:
        invoice = issued()
        address = invoices.row_url("reissue", invoice.pk)
        assert invoice.charge.buyer_street in finance.get(address).content.decode()
        response = finance.post(address, asked(invoice, order_number="4711"))
        new = Charge.objects.get(order_number="4711")
        assert response["Location"] == charges.row_url("inspect", new.pk)
        assert finance.get(response["Location"]).status_code == 200
        assert finance.get(address).status_code == 302

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"buyer_gln": "5790000000001"},
            {"buyer_gln": ""},
            {"buyer_cvr": "12345678"},
            {"buyer_city": ""},
            {"buyer_reference": "", "order_number": ""},
            {"order_number": "4711", "reason": ""},
        ],
    )
    def test_what_could_not_be_issued_is_refused(self, finance: Client, changes) -> None:
        invoice = issued()
        finance.post(invoices.row_url("reissue", invoice.pk), asked(invoice, **changes))
        assert Charge.objects.count() == 1
        assert not Credit.objects.exists()

    @pytest.mark.disorder("paid by a word, no money behind it")
    def test_a_paid_one_is_refused_with_an_explanation(self, finance: Client) -> None:
        invoice = issued()
        charging.mark_paid(invoice.charge)
        address = invoices.row_url("reissue", invoice.pk)
        assert address not in finance.get(invoices.row_url("inspect", invoice.pk)).content.decode()
        page = finance.post(address, asked(invoice, order_number="4711")).content.decode()
        assert "betalt" in page
        assert Charge.objects.count() == 1

    def test_a_held_charge_is_mended_from_its_own_page(self, finance: Client) -> None:
        charge = make_charge(MembershipFactory(), buyer_reference="", order_number="")
        address = charges.row_url("reissue", charge.pk)
        assert address in finance.get(charges.row_url("inspect", charge.pk)).content.decode()
        data = {**charge.buyer(), "order_number": "4711", "reason": "Mangler ordrenummer"}
        assert finance.post(address, data).status_code == 302
        invoicing.issue_due()
        assert Invoice.objects.get().document.order_number == "4711"


class TestCredit:
    def credit(self, finance: Client, charge: Charge, **data: object):
        posted = {"extent": "whole", "reason": "Aftalt", "key": uuid4(), **data}
        return finance.post(charges.row_url("credit", charge.pk), posted)

    def test_whole(self, finance: Client) -> None:
        invoice = issued()
        assert self.credit(finance, invoice.charge).status_code == 302
        assert Charge.objects.get().state == ChargeState.CREDITED
        invoicing.issue_due()
        assert Invoice.objects.get(kind="credit_note").gross == 875_000
        assert AuditEntry.objects.filter(action="charge.credited_by_hand").exists()
        assert list(ledger.differences()) == []

    def test_an_amount_excluding_vat(self, finance: Client) -> None:
        invoice = issued()
        self.credit(finance, invoice.charge, extent="amount", amount="1.000,50")
        assert Credit.objects.get().gross == 125_063
        assert Charge.objects.get().state == ChargeState.OPEN

    def test_a_line(self, finance: Client) -> None:
        charge = make_charge(MembershipFactory())
        self.credit(finance, charge, extent="line", line=charge.lines.get().pk)
        assert Credit.objects.get().net == 700_000

    def test_pressed_twice_credits_once(self, finance: Client) -> None:
        charge, key = make_charge(MembershipFactory()), uuid4()
        for _press in range(2):
            response = self.credit(finance, charge, extent="amount", amount="1000", key=key)
            assert response.status_code == 302
        assert Credit.objects.get().net == 100_000

    def test_two_of_the_same_amount_on_purpose_are_two(self, finance: Client) -> None:
        charge = make_charge(MembershipFactory())
        for _time in range(2):
            self.credit(finance, charge, extent="amount", amount="1000")
        assert Credit.objects.count() == 2

    @pytest.mark.parametrize(
        "data",
        [
            {"extent": "amount", "amount": "7000,01"},
            {"extent": "amount", "amount": ""},
            {"extent": "amount", "amount": "0"},
            {"extent": "line"},
            {"extent": ""},
            {"reason": ""},
            {"key": ""},
        ],
    )
    def test_what_can_not_be_credited_is_refused(self, finance: Client, data) -> None:
        charge = make_charge(MembershipFactory())
        assert self.credit(finance, charge, **data).status_code == 200
        assert not Credit.objects.exists()

    def test_a_line_of_another_charge_is_refused(self, finance: Client) -> None:
        charge, other = make_charge(MembershipFactory()), make_charge(MembershipFactory())
        self.credit(finance, charge, extent="line", line=other.lines.get().pk)
        assert not Credit.objects.exists()

    def test_what_was_paid_by_card_is_sent_back(self, finance: Client) -> None:
        charge = make_charge(MembershipFactory(), method="card")
        make_payment(charge, state=PaymentState.SUCCEEDED, paid_at=charge.created_at)
        charging.mark_paid(charge)
        self.credit(finance, charge, extent="amount", amount="1000")
        assert Refund.objects.get().amount == 125_000

    def test_of_what_was_paid_by_bank_the_page_says_who_sends_it_back(
        self, finance: Client
    ) -> None:
        charge = make_charge(MembershipFactory())
        bank.settle_outside_stripe(charge, received_on=charge.created_at.date(), actor=SYSTEM)
        page = finance.get(charges.row_url("credit", charge.pk)).content.decode()
        assert "bank" in page
        assert self.credit(finance, charge).status_code == 302


def test_who_may_only_see_corrects_nothing(client: Client) -> None:
    client.force_login(make_user(roles.AUDITORS))
    invoice = issued()
    for address in (
        invoices.row_url("reissue", invoice.pk),
        charges.row_url("credit", invoice.charge_id),
    ):
        assert client.post(address, asked(invoice)).status_code in (302, 403)
    assert not Credit.objects.exists()
