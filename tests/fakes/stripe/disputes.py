"""Disputes (https://docs.stripe.com/api/disputes): the money leaves when one opens."""

import stripe

from .account import Account
from .balance import record
from .errors import impossible
from .events import emit
from .shape import Json, blank, public


def _evidence_wanted(now: int) -> Json:
    """Nothing sent yet; a week to send it."""
    return {
        "due_by": now + 7 * 24 * 3600,
        "enhanced_eligibility": {},
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
        "submission_method": "not_submitted",
    }


def open_dispute(
    account: Account, reference: str, *, amount: int | None = None, reason: str = "fraudulent"
) -> Json:
    """Dispute the charge behind a charge's, payment intent's or session's id."""
    charge = account.charge_behind(reference)
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise impossible(f"Charge {charge['id']} cannot be disputed.")
    now = account.clock.now()
    dispute = blank(
        stripe.Dispute,
        id=account.new_id("du"),
        object="dispute",
        amount=charge["amount"] - charge["amount_refunded"] if amount is None else amount,
        charge=charge["id"],
        created=now,
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details=_evidence_wanted(now),
        is_charge_refundable=False,
        livemode=charge["livemode"],
        metadata={},
        network_reason_code="10.4",
        payment_intent=charge["payment_intent"],
        payment_method_details={"type": "card", "card": {"brand": "visa"}},
        reason=reason,
        status="needs_response",
        balance_transactions=[],
    )
    account.add(dispute)
    charge["disputed"] = True
    _move(account, dispute, -dispute["amount"], fee=account.settings.dispute_fee)
    emit(account, "charge.dispute.created", dispute)
    emit(account, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(account: Account, dispute_id: str, outcome: str) -> Json:
    """``outcome`` is "won" (the money comes back, the fee does not) or "lost"."""
    dispute = account.get("dispute", dispute_id)
    if dispute["status"] != "needs_response" or outcome not in ("won", "lost"):
        raise impossible(f"Dispute {dispute_id} is {dispute['status']}; not '{outcome}'.")
    dispute["status"] = outcome
    if outcome == "won":
        dispute["is_charge_refundable"] = True
        _move(account, dispute, dispute["amount"])
        emit(account, "charge.dispute.funds_reinstated", dispute)
    emit(account, "charge.dispute.closed", dispute, {"status": "needs_response"})
    return dispute


def _move(account: Account, dispute: Json, amount: int, *, fee: int = 0) -> None:
    category = "dispute" if amount < 0 else "dispute_reversal"
    entry = record(account, dispute, kind="adjustment", amount=amount, fee=fee, category=category)
    dispute["balance_transactions"].append(public(entry))
