"""Checkout Sessions: created open, ended by paying, expiring or being expired.

https://docs.stripe.com/api/checkout/sessions
"""

import re
from typing import Any
from urllib.parse import urlsplit

import stripe

from .account import Account
from .errors import RefusalError, impossible, invalid
from .events import emit
from .parameters import missing
from .shape import Json, blank

SHORTEST, LONGEST = 30 * 60, 24 * 3600
# Limits of https://docs.stripe.com/api/metadata.
_METADATA_KEYS, _METADATA_KEY, _METADATA_VALUE = 50, 40, 500


def create_session(account: Account, params: Json) -> Json:
    _check(account, params)
    now = account.clock.now()
    items = [_line_item(account, item) for item in params["line_items"]]
    total = sum(item["amount_total"] for item in items)
    currency = items[0]["currency"]
    if currency == "dkk" and total < account.settings.minimum_amount:
        minimum = account.settings.minimum_amount / 100
        raise impossible(
            f"The Checkout Session's total amount due must add up to at least kr{minimum:.2f} dkk",
            code="amount_too_small",
        )
    return account.add(_session(account, params, items, total, currency, now))


def expire_session(account: Account, session_id: str) -> Json:
    session = account.session(session_id)
    if session["status"] != "open":
        raise impossible(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
    session |= {"status": "expired", "url": None}
    if session["payment_intent"]:
        _cancel_intent(account, account.objects[session["payment_intent"]])
    emit(account, "checkout.session.expired", session)
    return session


def expire_due(account: Account) -> None:
    for session in account.where("checkout.session", status="open"):
        if session["expires_at"] <= account.clock.now():
            expire_session(account, session["id"])


def refresh_urls(account: Account) -> None:
    """Open sessions read from a file point at the port the fake listens on now."""
    for session in account.where("checkout.session", status="open"):
        session["url"] = _page_url(account, session["id"])


def return_url(session: Json, name: str) -> str | None:
    """``success_url`` or ``cancel_url`` with Stripe's one template variable filled in."""
    url: str | None = session[name]
    return url and url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _cancel_intent(account: Account, intent: Json) -> None:
    intent |= {
        "status": "canceled",
        "canceled_at": account.clock.now(),
        "cancellation_reason": "expired",
    }
    emit(account, "payment_intent.canceled", intent)


def _page_url(account: Account, session_id: str) -> str:
    return f"{account.base_url}/c/pay/{session_id}"


def _check(account: Account, params: Json) -> None:
    if params.get("mode") != "payment":
        raise missing("mode") if "mode" not in params else _unsupported("mode", params["mode"])
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise _unsupported("ui_mode", params["ui_mode"])
    for name in ("line_items", "success_url"):
        if not params.get(name):
            raise missing(name)
    for name in ("success_url", "cancel_url"):
        _check_url(params.get(name), name)
    _check_text(params)
    for name, metadata in _metadata_of(params):
        _check_metadata(metadata, name)
    if "expires_at" in params:
        _check_expiry(params["expires_at"] - account.clock.now())


def _unsupported(param: str, value: str) -> RefusalError:
    return invalid(f"The fake Stripe does not support {param} '{value}'.", param)


def _check_url(url: str | None, name: str) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise invalid("Not a valid URL", name, code="url_invalid")


def _check_text(params: Json) -> None:
    if len(params.get("client_reference_id", "")) > 200:
        raise invalid(
            "Invalid string: client_reference_id must be at most 200 characters",
            "client_reference_id",
        )
    email = params.get("customer_email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise invalid(f"Invalid email address: {email}", "customer_email", code="email_invalid")


def _metadata_of(params: Json) -> list[tuple[str, dict[str, str]]]:
    intent = params.get("payment_intent_data", {})
    return [
        ("metadata", params.get("metadata", {})),
        ("payment_intent_data[metadata]", intent.get("metadata", {})),
    ]


def _check_metadata(metadata: dict[str, str], name: str) -> None:
    if len(metadata) > _METADATA_KEYS:
        raise invalid(f"Metadata can have at most {_METADATA_KEYS} keys.", name)
    for key, value in metadata.items():
        if len(key) > _METADATA_KEY or len(value) > _METADATA_VALUE:
            raise invalid(
                f"Metadata keys can have up to {_METADATA_KEY} characters "
                f"and values up to {_METADATA_VALUE}.",
                f"{name}[{key}]",
            )


def _check_expiry(seconds: int) -> None:
    if seconds < SHORTEST:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes "
            "from Checkout Session creation.",
            "expires_at",
        )
    if seconds > LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            "expires_at",
        )


def _line_item(account: Account, item: Json) -> Json:
    if "price_data" not in item:
        raise invalid("The fake Stripe has no prices: give price_data.", "line_items[0][price]")
    price = item["price_data"]
    if "unit_amount" not in price or "product_data" not in price:
        raise missing("line_items[0][price_data][unit_amount, product_data]")
    if price["unit_amount"] < 0:
        raise invalid("Invalid non-negative integer", "line_items[0][price_data][unit_amount]")
    quantity = item.get("quantity", 1)
    amount = price["unit_amount"] * quantity
    return blank(
        stripe.LineItem,
        id=account.new_id("li"),
        object="item",
        amount_discount=0,
        amount_subtotal=amount,
        amount_tax=0,
        amount_total=amount,
        currency=price["currency"].lower(),
        description=price["product_data"]["name"],
        discounts=[],
        metadata=item.get("metadata", {}),
        quantity=quantity,
        taxes=[],
    )


def _session(
    account: Account, params: Json, items: list[Json], total: int, currency: str, now: int
) -> Json:
    session_id = account.new_id("cs")
    given = {name: params[name] for name in _COPIED if name in params}
    return blank(
        stripe.checkout.Session,
        id=session_id,
        object="checkout.session",
        amount_subtotal=total,
        amount_total=total,
        created=now,
        currency=currency,
        expires_at=params.get("expires_at", now + LONGEST),
        livemode=account.settings.livemode,
        payment_status="unpaid",
        status="open",
        url=_page_url(account, session_id),
        _line_items=items,
        _payment_intent_data=params.get("payment_intent_data", {}),
        **(_defaults(params) | given),
    )


_COPIED = (
    "adaptive_pricing",
    "allowed_payment_method_types",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "locale",
    "metadata",
    "mode",
    "submit_type",
    "success_url",
)


def _defaults(params: Json) -> dict[str, Any]:
    texts = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    return {
        "adaptive_pricing": {"enabled": True},
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": dict.fromkeys(texts),
        "customer_creation": "if_required",
        "metadata": {},
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": params.get("allowed_payment_method_types", ["card", "mobilepay"]),
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }
