"""Stripe: the only module that imports its SDK.

Hosted Checkout, one line item, gross øre, DKK. Nobody's name or e-mail is sent; of us Stripe learns
the payment's id alone. What comes back are plain facts. Every call refuses to be made inside a
transaction, whose locks a slow answer would hold.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from payments.models import Payment
from payments.stripe_facts import DisputeFacts, EventFacts, RefundFacts, SessionFacts

#: Seconds to connect, and between two bytes of the answer (the SDK's default is 80).
TIMEOUTS = (3.0, 10.0)
NETWORK_RETRIES = 1
#: A webhook signed longer ago is refused, so that a recorded one can't be played again.
TOLERANCE_SECONDS = 300
#: The SDK accepts any future timestamp; two machines' clocks may differ by this much.
CLOCK_SKEW_SECONDS = 30
#: After a 401, card payment is not offered by this process for so long.
KEY_REFUSED_SECONDS = 60


class GatewayError(Exception):
    """Whatever keeps Stripe from doing what was asked."""


class GatewayUnavailable(GatewayError):
    """No answer, or one that says: later (timeout, connection, 409 in progress, 429, 5xx).

    ``replayed``: the idempotency key has kept a failure and will only repeat it; a new key is
    needed.
    """

    def __init__(self, message: str, *, replayed: bool = False) -> None:
        super().__init__(message)
        self.replayed = replayed


class GatewayRefused(GatewayError):
    """Stripe's no. ``code`` is Stripe's (``amount_too_small``), ``param`` what it is about."""

    def __init__(self, code: str, message: str = "", *, param: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.param = param


class GatewayMisconfigured(GatewayError):
    """The key is missing, wrong or revoked (401), or may not do this (403)."""


class SignatureInvalid(GatewayError):
    """A webhook that is not, or not recently, signed with one of our secrets."""


# The client -----------------------------------------------------------------------------------


def is_configured() -> bool:
    """True when a card payment can be offered: there is a key, and it was not refused just now."""
    return bool(settings.STRIPE_SECRET_KEY) and not cache.get(_refused_mark())


def is_live() -> bool:
    """True when the key moves real money."""
    return "_live_" in settings.STRIPE_SECRET_KEY


def _refused_mark() -> str:
    digest = hashlib.sha256(str(settings.STRIPE_SECRET_KEY).encode()).hexdigest()
    return f"payments.key_refused.{digest[:16]}"


@lru_cache(maxsize=4)
def _client(key: str, address: str, timeouts: tuple[float, float]) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": address},
        max_network_retries=NETWORK_RETRIES,
        http_client=stripe.RequestsClient(timeout=timeouts),
    )


@contextmanager
def calling() -> Iterator[stripe.V1Services]:
    """The API, its errors as ours. RuntimeError inside a transaction (a test's own is none)."""
    if not settings.STRIPE_SECRET_KEY:
        raise GatewayMisconfigured("STRIPE_SECRET_KEY is not set.")
    with transaction.atomic(durable=True):
        pass  # a durable block is Django's own question whether a transaction is open
    timeouts = getattr(settings, "STRIPE_TIMEOUTS", TIMEOUTS)
    client = _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, timeouts)
    try:
        yield client.v1
    except stripe.StripeError as error:
        translated = _translated(error)
        if isinstance(translated, GatewayMisconfigured):
            cache.set(_refused_mark(), True, KEY_REFUSED_SECONDS)
        raise translated from error


def _translated(error: stripe.StripeError) -> GatewayError:
    status = error.http_status
    text = f"{type(error).__name__} {status or ''} {error.user_message or ''}".strip()
    if status in (401, 403):
        return GatewayMisconfigured(text)
    if status is None or status in (409, 429) or status >= 500:
        headers = error.headers or {}
        return GatewayUnavailable(text, replayed=headers.get("Idempotent-Replayed") == "true")
    code = "idempotency_error" if isinstance(error, stripe.IdempotencyError) else error.code
    return GatewayRefused(code or "", text, param=getattr(error, "param", None) or "")


# Sessions -------------------------------------------------------------------------------------


def create_session(payment: Payment, *, success_url: str, cancel_url: str) -> SessionFacts:
    """The session of a committed attempt. Its id is the idempotency key: one attempt, one session.

    The key demands the same addresses each time: ``idempotency_error`` with others.
    """
    reference = str(payment.pk)
    with calling() as v1:
        session = v1.checkout.sessions.create(
            params={
                "mode": "payment",
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": payment.currency,
                            "unit_amount": payment.amount,
                            "product_data": {"name": payment.charge.description},
                        },
                    }
                ],
                "client_reference_id": reference,
                "metadata": {"payment": reference},
                "payment_intent_data": {"metadata": {"payment": reference}},
                "expires_at": int(payment.expires_at.timestamp()),
                "success_url": success_url,
                "cancel_url": cancel_url,
                "locale": "da",
                "adaptive_pricing": {"enabled": False},
            },
            options={"idempotency_key": reference},
        )
    return _session_facts(session)


