"""The account's balance: what each payment, refund, dispute and payout moved, in øre."""

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
    source: Json,
    *,
    kind: str,
    amount: int,
    fee: int = 0,
    category: str | None = None,
) -> Json:
    """``net`` is the amount less the fee; money leaving the balance has a negative amount."""
    now = account.clock.now()
    detail = {
        "amount": fee,
        "application": None,
        "currency": source["currency"],
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    entry = blank(
        stripe.BalanceTransaction,
        id=account.new_id("txn"),
        object="balance_transaction",
        amount=amount,
        available_on=now + (_AVAILABLE_AFTER if amount > 0 else 0),
        balance_type="payments",
        created=now,
        currency=source["currency"],
        fee=fee,
        fee_details=[detail] if fee else [],
        net=amount - fee,
        reporting_category=category or kind,
        source=source["id"],
        status="pending" if amount > 0 else "available",
        type=kind,
        _payout=None,
    )
    return account.add(entry)


def make_available(account: Account) -> None:
    for entry in account.where("balance_transaction", status="pending"):
        if entry["available_on"] <= account.clock.now():
            entry["status"] = "available"


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
