"""Services of memberships: whatever they charge, the ledger agrees after every test."""

from collections.abc import Generator

import pytest

from tests.payments import agreement


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from agreement.watch(item))
