"""A corrected buyer: the old charge is credited whole, a new one stands in its place."""

import threading
from datetime import date

import pytest
from django.db import connections

from cms.audit import SYSTEM
from payments.models import Charge, ChargeState, Invoice, PaymentMethod
from payments.services import bank, crediting, invoicing, ledger
from payments.services.reissue import NotReissuable, credit_and_reissue, next_revision
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller
from tests.payments.recorder import told

pytestmark = pytest.mark.django_db
PERIOD = (date(2027, 1, 1), date(2027, 12, 31))


@pytest.fixture(autouse=True)
def _seller() -> None:
    make_seller()


def owed(**values: object) -> Charge:
    return ChargeFactory(
        **{"method": PaymentMethod.INVOICE, "buyer": BUYER, "period": PERIOD, **values}
    )


def corrected(charge: Charge, **changes: str) -> Charge:
    changes = changes or {"order_number": "4711"}
    buyer = {**charge.buyer(), **changes}
    return credit_and_reissue(charge, buyer=buyer, reason="Forkert ordrenummer", actor=SYSTEM)


def test_the_new_charge_has_the_same_lines_and_period_and_the_corrected_buyer() -> None:
    charge = owed()
    new = corrected(charge, order_number="4711", buyer_name="Rigtig Kommune")
    charge.refresh_from_db()
    assert charge.state == ChargeState.CREDITED
    assert new.state == ChargeState.OPEN
    assert (new.order_number, new.buyer_name) == ("4711", "Rigtig Kommune")
    for name in ("reference", "scope", "method", "net", "vat", "gross", "period_start"):
        assert getattr(new, name) == getattr(charge, name)
    assert [(line.description, line.net) for line in new.lines.all()] == [
        (line.description, line.net) for line in charge.lines.all()
    ]
    assert told(new)[-1] == "reissued"


def test_credit_note_and_new_invoice_are_issued_and_the_ledger_agrees() -> None:
    charge = owed()
    first = invoicing.issue_invoice(charge)
    new = corrected(charge)
    invoicing.issue_due()
    note = Invoice.objects.get(kind="credit_note")
    assert note.corrects == first
    assert note.gross == charge.gross
    assert new.invoices.get().document.order_number == "4711"
    assert list(ledger.differences()) == []


def test_what_no_invoice_could_be_issued_of_is_mended_without_a_credit_note() -> None:
    charge = owed(buyer={**BUYER, "buyer_reference": "", "order_number": ""})
    invoicing.issue_due()
    new = corrected(charge)
    invoicing.issue_due()
    assert list(Invoice.objects.values_list("charge", "kind")) == [(new.pk, "invoice")]


def test_of_what_was_credited_in_part_the_rest_is_charged_anew() -> None:
    charge = owed()
    crediting.credit_part(charge, net=200_000, key="meeting", reason="Aflyst møde")
    new = corrected(charge)
    assert (new.net, new.vat) == (500_000, 125_000)
    invoicing.issue_due()
    assert list(ledger.differences()) == []


def test_what_was_paid_or_credited_or_goes_by_card_is_refused() -> None:
    paid, credited = owed(), owed()
    bank.settle_outside_stripe(paid, received_on=date(2027, 1, 5), actor=SYSTEM)
    crediting.credit_charge(credited, key="c", reason="Udmeldt")
    by_card = owed(method=PaymentMethod.CARD)
    for charge in (paid, credited, by_card):
        with pytest.raises(NotReissuable):
            corrected(charge)
    assert Charge.objects.count() == 3


def test_a_correction_can_be_corrected_again() -> None:
    third = corrected(corrected(owed(key="membership:1:season:2:1")), order_number="9")
    assert third.key == "membership:1:season:2:3"


@pytest.mark.parametrize(("key", "following"), [("a:1", "a:2"), ("a:9", "a:10"), ("a:b", "a:b:2")])
def test_keys_count_revisions(key: str, following: str) -> None:
    assert next_revision(key) == following


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_reissues() -> None:
    charge = owed()
    barrier, refused = threading.Barrier(2), []

    def press() -> None:
        barrier.wait()
        try:
            corrected(charge)
        except NotReissuable as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Charge.objects.count() == 2