def retrieve_session(session_id: str) -> SessionFacts:
    with calling() as v1:
        session = v1.checkout.sessions.retrieve(
            session_id, params={"expand": ["payment_intent.latest_charge"]}
        )
    return _session_facts(session)


def expire_session(session_id: str) -> SessionFacts:
    """End an open session: from then on nobody can pay in it. GatewayRefused if it is not open."""
    with calling() as v1:
        session = v1.checkout.sessions.expire(session_id)
    return _session_facts(session)


def _session_facts(session: stripe.checkout.Session) -> SessionFacts:
    intent = session.payment_intent
    known = intent if isinstance(intent, stripe.PaymentIntent) else None
    charge = known.latest_charge if known else None
    return SessionFacts(
        id=session.id,
        url=session.url or "",
        status=session.status or "",
        payment_status=session.payment_status,
        amount=session.amount_total or 0,
        currency=(session.currency or "").lower(),
        livemode=session.livemode,
        reference=session.client_reference_id or "",
        payment_intent_id=known.id if known else str(intent or ""),
        intent_status=str(known.status) if known else "",
        disputed=isinstance(charge, stripe.Charge) and charge.disputed,
    )


# Refunds and disputes -------------------------------------------------------------------------


def refund(payment_intent_id: str, *, amount: int, reference: str, key: str) -> RefundFacts:
    """Send back ``amount`` øre. ``reference``: our refund's id, by which it is known again."""
    with calling() as v1:
        made = v1.refunds.create(
            params={
                "payment_intent": payment_intent_id,
                "amount": amount,
                "metadata": {"refund": reference},
            },
            options={"idempotency_key": key},
        )
    return _refund_facts(made)


def list_refunds(payment_intent_id: str) -> list[RefundFacts]:
    """Every refund of a payment, ours and the dashboard's, oldest first."""
    with calling() as v1:
        pages = v1.refunds.list(params={"payment_intent": payment_intent_id, "limit": 100})
        found = [_refund_facts(entry) for entry in pages.auto_paging_iter()]
    return found[::-1]


def latest_dispute(payment_intent_id: str) -> DisputeFacts | None:
    """The latest dispute of a payment; None: it has none."""
    with calling() as v1:
        newest = v1.disputes.list(params={"payment_intent": payment_intent_id, "limit": 1}).data
    return _dispute_facts(newest[0]) if newest else None


def _dispute_facts(dispute: stripe.Dispute) -> DisputeFacts:
    due_by = dispute.evidence_details.due_by
    return DisputeFacts(
        id=dispute.id,
        status=str(dispute.status),
        reason=str(dispute.reason),
        amount=dispute.amount,
        due_by=datetime.fromtimestamp(due_by, tz=UTC) if due_by else None,
    )


def dashboard_url(payment: Payment) -> str:
    """Where a person finds the payment at Stripe; empty before Stripe knows of one."""
    if not payment.payment_intent_id:
        return ""
    mode = "" if payment.livemode else "test/"
    return f"https://dashboard.stripe.com/{mode}payments/{payment.payment_intent_id}"


def _refund_facts(entry: stripe.Refund) -> RefundFacts:
    metadata: dict[str, Any] = entry.metadata.to_dict() if entry.metadata else {}
    return RefundFacts(
        id=entry.id,
        amount=entry.amount,
        status=entry.status or "pending",
        reference=metadata.get("refund", ""),
        failure=entry.failure_reason or "",
    )


# Events ---------------------------------------------------------------------------------------


def construct_event(body: bytes, header: str | None) -> EventFacts:
    """The event of a webhook's body, once its signature holds; SignatureInvalid otherwise.

    Any of the secrets will do, so that one can be rotated. Signed over 300 s ago, or in the
    future: refused.
    """
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        _refuse_future(header or "")
        return _event_from(body)
    raise SignatureInvalid("No secret of ours fits the signature.")


def _refuse_future(header: str) -> None:
    stamps = [part.split("=")[1] for part in header.split(",") if part.startswith("t=")]
    if int(stamps[0]) > timezone.now().timestamp() + CLOCK_SKEW_SECONDS:
        raise SignatureInvalid("The signature's timestamp lies in the future.")


def _event_from(body: bytes) -> EventFacts:
    try:
        return EventFacts.of(json.loads(body))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SignatureInvalid("The body is not an event.") from error


def list_events(since: datetime, types: list[str]) -> list[EventFacts]:
    """The account's events of these types from then on, oldest first. Stripe keeps 30 days."""
    with calling() as v1:
        pages = v1.events.list(
            params={"created": {"gte": int(since.timestamp())}, "types": types, "limit": 100}
        )
        found = [EventFacts.of(event.to_dict()) for event in pages.auto_paging_iter()]
    return found[::-1]
