"""What is sent back in Stripe's dashboard is credited: once, to the øre, in any order."""

import itertools

import pytest

from cms.audit import SYSTEM
from payments.models import Charge, ChargeState, Credit, Payment, PaymentState, Refund, RefundState
from payments.services import bank, crediting, invoicing, journal, ledger, refunds
from payments.services.charging import Line
from payments.services.checkout import sync_payment
from payments.services.refunds import NothingToSendBack
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller
from tests.payments import recorder

pytestmark = pytest.mark.django_db(transaction=True)

MIXED = (Line("Møde", 1, 10_001, 2500), Line("Kursus", 3, 1_667, 0, "Undervisning"))


@pytest.fixture
def pay(stripe, start):
    def call(charge: Charge) -> Payment:
        payment = start(charge)
        stripe.pay(payment.session_id)
        return sync_payment(payment.pk)

    return call


def credits_of(charge: Charge) -> list[tuple[int, int]]:
    return list(charge.credits.order_by("pk").values_list("net", "vat"))


def state_of(charge: Charge) -> tuple[str, int]:
    charge.refresh_from_db()
    return charge.state, charge.credited


def agrees() -> None:
    journal.post_due()
    assert [*ledger.differences()] == []


def test_refunded_whole_the_charge_is_credited_whole_and_once(stripe, pay) -> None:
    payment = pay(charge := ChargeFactory())
    stripe.refund_in_dashboard(payment.session_id)
    for _time in range(3):
        sync_payment(payment.pk)
    assert credits_of(charge) == [(700_000, 175_000)]
    assert state_of(charge) == (ChargeState.CREDITED, 875_000)
    assert recorder.told(charge) == ["paid", "credited"]
    agrees()


def test_a_part_is_credited_with_its_share_of_the_vat_and_the_rest_stays_paid(stripe, pay) -> None:
    payment = pay(charge := ChargeFactory())
    stripe.refund_in_dashboard(payment.session_id, 100_001)
    sync_payment(payment.pk)
    assert credits_of(charge) == [(80_001, 20_000)]
    assert state_of(charge) == (ChargeState.PAID, 100_001)
    assert recorder.told(charge) == ["paid", "partly_credited"]
    agrees()


@pytest.mark.parametrize("parts", [(1, 1, 1), (4_999, 1, 7_000), (333, 333, 333, 333), (17_502,)])
@pytest.mark.parametrize("lines", [MIXED, (Line("Et", 1, 14_002, 2500),)], ids=["mixed", "plain"])
def test_several_parts_take_exactly_what_was_charged(stripe, pay, parts, lines) -> None:
    payment = pay(charge := ChargeFactory(lines=lines))
    for amount in parts:
        stripe.refund_in_dashboard(payment.session_id, min(amount, charge.gross - 1))
        sync_payment(payment.pk)
    stripe.refund_in_dashboard(payment.session_id)
    sync_payment(payment.pk)
    nets, vats = zip(*credits_of(charge), strict=True)
    assert (sum(nets), sum(vats)) == (charge.net, charge.vat)
    assert min(nets) >= 0
    assert min(vats) >= 0
    assert state_of(charge)[0] == ChargeState.CREDITED
    agrees()


def test_the_credit_note_follows_and_says_the_same(stripe, pay) -> None:
    make_seller()
    payment = pay(charge := ChargeFactory())
    stripe.refund_in_dashboard(payment.session_id, 100_000)
    sync_payment(payment.pk)
    invoicing.issue_due()
    note = charge.invoices.get(kind="credit_note")
    assert (note.document.net, note.document.vat, note.gross) == (80_000, 20_000, 100_000)
    agrees()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_whatever_is_heard_first_the_credits_are_the_same(stripe, pay, order, delivering) -> None:
    delivering.knobs.hold = ["refund.created", "charge.refunded"]
    payment = pay(charge := ChargeFactory())
    for amount in (1_000, 2_000, 3_000):
        delivering.refund_in_dashboard(payment.session_id, amount)
    held = list(delivering.held)
    delivering.release([held[2 * place] for place in order])
    delivering.release(together=True)
    delivering.flush()
    assert sorted(credits_of(charge)) == [(800, 200), (1_600, 400), (2_400, 600)]
    agrees()


