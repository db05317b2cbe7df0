"""The fake Stripe, for memberships that are paid by card; the ledger agrees after every test."""

from collections.abc import Generator

import pytest

from tests.payments import agreement
from tests.payments.conftest import running_stripe, stripe

__all__ = ["running_stripe", "stripe"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from agreement.watch(item))
