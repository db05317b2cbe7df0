"""Charges: made once, VAT once per rate, credited once, and their handler told."""

import pytest

from payments.models import ChargeState, Credit, PaymentMethod
from payments.services import charging
from payments.services.charging import Line
from tests.factories.payments import ChargeFactory
from tests.payments import recorder

pytestmark = pytest.mark.django_db


def test_the_same_key_makes_one_charge() -> None:
    first = ChargeFactory(key="k")
    second = ChargeFactory(key="k", lines=(Line("Andet", 2, 1, 0, "fritaget"),))
    assert first.pk == second.pk
    assert (second.net, second.vat, second.gross) == (700_000, 175_000, 875_000)
    assert second.lines.count() == 1


def test_vat_is_computed_once_per_rate() -> None:
    lines = (
        Line("Et", 1, 1, 2500),
        Line("To", 1, 1, 2500),
        Line("Fritaget", 1, 100, 0, "Undervisning"),
    )
    charge = ChargeFactory(lines=lines)
    assert (charge.net, charge.vat, charge.gross) == (102, 1, 103)


def test_settled_by_bank_it_is_paid_once() -> None:
    charge = ChargeFactory(method=PaymentMethod.INVOICE)
    for _time in range(2):
        charging.settle_outside_stripe(charge)
    charge.refresh_from_db()
    assert charge.state == ChargeState.PAID
    assert recorder.told(charge) == ["paid"]


def test_credited_it_is_taken_off_once_and_whole() -> None:
    charge = ChargeFactory()
    credit = charging.credit_charge(charge, key="c", reason="Udmeldt")
    assert (credit.net, credit.vat, credit.gross) == (700_000, 175_000, 875_000)
    assert charging.credit_charge(charge, key="c", reason="Udmeldt") == credit
    assert charging.credit_charge(charge, key="d", reason="Udmeldt") is None
    assert Credit.objects.count() == 1
    assert recorder.told(charge) == ["credited"]


def test_only_an_open_charge_changes_its_method() -> None:
    charge = ChargeFactory()
    charging.change_method(charge, PaymentMethod.INVOICE, {"buyer_gln": "5798009811578"})
    charge.refresh_from_db()
    assert (charge.method, charge.buyer_gln) == (PaymentMethod.INVOICE, "5798009811578")
    charging.settle_outside_stripe(charge)
    with pytest.raises(type(charge).DoesNotExist):
        charging.change_method(charge, PaymentMethod.CARD, {})


def test_charges_are_locked_by_their_reference() -> None:
    charges = [ChargeFactory(reference="a:1"), ChargeFactory(reference="a:1")]
    ChargeFactory(reference="a:2")
    assert charging.lock_charges("a:1") == charges