def test_heard_by_all_ways_at_once_it_is_credited_once(stripe, pay, at_once) -> None:
    payment = pay(charge := ChargeFactory())
    stripe.refund_in_dashboard(payment.session_id, 100_000)
    results = at_once(*[lambda: sync_payment(payment.pk)] * 4)
    assert [row for row in results if isinstance(row, Exception)] == []
    assert Credit.objects.filter(charge=charge).count() == 1
    agrees()


def test_refunded_there_and_credited_here_at_once_nothing_goes_back_twice(
    stripe, pay, at_once, run_jobs
) -> None:
    payment = pay(charge := ChargeFactory())
    stripe.refund_in_dashboard(payment.session_id, 100_000)
    at_once(
        lambda: sync_payment(payment.pk),
        lambda: crediting.credit_charge(charge, key="c", reason="Udmeldt"),
    )
    run_jobs("payments.refund")
    sync_payment(payment.pk)
    assert state_of(charge) == (ChargeState.CREDITED, 875_000)
    succeeded = Refund.objects.filter(state=RefundState.SUCCEEDED)
    assert sum(succeeded.values_list("amount", flat=True)) <= 875_000
    # Where ours asked for what had gone already, the rest is on finance's list.
    for row in refunds.payments_to_send_back():
        refunds.send_back(row.pk, key="again", reason="Rest", actor=SYSTEM)
    run_jobs("payments.refund")
    assert sum(entry["amount"] for entry in stripe.objects("refund")) == 875_000
    agrees()


def test_of_a_second_payment_nothing_is_credited(stripe, start, pay, run_jobs) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    bank.settle_outside_stripe(charge)
    stripe.pay(payment.session_id)
    stripe.refund_in_dashboard(payment.session_id)
    sync_payment(payment.pk)
    run_jobs("payments.refund")
    assert credits_of(charge) == []
    assert state_of(charge) == (ChargeState.PAID, 0)
    assert len(stripe.objects("refund")) == 1
    agrees()


def test_a_pending_refund_is_credited_and_its_failure_leaves_the_money_owed(
    stripe, pay, run_jobs
) -> None:
    payment = pay(charge := ChargeFactory())
    stripe.knobs.refund_status = "pending"
    made = stripe.refund_in_dashboard(payment.session_id, 100_000)
    sync_payment(payment.pk)
    assert credits_of(charge) == [(80_000, 20_000)]
    agrees()
    stripe.fail_refund(made["id"])
    payment = sync_payment(payment.pk)
    assert credits_of(charge) == [(80_000, 20_000)]
    assert refunds.to_send_back(payment) == 100_000
    assert list(refunds.payments_to_send_back()) == [payment]
    agrees()
    stripe.knobs.refund_status = "succeeded"
    for _time in range(2):
        refunds.send_back(payment.pk, key="page", reason="Igen", actor=SYSTEM)
    run_jobs("payments.refund")
    assert [row["amount"] for row in stripe.objects("refund", status="succeeded")] == [100_000]
    assert refunds.to_send_back(payment) == 0
    with pytest.raises(NothingToSendBack):
        refunds.send_back(payment.pk, key="other", reason="Igen", actor=SYSTEM)
    agrees()


def test_sent_back_again_in_the_dashboard_it_is_not_credited_again(stripe, pay, run_jobs) -> None:
    payment = pay(charge := ChargeFactory())
    crediting.credit_part(charge, net=80_000, key="c", reason="Færre")
    run_jobs("payments.refund")
    stripe.fail_refund(stripe.objects("refund")[0]["id"])
    sync_payment(payment.pk)
    stripe.refund_in_dashboard(payment.session_id, 100_000)
    sync_payment(payment.pk)
    assert credits_of(charge) == [(80_000, 20_000)]
    assert refunds.to_send_back(Payment.objects.get()) == 0
    agrees()


def test_what_failed_before_it_was_known_is_not_credited(stripe, pay) -> None:
    payment = pay(charge := ChargeFactory())
    stripe.refund_in_dashboard(payment.session_id, 100_000, status="failed")
    sync_payment(payment.pk)
    assert credits_of(charge) == []
    assert refunds.to_send_back(Payment.objects.get()) == 0
    agrees()


def test_refunded_before_we_heard_of_the_payment_it_is_paid_and_credited(stripe, start) -> None:
    payment = start(charge := ChargeFactory())
    stripe.pay(payment.session_id)
    stripe.refund_in_dashboard(payment.session_id)
    assert sync_payment(payment.pk).state == PaymentState.SUCCEEDED
    assert sorted(recorder.told(charge)) == ["credited", "paid"]
    agrees()
