"""A fake Stripe that the real SDK talks to, and a handler that remembers."""

from collections.abc import Callable, Generator, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from payments.models import Charge, Payment
from payments.services import checkout
from tests.fakes.stripe import FakeStripe
from tests.payments import agreement, recorder

RETURN_URL = "https://example.org/betaling/abc/"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """After every test of payments the ledger agrees, and so does Stripe."""
    return (yield from agreement.watch(item))


@pytest.fixture(scope="session")
def running_stripe() -> Iterator[FakeStripe]:
    with FakeStripe() as started:
        yield started


@pytest.fixture
def stripe(running_stripe: FakeStripe, settings) -> Iterator[FakeStripe]:
    """An empty account, and the settings that lead to it; it delivers no webhook."""
    settings.STRIPE_API_BASE = running_stripe.url
    settings.STRIPE_SECRET_KEY = running_stripe.api_key
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_fake"]
    settings.STRIPE_TIMEOUTS = (1.0, 1.0)
    running_stripe.point_webhook("", ["whsec_fake"])
    running_stripe.reset()
    yield running_stripe
    running_stripe.point_webhook("")
    running_stripe.reset()


@pytest.fixture
def delivering(stripe: FakeStripe, live_server) -> FakeStripe:
    """The same, delivering to this site's webhook."""
    stripe.point_webhook(f"{live_server.url}/stripe/webhook/")
    return stripe


@pytest.fixture(autouse=True)
def _recorder(settings) -> None:
    settings.PAYMENTS_CHARGE_HANDLER = "tests.payments.recorder.charge_changed"
    recorder.failures.clear()


@pytest.fixture
def start() -> Callable[..., Payment]:
    """Start paying a charge; the membership's deadline is an hour away."""

    def call(charge: Charge, **changes: object) -> Payment:
        arguments = {
            "deadline": timezone.now() + timedelta(hours=1),
            "success_url": RETURN_URL,
            "cancel_url": RETURN_URL,
            **changes,
        }
        return checkout.start_payment(charge.pk, **arguments)

    return call
