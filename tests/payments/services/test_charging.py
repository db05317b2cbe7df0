"""Charges: made once, VAT once per rate, credited once, and their handler told."""

import pytest

from payments.models import Charge, ChargeState, Credit, PaymentMethod, Refund
from payments.services import bank, charging, crediting
from payments.services.charging import Line
from payments.services.checkout import sync_payment
from payments.services.crediting import CreditTooLarge
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
        bank.settle_outside_stripe(charge)
    charge.refresh_from_db()
    assert charge.state == ChargeState.PAID
    assert recorder.told(charge) == ["paid"]


def test_credited_it_is_taken_off_once_and_whole() -> None:
    charge = ChargeFactory()
    credit = crediting.credit_charge(charge, key="c", reason="Udmeldt")
    assert (credit.net, credit.vat, credit.gross) == (700_000, 175_000, 875_000)
    assert crediting.credit_charge(charge, key="c", reason="Udmeldt") == credit
    assert crediting.credit_charge(charge, key="d", reason="Udmeldt") is None
    assert Credit.objects.count() == 1
    assert recorder.told(charge) == ["credited"]


def test_only_an_open_charge_changes_its_method() -> None:
    charge = ChargeFactory()
    charging.change_method(charge, PaymentMethod.INVOICE, {"buyer_gln": "5798009811578"})
    charge.refresh_from_db()
    assert (charge.method, charge.buyer_gln) == (PaymentMethod.INVOICE, "5798009811578")
    bank.settle_outside_stripe(charge)
    with pytest.raises(type(charge).DoesNotExist):
        charging.change_method(charge, PaymentMethod.CARD, {})


def test_charges_are_locked_by_their_reference() -> None:
    charges = [ChargeFactory(reference="a:1"), ChargeFactory(reference="a:1")]
    ChargeFactory(reference="a:2")
    assert charging.lock_charges("a:1") == charges


# A part taken off --------------------------------------------------------------------------------


def credited(charge: Charge) -> tuple[int, str]:
    charge.refresh_from_db()
    return charge.credited, charge.state


def test_a_part_is_taken_off_with_its_vat_and_the_rest_stands() -> None:
    charge = ChargeFactory()
    for _time in range(2):
        credit = crediting.credit_part(charge, net=180_000, key="p", reason="Møde aflyst")
    assert (credit.net, credit.vat, credit.gross) == (180_000, 45_000, 225_000)
    assert credited(charge) == (225_000, ChargeState.OPEN)
    assert crediting.left_to_credit(charge) == 520_000
    assert recorder.told(charge) == ["partly_credited"]


def test_vat_of_a_part_is_rounded_once_half_up() -> None:
    charge = ChargeFactory(lines=(Line("Et", 1, 1_001, 2500), Line("To", 1, 1_001, 2500)))
    credit = crediting.credit_part(charge, net=1_002, key="p", reason="Rettelse")
    assert (credit.vat, credit.gross) == (251, 1_253)


def test_of_several_rates_each_bears_its_share() -> None:
    lines = (Line("Møde", 1, 10_000, 2500), Line("Kursus", 1, 5_000, 0, "Undervisning"))
    charge = ChargeFactory(lines=lines)
    credit = crediting.credit_part(charge, net=100, key="p", reason="Rettelse")
    # 33 exempt, 67 with 25 %: 16,75.
    assert (credit.vat, credit.gross) == (17, 117)


def test_parts_never_take_more_vat_off_than_was_charged() -> None:
    charge = ChargeFactory(lines=(Line("Et", 1, 6, 2500),))
    assert (charge.net, charge.vat) == (6, 2)
    vats = [
        crediting.credit_part(charge, net=2, key=str(turn), reason="Rettelse").vat
        for turn in range(3)
    ]
    assert vats == [1, 1, 0]
    assert credited(charge) == (8, ChargeState.CREDITED)
    assert recorder.told(charge) == ["partly_credited", "partly_credited", "credited"]


def test_after_a_part_the_whole_takes_the_rest() -> None:
    charge = ChargeFactory()
    crediting.credit_part(charge, net=333_333, key="p", reason="Møde aflyst")
    rest = crediting.credit_charge(charge, key="c", reason="Udmeldt")
    assert (rest.net, rest.gross) == (366_667, 875_000 - 416_666)
    assert credited(charge) == (875_000, ChargeState.CREDITED)


@pytest.mark.parametrize("net", [0, -1, 700_001])
def test_no_more_than_is_left_and_no_less_than_something_is_taken_off(net: int) -> None:
    charge = ChargeFactory()
    with pytest.raises(CreditTooLarge):
        crediting.credit_part(charge, net=net, key="p", reason="Rettelse")
    assert credited(charge) == (0, ChargeState.OPEN)


def test_what_was_paid_by_bank_stays_paid_and_nothing_is_sent_back() -> None:
    charge = ChargeFactory(method=PaymentMethod.INVOICE)
    bank.settle_outside_stripe(charge)
    crediting.credit_part(charge, net=180_000, key="p", reason="Møde aflyst")
    assert credited(charge) == (225_000, ChargeState.PAID)
    assert not Refund.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestPaidByCard:
    def test_the_part_is_sent_back_once(self, stripe, start, run_jobs) -> None:
        charge = ChargeFactory()
        payment = start(charge)
        stripe.pay(payment.session_id)
        sync_payment(payment.pk)
        for _time in range(2):
            crediting.credit_part(charge, net=180_000, key="p", reason="Møde aflyst")
        run_jobs()
        assert [row["amount"] for row in stripe.objects("refund")] == [225_000]
        assert credited(charge) == (225_000, ChargeState.PAID)

    def test_paid_on_a_page_that_asked_for_the_whole_the_rest_is_sent_back(
        self, stripe, start, run_jobs
    ) -> None:
        charge = ChargeFactory()
        payment = start(charge)
        crediting.credit_part(charge, net=180_000, key="p", reason="Møde aflyst")
        stripe.pay(payment.session_id)
        for _time in range(2):
            sync_payment(payment.pk)
        run_jobs()
        assert [row["amount"] for row in stripe.objects("refund")] == [225_000]
        assert credited(charge) == (225_000, ChargeState.PAID)

    def test_an_open_page_is_closed_and_the_next_asks_for_what_is_left(
        self, stripe, start, run_jobs
    ) -> None:
        charge = ChargeFactory()
        start(charge)
        crediting.credit_part(charge, net=180_000, key="p", reason="Møde aflyst")
        assert "payments.expire_attempts" in run_jobs()
        assert start(charge).amount == 650_000

    def test_paid_and_credited_in_the_same_moment_both_come_through(
        self, stripe, start, run_jobs, at_once
    ) -> None:
        for turn in range(3):
            charge = ChargeFactory()
            payment = start(charge)
            stripe.pay(payment.session_id)
            results = at_once(
                lambda pk=payment.pk: sync_payment(pk),
                lambda row=charge, turn=turn: crediting.credit_part(
                    row, net=180_000, key=f"p{turn}", reason="Møde aflyst"
                ),
                lambda pk=payment.pk: sync_payment(pk),
            )
            assert [row for row in results if isinstance(row, Exception)] == []
            assert credited(charge) == (225_000, ChargeState.PAID)
            assert [row.amount for row in payment.refunds.all()] == [225_000]
