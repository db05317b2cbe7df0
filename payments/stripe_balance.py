"""What Stripe says of its balance: what moved it, what was paid out, what it holds.

Part of the gateway: asked through its client, answered as plain facts.
"""

from datetime import UTC, datetime
from typing import Any

from payments.gateway import calling
from payments.stripe_facts import BalanceFacts, PayoutFacts

CURRENCY = "dkk"
#: The most that Stripe gives at a time.
_PAGE = 100


def balance() -> int:
    """øre that Stripe holds for us now: what can be paid out, and what is on its way to that."""
    with calling() as v1:
        held = v1.balance.retrieve().to_dict()
    parts: list[dict[str, Any]] = [*held["available"], *held["pending"]]
    return sum(part["amount"] for part in parts if part["currency"] == CURRENCY)


def list_transactions(since: datetime | None) -> list[BalanceFacts]:
    """The balance's transactions from then on, or all there ever were; oldest first."""
    params: dict[str, Any] = {"limit": _PAGE, "expand": ["data.source"], **_from(since)}
    with calling() as v1:
        pages = v1.balance_transactions.list(params=params)  # type: ignore[arg-type]
        found = [_transaction(entry.to_dict()) for entry in pages.auto_paging_iter()]
    return found[::-1]


def list_payouts(since: datetime | None) -> list[PayoutFacts]:
    """The payouts from then on, or all; oldest first."""
    params: dict[str, Any] = {"limit": _PAGE, **_from(since)}
    with calling() as v1:
        pages = v1.payouts.list(params=params)  # type: ignore[arg-type]
        found = [_payout(entry.to_dict()) for entry in pages.auto_paging_iter()]
    return found[::-1]


def list_paid_out(payout_id: str) -> list[str]:
    """The ids of what an automatic payout consists of, itself among them."""
    with calling() as v1:
        pages = v1.balance_transactions.list(params={"payout": payout_id, "limit": _PAGE})
        return [entry.id for entry in pages.auto_paging_iter()]


def _from(since: datetime | None) -> dict[str, Any]:
    return {"created": {"gte": int(since.timestamp())}} if since else {}


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, tz=UTC)


def _transaction(entry: dict[str, Any]) -> BalanceFacts:
    source = entry["source"] or {}
    # Not expanded where Stripe no longer has it.
    thing: dict[str, Any] = source if isinstance(source, dict) else {"id": source}
    intent = thing.get("payment_intent") or ""
    return BalanceFacts(
        id=entry["id"],
        type=entry["type"],
        category=entry["reporting_category"],
        amount=entry["amount"],
        fee=entry["fee"],
        net=entry["net"],
        currency=entry["currency"].lower(),
        created_at=_moment(entry["created"]),
        available_at=_moment(entry["available_on"]),
        source_id=thing.get("id") or "",
        payment_intent_id=intent,
        description="" if intent else (entry["description"] or ""),
    )


def _payout(entry: dict[str, Any]) -> PayoutFacts:
    return PayoutFacts(
        id=entry["id"],
        amount=entry["amount"],
        currency=entry["currency"].lower(),
        status=entry["status"],
        is_listed=entry["reconciliation_status"] == "completed",
        created_at=_moment(entry["created"]),
        arrives_at=_moment(entry["arrival_date"]),
    )
