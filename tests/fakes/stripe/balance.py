"""The account's balance: what each payment, refund, dispute, fee and payout moved, in øre."""

import stripe

from .account import Account
from .errors import impossible
from .events import emit
from .shape import Json, blank

# Stripe pays card money out after a delay that depends on the account.
_AVAILABLE_AFTER = 3 * 24 * 3600


def fee_of(account: Account, amount: int) -> int:
    settings = account.settings
    return amount * settings.fee_permille // 1000 + settings.fee_fixed


def record(
    account: Account,
    source: Json | None,
    *,
    kind: str,
    amount: int,
    fee: int = 0,
    category: str | None = None,
    description: str | None = None,
) -> Json:
    """``net`` is the amount less the fee; money leaving the balance has a negative amount.

    ``category``: Stripe's own for accounting, where it is not the type. ``source`` None: a fee that
    is of no payment.
    """
    now = account.clock.now()
    currency = source["currency"] if source else "dkk"
    entry = blank(
        stripe.BalanceTransaction,
        id=account.new_id("txn"),
        object="balance_transaction",
        amount=amount,
        available_on=now + (_AVAILABLE_AFTER if amount > 0 else 0),
        balance_type="payments",
        created=now,
        currency=currency,
        description=description,
        fee=fee,
        fee_details=[_fee_detail(fee, currency)] if fee else [],
        net=amount - fee,
        reporting_category=category or kind,
        source=source["id"] if source else None,
        status="pending" if amount > 0 else "available",
        type=kind,
        _payout=None,
    )
    return account.add(entry)


def _fee_detail(fee: int, currency: str) -> Json:
    return {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }


def make_available(account: Account) -> None:
    for entry in account.where("balance_transaction", status="pending"):
        if entry["available_on"] <= account.clock.now():
            entry["status"] = "available"


def bill_fee(account: Account, amount: int, description: str = "Radar for Fraud Teams") -> Json:
    """A fee of its own, as Stripe takes monthly for what is of no single payment."""
    if amount < 1:
        raise impossible("A fee is at least 1 øre.")
    return record(
        account,
        None,
        kind="stripe_fee",
        amount=-amount,
        category="fee",
        description=description,
    )


def balance(account: Account) -> Json:
    """``GET /v1/balance``: what can be paid out, and what is on its way to that."""
    sums = {
        status: sum(row["net"] for row in account.where("balance_transaction", status=status))
        for status in ("available", "pending")
    }
    parts = {
        status: [{"amount": amount, "currency": "dkk", "source_types": {"card": amount}}]
        for status, amount in sums.items()
    }
    return blank(stripe.Balance, object="balance", livemode=account.settings.livemode, **parts)


def fail_payout(account: Account, payout_id: str) -> Json:
    """The bank sends the money back: it is in the balance again."""
    paid = account.get("payout", payout_id)
    if paid["status"] == "failed":
        raise impossible(f"Payout {payout_id} has failed.")
    entry = record(
        account, paid, kind="payout_failure", amount=paid["amount"], category="payout_reversal"
    )
    paid |= {
        "status": "failed",
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed.",
        "failure_balance_transaction": entry["id"],
    }
    emit(account, "payout.failed", paid)
    return paid


def payout(account: Account) -> Json:
    """Pay out everything not paid out yet, whether or not Stripe would call it available."""
    entries = account.where("balance_transaction", _payout=None)
    total = sum(entry["net"] for entry in entries)
    if total <= 0:
        raise impossible("You have insufficient funds in your Stripe account.")
    now = account.clock.now()
    paid = blank(
        stripe.Payout,
        id=account.new_id("po"),
        object="payout",
        amount=total,
        arrival_date=now,
        automatic=True,
        created=now,
        currency=entries[0]["currency"],
        description="STRIPE PAYOUT",
        livemode=account.settings.livemode,
        metadata={},
        method="standard",
        reconciliation_status="completed",
        source_type="card",
        status="paid",
        type="bank_account",
    )
    account.add(paid)
    own = record(account, paid, kind="payout", amount=-total)
    paid["balance_transaction"] = own["id"]
    for entry in [*entries, own]:
        entry |= {"_payout": paid["id"], "status": "available"}
    emit(account, "payout.paid", paid)
    return paid
