"""The table: every address, and what it answers each role about a row that the role may meet.

``table.txt`` has a line for each address and a letter for each column of ``world.COLUMNS``:
``a`` allowed, ``f`` forbidden, ``n`` not found, ``s`` asked to sign in. An address that is new
gets a line there by hand, after a look at the domain's table of roles.
"""

from functools import cache
from pathlib import Path

from tests.rights.world import COLUMNS

FILE = Path(__file__).with_name("table.txt")

#: Not asked, each for its reason.
NOT_ASKED = {
    "wagtailadmin_error_test": "fails on purpose, to show what a failure looks like",
    "wagtailredirects:process_import": "the second step of an import that nobody began",
    "charge_payment/token/charge_id": "talks to Stripe outside any transaction",
    "payment/token": "talks to Stripe outside any transaction",
}


@cache
def table() -> dict[str, dict[str, str]]:
    """{address: {column: outcome}}"""
    found = {}
    for line in FILE.read_text().splitlines():
        if line and not line.startswith("#"):
            address, outcomes = line.split()
            found[address] = dict(zip(COLUMNS, outcomes, strict=True))
    return found
