"""What a buyer does on the payment page, and what it does to session, intent and charge."""

import stripe

from .account import Account
from .balance import fee_of, record
from .errors import impossible
from .events import emit
from .shape import Json, blank

_DECLINED = {"code": "card_declined", "message": "Your card was declined."}


def pay(account: Account, session_id: str) -> Json:
    session = _open_session(account, session_id)
    intent = _intent_for(account, session)
    charge = _charge(account, session, intent)
    _succeed(account, intent, charge)
    _complete(account, session, payment_status="paid")
    emit(account, "payment_intent.succeeded", intent)
    emit(account, "checkout.session.completed", session)
    return session


def decline(account: Account, session_id: str) -> Json:
    """The card is refused; the session stays open and the buyer may try again."""
    session = _open_session(account, session_id)
    intent = _intent_for(account, session)
    charge = _charge(account, session, intent)
    _fail(account, intent, charge)
    return session


def pay_async(account: Account, session_id: str) -> Json:
    """Complete but unpaid: the money comes, or not, when ``settle`` says so."""
    session = _open_session(account, session_id)
    intent = _intent_for(account, session)
    # What is no card is a "payment" in the balance.
    _charge(account, session, intent)["_kind"] = "payment"
    intent["status"] = "processing"
    _complete(account, session, payment_status="unpaid")
    emit(account, "checkout.session.completed", session)
    return session


def settle(account: Account, session_id: str, outcome: str) -> Json:
    """``outcome`` is "succeeded" or "failed"."""
    session = account.session(session_id)
    intent = account.objects.get(session["payment_intent"] or "", {})
    if intent.get("status") != "processing" or outcome not in ("succeeded", "failed"):
        raise impossible(f"{session_id} has no processing payment that could be '{outcome}'.")
    charge = account.objects[intent["latest_charge"]]
    if outcome == "succeeded":
        _succeed(account, intent, charge)
        session["payment_status"] = "paid"
        emit(account, "payment_intent.succeeded", intent)
        emit(account, "checkout.session.async_payment_succeeded", session)
    else:
        _fail(account, intent, charge)
        emit(account, "checkout.session.async_payment_failed", session)
    return session


def _open_session(account: Account, session_id: str) -> Json:
    session = account.session(session_id)
    if session["status"] != "open":
        raise impossible(f"This Checkout Session is {session['status']}.")
    return session


def _intent_for(account: Account, session: Json) -> Json:
    """The session's payment intent: Stripe makes it at the first attempt, not with the session."""
    if session["payment_intent"]:
        return account.objects[session["payment_intent"]]
    given = session["_payment_intent_data"]
    intent = blank(
        stripe.PaymentIntent,
        id=account.new_id("pi"),
        object="payment_intent",
        amount=session["amount_total"],
        amount_capturable=0,
        amount_received=0,
        capture_method="automatic_async",
        confirmation_method="automatic",
        created=account.clock.now(),
        currency=session["currency"],
        description=given.get("description"),
        livemode=account.settings.livemode,
        metadata=given.get("metadata", {}),
        payment_method_types=session["payment_method_types"],
        receipt_email=given.get("receipt_email"),
        status="requires_payment_method",
    )
    session["payment_intent"] = intent["id"]
    return account.add(intent)


def _charge(account: Account, session: Json, intent: Json) -> Json:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    billing = {"email": _email(session), "name": None, "phone": None, "tax_id": None}
    card = {"brand": "visa", "country": "DK", "exp_month": 12, "exp_year": 2034, "last4": "4242"}
    charge = blank(
        stripe.Charge,
        id=account.new_id("ch"),
        object="charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        billing_details=billing | {"address": address | {"country": "DK"}},
        captured=False,
        created=account.clock.now(),
        currency=intent["currency"],
        description=intent["description"],
        disputed=False,
        fraud_details={},
        livemode=intent["livemode"],
        metadata=dict(intent["metadata"]),
        paid=False,
        payment_intent=intent["id"],
        payment_method=account.new_id("pm"),
        payment_method_details={"type": "card", "card": card},
        refunded=False,
        status="pending",
    )
    intent |= {"latest_charge": charge["id"], "payment_method": charge["payment_method"]}
    return account.add(charge)


def _succeed(account: Account, intent: Json, charge: Json) -> None:
    fee = fee_of(account, charge["amount"])
    kind = charge.get("_kind", "charge")
    entry = record(account, charge, kind=kind, amount=charge["amount"], fee=fee, category="charge")
    charge |= {
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "amount_captured": charge["amount"],
        "balance_transaction": entry["id"],
    }
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "last_payment_error": None,
    }


def _fail(account: Account, intent: Json, charge: Json) -> None:
    charge |= {
        "status": "failed",
        "failure_code": _DECLINED["code"],
        "failure_message": _DECLINED["message"],
    }
    error = _DECLINED | {"type": "card_error", "charge": charge["id"]}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
    }
    emit(account, "payment_intent.payment_failed", intent)


def _complete(account: Account, session: Json, *, payment_status: str) -> None:
    session |= {
        "status": "complete",
        "payment_status": payment_status,
        "url": None,
        "customer_details": {
            "address": None,
            "business_name": None,
            "email": _email(session),
            "individual_name": None,
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    }


def _email(session: Json) -> str:
    return session["customer_email"] or "betaler@example.com"
