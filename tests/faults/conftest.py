"""Memberships that are paid by card, with everything between the buyer and the ledger real."""

from collections.abc import Callable, Generator

import pytest
from django.test import Client

from networks.models import NetworkPage
from tests.factories.networks import make_network
from tests.factories.sellers import make_seller
from tests.fakes.stripe import FakeStripe
from tests.faults.purchases import Purchase
from tests.payments import agreement
from tests.payments.conftest import delivering, running_stripe, stripe

__all__ = ["delivering", "running_stripe", "stripe"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from agreement.watch(item))


@pytest.fixture
def network(db) -> NetworkPage:
    """A network whose seller can issue receipts."""
    make_seller()
    return make_network()


@pytest.fixture
def purchase(network: NetworkPage, stripe: FakeStripe, run_jobs) -> Purchase:
    """Somebody has signed up to pay by card, and has seen no payment page yet."""
    return Purchase(network, stripe, Client(raise_request_exception=False), run_jobs)


@pytest.fixture
def purchases(network: NetworkPage, stripe: FakeStripe, run_jobs) -> Callable[[], Purchase]:
    def another() -> Purchase:
        return Purchase(network, stripe, Client(raise_request_exception=False), run_jobs)

    return another
