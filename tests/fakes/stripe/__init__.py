"""Our own fake Stripe: a real HTTP server that the real ``stripe`` SDK talks to.

In a test::

    with FakeStripe(webhook_url=url, webhook_secrets=["whsec_fake"]) as fake:
        client = stripe.StripeClient(fake.api_key, base_addresses={"api": fake.url})
        ...
        fake.pay(session.id)
        fake.flush()

As a process: ``python -m tests.fakes.stripe --help``. A person pays at ``session.url``, and
``/`` lists the sessions, where a payment that is being processed can be let succeed or fail.

Every answer has the fields of the installed SDK's types, and every parameter is checked against
the SDK's own params classes, so an upgrade that moves Stripe's API breaks a test. Times are the
fake's clock, ``fake.clock.advance(seconds)``; deliveries, their retries and the signatures'
timestamps are real time. Amounts are minor units (øre).

Knobs that are values: ``fake.knobs.NAME = value``, or over HTTP ``POST /_fake/knobs`` with
``{"NAME": value}`` (``GET`` shows them). They count for events and requests from then on.

``duplicates`` (1)
    How many times each event is delivered.
``together`` (False)
    The duplicates arrive at the same moment instead of one after the other.
``drop`` (())
    Event types that are never delivered; ``["*"]`` for all. They stay in ``events.list``.
``hold`` (())
    Event types kept back (``["*"]`` for all) until ``release``: for reordering.
``delay`` (0.0)
    Seconds before each delivery.
``refund_status`` ("succeeded")
    The first status of new refunds: "succeeded", "pending" or "failed".
``key_revoked`` (False)
    Every API request answers 401 ``api_key_expired``.

Knobs that take arguments: ``fake.NAME(...)``, or over HTTP ``{"NAME": {arguments by name}}``,
``{"NAME": [by place]}``, ``{"NAME": the only one}`` or ``{"NAME": null}``; several are done in
their order and the answer has each one's result.

``fail_next(kind, count=1, method=None, path="/v1/", seconds=30)``
    The next ``count`` API requests that fit. "429", "503": refused at the edge, nothing kept.
    "500": refused by the endpoint; an idempotency key replays it, as at Stripe. "timeout": not
    done, no answer for ``seconds``. "slow": done, but answered after ``seconds``, its key in use
    (409) until then. "reply_lost": done and kept under its key, then the connection closes. An
    SDK client with ``max_network_retries`` repeats by itself: count one more for each.
``override(target, **fields)``
    API answers show these fields for one id, or for all of a type ("checkout.session"):
    ``override(session_id, amount_total=1, currency="eur", livemode=True)``; none to undo.
``settle(session_id, outcome)``
    An asynchronous payment's outcome: "succeeded" or "failed".
``succeed_refund(refund_id)``, ``fail_refund(refund_id)``
    A pending refund ends; also a succeeded one may fail later.
``open_dispute(reference, amount=None, reason=…)``, ``close_dispute(dispute_id, outcome)``
    The charge behind a session, payment intent or charge; "won" or "lost".
``payout()``
    Pays out what the balance holds; its transactions are then listed by ``payout``.
``fail_payout(payout_id)``
    The bank sends it back: a ``payout_failure`` of the balance.
``set_fee(permille, fixed)``, ``bill_fee(amount, description=…)``
    The fee of payments from then on, ``set_fee(14, 180)`` is 1.4 % + 1.80 kr.; and a
    ``stripe_fee`` that is of no payment.
``release(order=None, seed=None, together=False)``
    Sends held events: in order, in the given order, shuffled by a seed, or at one moment.
``advance(seconds)``
    Moves the clock: sessions expire, money becomes available, idempotency keys are pruned.
``point_webhook(url=None, secrets=None)``
    Another address ("" for none), or several secrets while one is rotated.
``pay``, ``decline``, ``pay_async``, ``cancel``, ``expire`` (session_id),
``refund_in_dashboard(reference, amount=None, status=None)``,
``emit(type, object)``, ``deliver(event_id)``, ``flush(timeout)``, ``reset()``
    What a buyer or the dashboard does; any event at all; send again; wait; begin anew.
"""

from .fake import FakeStripe
from .signing import SignedBody, sign
from .webhooks import ENABLED_EVENTS, Attempt

__all__ = ["ENABLED_EVENTS", "Attempt", "FakeStripe", "SignedBody", "sign"]
