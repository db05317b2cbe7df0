"""Services of memberships: what Wagtail notes of a page for its editors is not about them, and
whatever they charge, the ledger agrees after every test."""

from collections.abc import Generator, Iterator

import pytest
from wagtail.signal_handlers import disable_reference_index_auto_update

from tests.payments import agreement


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from agreement.watch(item))


@pytest.fixture(autouse=True)
def _no_reference_index() -> Iterator[None]:
    """Half of the time that making a page takes."""
    with disable_reference_index_auto_update():
        yield
