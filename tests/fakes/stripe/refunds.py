"""Refunds (https://docs.stripe.com/api/refunds): partial or whole, at once or later, or failed."""

import stripe

from .account import Account
from .balance import record
from .errors import impossible, invalid, missing_object
from .events import emit
from .parameters import missing
from .shape import Json, blank


def create_refund(account: Account, params: Json, *, status: str = "succeeded") -> Json:
    """``status`` is the first one: "succeeded", "pending" or "failed"."""
    charge = _refundable(account, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if left == 0:
        raise impossible(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount")
    if amount > left:
        raise impossible(
            f"Refund amount ({amount / 100:.2f} kr.) is greater than unrefunded amount "
            f"on charge ({left / 100:.2f} kr.)",
            param="amount",
        )
    refund = account.add(_refund(account, charge, params, amount))
    if status == "succeeded":
        refund |= {"status": "succeeded", "pending_reason": None}
    _take(account, refund, charge)
    emit(account, "refund.created", refund)
    emit(account, "charge.refunded", charge)
    if status == "failed":
        fail_refund(account, refund["id"])
    return refund


def succeed_refund(account: Account, refund_id: str) -> Json:
    refund = account.get("refund", refund_id)
    if refund["status"] != "pending":
        raise impossible(f"Refund {refund_id} is {refund['status']}.")
    refund |= {"status": "succeeded", "pending_reason": None}
    emit(account, "refund.updated", refund, {"status": "pending"})
    return refund


def fail_refund(account: Account, refund_id: str) -> Json:
    """The money comes back: Stripe fails even a refund that had already succeeded."""
    refund = account.get("refund", refund_id)
    if refund["status"] not in ("pending", "succeeded"):
        raise impossible(f"Refund {refund_id} is {refund['status']}.")
    before = refund["status"]
    charge = account.objects[refund["charge"]]
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    entry = record(account, refund, kind="refund_failure", amount=refund["amount"])
    refund |= {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": entry["id"],
        "pending_reason": None,
    }
    emit(account, "refund.updated", refund, {"status": before})
    emit(account, "refund.failed", refund)
    return refund


def _refundable(account: Account, params: Json) -> Json:
    """The charge to refund; raises Stripe's errors when there is none."""
    name = "charge" if "charge" in params else "payment_intent"
    if name not in params:
        raise missing("payment_intent")
    thing = account.objects.get(params[name])
    if thing is None or thing["object"] != name:
        raise missing_object(name, params[name], param=name)
    charge = account.objects.get(thing["latest_charge"] or "") if name != "charge" else thing
    if charge is None or charge["status"] != "succeeded":
        raise impossible(
            f"This {name} ({params[name]}) does not have a successful charge to refund."
        )
    if any(not d["is_charge_refundable"] for d in account.where("dispute", charge=charge["id"])):
        raise impossible(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    return charge


def _refund(account: Account, charge: Json, params: Json, amount: int) -> Json:
    return blank(
        stripe.Refund,
        id=account.new_id("re"),
        object="refund",
        amount=amount,
        charge=charge["id"],
        created=account.clock.now(),
        currency=charge["currency"],
        destination_details={"type": "card", "card": {"type": "refund"}},
        metadata=params.get("metadata") or {},
        payment_intent=charge["payment_intent"],
        pending_reason="processing",
        reason=params.get("reason"),
        status="pending",
    )


def _take(account: Account, refund: Json, charge: Json) -> None:
    kind = "payment_refund" if charge.get("_kind") == "payment" else "refund"
    entry = record(account, refund, kind=kind, amount=-refund["amount"], category="refund")
    refund["balance_transaction"] = entry["id"]
    charge["amount_refunded"] += refund["amount"]
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
