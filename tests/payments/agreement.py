"""Do our tables, and Stripe's, say the same of every øre?

``watch`` asks after each test's last line, before anything is taken down: first our own ledger as
the test left it, then, where it used the fake, everything again once Stripe was asked how it is.
A test that leaves money in disorder on purpose says so, with its reason:
``@pytest.mark.disorder("…")``.
"""

from collections import Counter
from collections.abc import Generator, Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import override_settings

from payments.models import Charge, Payment, PaymentState, Refund, RefundState
from payments.services import ledger
from payments.services.synchronisation import sync_payment
from tests.fakes.stripe import FakeStripe
from tests.payments import recorder

#: Stripe's words for a refund that moved, moves, or did not move money.
_REFUND_STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "pending": RefundState.PENDING,
    "failed": RefundState.FAILED,
}


def watch(item: pytest.Item) -> Generator[None, object, object]:
    """A conftest's ``pytest_runtest_call``, as a wrapper. Fails the test that leaves disorder."""
    result = yield
    if item.get_closest_marker("disorder") is None and _has_database(item):
        found = list(ledger.differences()) if Charge.objects.exists() else []
        fake = item.funcargs.get("stripe") if isinstance(item, pytest.Function) else None
        if isinstance(fake, FakeStripe) and Payment.objects.exists():
            found += _once_asked(fake)
        assert found == [], "\n".join(["the test leaves money in disorder:", *found])
    return result


def _has_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"}
    names = set(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db") is not None
    return (marked or bool(fixtures & names)) and not connection.needs_rollback


def _once_asked(fake: FakeStripe) -> list[str]:
    """What differs from Stripe after it was asked about every payment, its faults mended."""
    fake.knobs.reset()
    recorder.failures.clear()
    cache.clear()
    with override_settings(STRIPE_API_BASE=fake.url, STRIPE_SECRET_KEY=fake.api_key):
        for payment_id in Payment.objects.values_list("pk", flat=True):
            sync_payment(payment_id)
    return [*ledger.differences(), *differences_from(fake)]


def differences_from(fake: FakeStripe) -> Iterator[str]:
    """One line for each payment, refund and dispute of which Stripe says otherwise."""
    rows = {str(row.pk): row for row in Payment.objects.all()}
    received: Counter[str] = Counter()
    for intent in fake.objects("payment_intent"):
        received[intent["metadata"].get("payment", "")] += intent["amount_received"]
    for key, row in rows.items():
        # What needs review was not what we asked for: the money is Stripe's word against ours.
        ours = row.amount if row.state == PaymentState.SUCCEEDED else 0
        if row.state != PaymentState.NEEDS_REVIEW and ours != received[key]:
            yield f"payment {key} is {row.state}, {ours} øre; Stripe received {received[key]}"
    yield from _refunds(fake)
    yield from _disputes(fake)


def _refunds(fake: FakeStripe) -> Iterator[str]:
    ours = {row.stripe_id: row for row in Refund.objects.exclude(stripe_id=None)}
    known = set(Payment.objects.exclude(payment_intent_id="").values_list("payment_intent_id"))
    for entry in fake.objects("refund"):
        row = ours.pop(entry["id"], None)
        if (entry["payment_intent"],) not in known:
            continue
        said = (entry["amount"], _REFUND_STATES[entry["status"]])
        if row is None or (row.amount, row.state) != said:
            ours_says = row and (row.amount, str(row.state))
            yield f"refund {entry['id']} is {said} at Stripe, {ours_says} here"
    for stripe_id in ours:
        yield f"refund {stripe_id} is unknown to Stripe"


def _disputes(fake: FakeStripe) -> Iterator[str]:
    newest = {entry["payment_intent"]: entry["status"] for entry in fake.objects("dispute")}
    for row in Payment.objects.filter(state=PaymentState.SUCCEEDED):
        said = newest.get(row.payment_intent_id, "")
        if row.dispute_state != said:
            yield f"payment {row.pk}: Stripe's dispute is {said!r}, ours {row.dispute_state!r}"
