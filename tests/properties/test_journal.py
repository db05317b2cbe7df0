"""The journal under whatever may happen to money, in any order: it always balances."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cms.audit import SYSTEM
from payments.models import (
    AccountingMonth,
    BankTransfer,
    Charge,
    Payment,
    PaymentMethod,
    PaymentState,
    Posting,
    Refund,
    RefundState,
    TransferState,
)
from payments.services import (
    balance,
    balance_checks,
    bank,
    charging,
    crediting,
    invoicing,
    journal,
    refunds,
)
from payments.services.bank import NotMatchable
from payments.services.charging import Line
from payments.services.crediting import CreditTooLarge
from payments.services.journal import NotClosable
from payments.services.refunds import RefundTooLarge
from payments.stripe_facts import BalanceFacts, RefundFacts
from tests.factories.networks import BUYER
from tests.factories.payments import ChargeFactory, PaymentFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _handler(settings) -> None:
    settings.PAYMENTS_CHARGE_HANDLER = "tests.payments.recorder.charge_changed"


START = "2026-10-15T12:00+02:00"
REFUSED = (NotMatchable, CreditTooLarge, NotClosable, RefundTooLarge)
which = st.integers(min_value=0, max_value=5)
amounts = st.integers(min_value=1, max_value=2_000_000)


class Books(RuleBasedStateMachine):
    """Steps of money and time, with the journal written now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        make_seller()
        self.clock = time_machine.travel(START, tick=False)
        self.now = self.clock.start()
        self.closed: dict[Any, list[Any]] = {}

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def one(self, rows: Any, number: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[number % len(found)] if found else None

    def attempt(self, step: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        self.now.shift(1)
        try:
            with transaction.atomic():
                step(*arguments, **options)
        except REFUSED:
            pass

    @invariant()
    def every_voucher_and_the_whole_sum_to_zero(self) -> None:
        sums = Posting.objects.order_by().values("voucher").annotate(total=Sum("amount"))
        assert all(row["total"] == 0 for row in sums)

    @invariant()
    def a_closed_month_stays_as_it_was(self) -> None:
        for month, before in self.closed.items():
            assert self.of(month) == before

    def of(self, month: Any) -> list[Any]:
        rows = Posting.objects.filter(
            posted_on__gte=month, posted_on__lt=journal.first_of_next(month)
        )
        return list(rows.order_by("pk").values_list())

    @rule(net=amounts, rate=st.sampled_from([0, 1200, 2500]), card=st.booleans())
    def charge(self, net: int, rate: int, card: bool) -> None:
        reason = "" if rate else "Momsfri"
        lines = (Line("Medlemskab", 1, net, 2500), Line("Andet", 1, net, rate, reason))
        method = PaymentMethod.CARD if card else PaymentMethod.INVOICE
        ChargeFactory(key=f"c{Charge.objects.count()}", method=method, buyer=BUYER, lines=lines)
        invoicing.issue_due()

    @rule()
    def issue(self) -> None:
        invoicing.issue_due()

    @rule(number=which)
    def pay_by_card(self, number: int) -> None:
        charge = self.one(Charge.objects.all(), number)
        if charge is None:
            return
        again = charge.payments.exists() or charge.state == "paid"
        PaymentFactory(
            charge=charge,
            state=PaymentState.SUCCEEDED,
            paid_at=timezone.now(),
            is_duplicate=again,
            payment_intent_id=f"pi_{Payment.objects.count()}",
        )
        if not again:
            charging.mark_paid(charge)

    @rule(number=which, amount=amounts)
    def refund(self, number: int, amount: int) -> None:
        payment = self.one(Payment.objects.all(), number)
        if payment:
            key = f"r{Refund.objects.count()}"
            self.attempt(refunds.request_refund, payment, amount=amount, reason="Fejl", key=key)

    @rule(number=which, status=st.sampled_from(["pending", "succeeded", "succeeded", "failed"]))
    def stripe_tells_of_a_refund(self, number: int, status: str) -> None:
        refund = self.one(Refund.objects.exclude(state=RefundState.FAILED), number)
        if refund:
            facts = RefundFacts(
                id=f"re_{refund.pk}",
                amount=refund.amount,
                status=status,
                failure="",
                reference=str(refund.pk),
            )
            refunds.record_refunds(refund.payment, [facts])

    @rule(number=which, net=amounts, whole=st.booleans())
    def credit(self, number: int, net: int, whole: bool) -> None:
        charge = self.one(Charge.objects.all(), number)
        if charge is None:
            return
        key = f"{charge.pk}:{charge.credits.count()}"
        if whole:
            self.attempt(crediting.credit_charge, charge, key=key, reason="Udmeldt")
        else:
            self.attempt(crediting.credit_part, charge, net=net, key=key, reason="Færre")

    @rule(amount=amounts, days_ago=st.integers(0, 60))
    def receive(self, amount: int, days_ago: int) -> None:
        BankTransfer.objects.create(
            key=f"t{BankTransfer.objects.count()}",
            amount=amount,
            received_on=timezone.localdate() - timedelta(days=days_ago),
        )

    @rule(number=which, other=which)
    def match(self, number: int, other: int) -> None:
        transfer = self.one(BankTransfer.objects.filter(charge=None), number)
        charge = self.one(bank.open_charges(), other)
        if transfer and charge:
            self.attempt(bank.match, transfer, charge, actor=SYSTEM)
            journal.post_due()

    @rule(number=which)
    def unmatch(self, number: int) -> None:
        transfer = self.one(BankTransfer.objects.filter(state=TransferState.MATCHED), number)
        if transfer:
            self.attempt(bank.unmatch, transfer, actor=SYSTEM, reason="Forkert")

    @rule()
    def post(self) -> None:
        """Once all is posted, the journal says what the tables say; a second time adds nothing."""
        journal.post_due()
        assert journal.post_due() == 0
        assert list(journal.differences()) == []

    @rule(fees=st.integers(0, 50), paid_out=amounts, disputed=st.booleans())
    def stripe_tells_of_its_balance(self, fees: int, paid_out: int, disputed: bool) -> None:
        """Once all that Stripe did is known and posted, the clearing account is what it holds."""
        moved = [
            ("charge", f"ch_{row.pk}", row, row.amount, row.amount * fees // 1000)
            for row in Payment.objects.filter(state=PaymentState.SUCCEEDED)
        ]
        for row in Refund.objects.exclude(stripe_id=None).select_related("payment"):
            moved.append(("refund", row.stripe_id, row.payment, -row.amount, 0))
            if row.state == RefundState.FAILED:
                moved.append(("refund_failure", row.stripe_id, row.payment, row.amount, 0))
        if disputed and moved:
            moved.append(("dispute", f"du_{paid_out}", moved[0][2], -moved[0][3], 100))
        moved.append(("payout", f"po_{paid_out}", None, -paid_out, 0))
        moved.append(("topup", f"tu_{paid_out}", None, 1, 0))
        told = [self.transaction(*facts) for facts in moved]
        balance.take_in(told, livemode=False)
        assert balance.take_in(reversed(told), livemode=False) == 0
        self.now.shift(timedelta(hours=13))
        self.post()
        booked, held = balance_checks.clearing_account()
        assert booked == held

    def transaction(
        self, category: str, source: str, payment: Payment | None, amount: int, fee: int
    ) -> BalanceFacts:
        return BalanceFacts(
            id=f"txn_{category}_{source}",
            type=category,
            category=category,
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency="dkk",
            created_at=timezone.now(),
            available_at=timezone.now(),
            source_id=source,
            payment_intent_id=payment.payment_intent_id if payment else "",
            description="",
        )

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.now.shift(timedelta(days=days))

    @rule()
    def close(self) -> None:
        month = journal.next_to_close()
        if month is None:
            return
        self.attempt(journal.close_month, month, actor=SYSTEM)
        if AccountingMonth.objects.filter(month=month).exists():
            self.closed[month] = self.of(month)


def test_whatever_happens_the_books_balance() -> None:
    is_steady = settings().derandomize
    phases = [Phase.explicit, Phase.generate, *([] if is_steady else [Phase.reuse, Phase.shrink])]
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=15 if is_steady else 400,
            stateful_step_count=30 if is_steady else 60,
            phases=phases,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
