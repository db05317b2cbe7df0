"""What Stripe says, as plain facts: nothing of its SDK, and no state of ours."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True)
class SessionFacts:
    """A Checkout Session as Stripe has it now. ``amount`` in minor units (øre)."""

    id: str
    url: str
    status: str
    payment_status: str
    amount: int
    currency: str
    livemode: bool
    #: Our payment's id, as we gave it.
    reference: str
    payment_intent_id: str
    #: Empty as long as the buyer has tried nothing.
    intent_status: str
    disputed: bool

    @property
    def is_paid(self) -> bool:
        return self.payment_status == "paid"


@dataclass(frozen=True)
class RefundFacts:
    """A refund as Stripe has it now. ``reference``: our refund's id; empty: not made by us."""

    id: str
    amount: int
    status: str
    reference: str
    failure: str


@dataclass(frozen=True)
class DisputeFacts:
    """A dispute as Stripe has it now. ``due_by`` (aware): until when evidence can be sent; None
    where none is asked for."""

    id: str
    status: str
    reason: str
    amount: int
    due_by: datetime | None


@dataclass(frozen=True)
class EventFacts:
    """A verified event. It says what to look at; what is true is asked of Stripe.

    ``session_id``, ``payment_intent_id`` and ``reference`` (our payment's id) are empty where the
    event's object has none.
    """

    id: str
    type: str
    livemode: bool
    occurred_at: datetime
    object_id: str
    session_id: str
    payment_intent_id: str
    reference: str

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        """From the event's JSON; KeyError or TypeError when it is none."""
        thing: dict[str, Any] = event["data"]["object"]
        metadata = thing.get("metadata") or {}
        return cls(
            id=event["id"],
            type=event["type"],
            livemode=bool(event["livemode"]),
            occurred_at=datetime.fromtimestamp(event["created"], tz=UTC),
            object_id=thing.get("id") or "",
            session_id=thing["id"] if thing.get("object") == "checkout.session" else "",
            payment_intent_id=thing.get("payment_intent") or "",
            reference=thing.get("client_reference_id") or metadata.get("payment") or "",
        )


@dataclass(frozen=True)
class BalanceFacts:
    """A balance transaction: what one event did to the account's balance, in minor units (øre).

    ``amount`` is negative when money leaves; ``net = amount - fee``. ``category`` is Stripe's
    ``reporting_category``. ``source_id``: the charge, refund, dispute or payout behind it.
    """

    id: str
    type: str
    category: str
    amount: int
    fee: int
    net: int
    currency: str
    created_at: datetime
    available_at: datetime
    source_id: str
    #: Of the payment that it is about; empty for fees and payouts.
    payment_intent_id: str
    #: Of fees and adjustments that are about no payment.
    description: str


@dataclass(frozen=True)
class PayoutFacts:
    """Money sent to the bank account. ``status``: ``in_transit``, ``paid``, ``failed`` …"""

    id: str
    amount: int
    currency: str
    status: str
    #: Stripe tells what is in it: once it is made up, and not of those ordered by hand.
    is_listed: bool
    created_at: datetime
    arrives_at: datetime
