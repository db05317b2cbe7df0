"""What visitors meet: what Wagtail notes of a page for its editors is not about them."""

from collections.abc import Iterator

import pytest
from wagtail.signal_handlers import disable_reference_index_auto_update


@pytest.fixture(autouse=True)
def _no_reference_index() -> Iterator[None]:
    """Half of the time that making a page takes."""
    with disable_reference_index_auto_update():
        yield
