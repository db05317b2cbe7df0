"""Many buyers who do whatever buyers do, and webhooks that come as they like; from one seed.

What happens, and what becomes of each webhook, is drawn from the seed alone: the same seed draws
the same again. (Which of two that arrive together is first is the machine's.)
"""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from networks.models import Membership, NetworkPage
from networks.services import paying
from networks.services.paying import PaymentUnavailable
from payments.gateway import GatewayError
from payments.models import UNDER_WAY, Payment, PaymentState
from tests.factories.signups import applied
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.errors import RefusalError

RETURN_URL = "https://example.org/betaling/abc/"
#: Of a hundred webhooks as many are never delivered; Stripe lists them all the same.
DROPPED = 8


@dataclass
class Storm:
    """``weather``: what became of the webhooks, for the report."""

    seed: int
    network: NetworkPage
    stripe: FakeStripe
    run_jobs: Callable[..., list[str]]
    buyers: list[Membership] = field(default_factory=list)
    weather: dict[str, int] = field(default_factory=lambda: {"dropped": 0, "faults": 0})

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.stripe.knobs.hold = ["*"]
        self._kept: set[str] = set()

    @property
    def webhooks(self) -> int:
        """Delivered, however often each, or dropped."""
        return len(self.stripe.attempts) + self.weather["dropped"]

    def rage(self, webhooks: int) -> None:
        """Until so many webhooks were delivered or dropped."""
        while self.webhooks < webhooks:
            if len(self.buyers) < webhooks // 9 or self.chance.random() < 0.05:
                self.buyers.append(applied(self.network, method="card"))
            for _turn in range(4):
                self.act(self.chance.choice(self.buyers))
            if self.chance.random() < 0.5:
                self.blow()
            if self.chance.random() < 0.1:
                self.run_jobs()

    # Buyers, banks and the dashboard ------------------------------------------------------------

    def act(self, buyer: Membership) -> None:
        """One thing that somebody could do now. What Stripe refuses did not happen."""
        rows = Payment.objects.filter(charge__reference=f"networks.membership:{buyer.pk}")
        payment = rows.exclude(session_id=None).order_by("created_at").last()
        session = self._session(payment)
        if session is None or session["status"] == "expired":
            self.begin(buyer)
            return
        actions = self.AT_THE_PAGE if session["status"] == "open" else self.AFTERWARDS
        names, weights = zip(*actions.items(), strict=True)
        (name,) = self.chance.choices(names, weights)
        with suppress(RefusalError):
            getattr(self, name)(buyer, payment)

    AT_THE_PAGE = {"pay": 9, "decline": 2, "cancel": 1, "pay_async": 3, "expire": 1, "lose": 2}
    AFTERWARDS = {
        "settle": 6,
        "come_back": 2,
        "refund": 3,
        "end_refund": 2,
        "dispute": 1,
        "judge": 2,
    }

    def _session(self, payment: Payment | None) -> dict | None:
        found = payment and self.stripe.objects("checkout.session", id=payment.session_id)
        return found[0] if found else None

    def begin(self, buyer: Membership, payment: Payment | None = None) -> None:
        """The button on our page, pressed once or by two tabs; nothing when it is closed."""
        for _tab in range(self.chance.choice((1, 1, 2))):
            with suppress(paying.NotPossible, PaymentUnavailable):
                paying.begin_payment(buyer.pk, return_url=RETURN_URL)

    def pay(self, buyer: Membership, payment: Payment) -> None:
        self.stripe.pay(payment.session_id)

    def decline(self, buyer: Membership, payment: Payment) -> None:
        self.stripe.decline(payment.session_id)

    def cancel(self, buyer: Membership, payment: Payment) -> None:
        assert self.stripe.cancel(payment.session_id) == RETURN_URL

    def pay_async(self, buyer: Membership, payment: Payment) -> None:
        self.stripe.pay_async(payment.session_id)

    def expire(self, buyer: Membership, payment: Payment) -> None:
        self.stripe.expire(payment.session_id)

    def lose(self, buyer: Membership, payment: Payment) -> None:
        """An attempt lost from sight: another is begun in a second tab, and both are paid."""
        if payment.state != PaymentState.OPEN:
            return
        Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN).update(
            state=PaymentState.EXPIRED
        )
        self.begin(buyer)
        other = payment.charge.payments.filter(state__in=UNDER_WAY, session_id__isnull=False)
        for attempt in (payment, other.first()):
            if attempt is not None:
                self.stripe.pay(attempt.session_id)

    def settle(self, buyer: Membership, payment: Payment) -> None:
        self.stripe.settle(payment.session_id, self.chance.choice(("succeeded", "failed")))

    def come_back(self, buyer: Membership, payment: Payment) -> None:
        with suppress(PaymentUnavailable, GatewayError):
            paying.ask_stripe(buyer)

    def refund(self, buyer: Membership, payment: Payment) -> None:
        if self.is_not_the_only_one(payment):
            return
        amount = self.chance.choice((None, 1, 3_333, 125_000, 400_001))
        status = self.chance.choice(("succeeded", "succeeded", "pending", "failed"))
        self.stripe.refund_in_dashboard(payment.session_id, amount, status=status)

    def end_refund(self, buyer: Membership, payment: Payment) -> None:
        """One that fails after it was under way leaves money that is owed back: a person's."""
        pending = self.stripe.objects("refund", status="pending")
        if pending:
            self.stripe.succeed_refund(self.chance.choice(pending)["id"])

    def dispute(self, buyer: Membership, payment: Payment) -> None:
        if not self.is_not_the_only_one(payment):
            self.stripe.open_dispute(payment.session_id)

    def is_not_the_only_one(self, payment: Payment) -> bool:
        """Who refunds or disputes by hand what the site sends back itself, gets in its way: what
        is left is reported, for a person."""
        return payment.charge.payments.count() > 1

    def judge(self, buyer: Membership, payment: Payment) -> None:
        waiting = self.stripe.objects("dispute", status="needs_response")
        if waiting:
            outcome = self.chance.choice(("won", "lost"))
            self.stripe.close_dispute(self.chance.choice(waiting)["id"], outcome)

    # Webhooks -----------------------------------------------------------------------------------

    def blow(self) -> None:
        """Some of what is held is delivered, out of order, 1–5 times each, alone or together;
        some is never; some stays for later. Now and then Stripe's API does not answer us."""
        held = [key for key in self.stripe.held if key not in self._kept]
        self.chance.shuffle(held)
        for key in held[: len(held) * DROPPED // 100 + (self.chance.random() < 0.2)]:
            self._kept.add(key)
            self.weather["dropped"] += 1
        going = [key for key in held if key not in self._kept][: self.chance.randint(1, 30)]
        if self.chance.random() < 0.15:
            self.weather["faults"] += 1
            kind = self.chance.choice(("429", "503", "500"))
            self.stripe.fail_next(kind, self.chance.randint(1, 4), method="GET")
        self.stripe.knobs.duplicates = self.chance.choice((1, 2, 3, 5))
        self.stripe.knobs.together = self.chance.random() < 0.3
        self.stripe.release(going)
        self.stripe.flush(60)
        self._mend()

    def _mend(self) -> None:
        self.stripe.knobs.reset()
        self.stripe.knobs.hold = ["*"]

    def calm_down(self) -> None:
        """Stripe answers again. What was dropped stays dropped; what was held comes last."""
        self._mend()
        late = [key for key in self.stripe.held if key not in self._kept]
        self.stripe.release(late[: len(late) // 2])
        self.stripe.flush(60)
