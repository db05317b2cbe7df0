"""No axe violation on any screen of the administration and of the own sign-in.

The addresses are those of ``tests.rights``: a new screen is walked by itself. All of them take
minutes (``make test-accessibility``); the everyday run looks at one screen of each kind.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page as BrowserPage

from tests.factories.networks import PASSWORD
from tests.factories.users import sign_in_in_browser
from tests.rights.addresses import Address, every_address, path_of
from tests.rights.outcomes import ask, client_of
from tests.rights.world import COLUMNS, World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Not ours to mend: Wagtail's own screens, which come and go with its versions.
OF_WAGTAIL = ("wagtail", "simple_translation:")
#: Wagtail's, but what is on it is ours.
DESK = "wagtailadmin_home"
#: Where the walk would end: these sign out.
ENDS_THE_WALK = {"account_logout"}
#: Those with parameters are a mailed link's, a key's and another house's: see test_sign_in.
OWN_SIGN_IN = ("account_", "mfa_", "openid_")
#: One of each kind.
EVERYDAY = {
    "S": {
        "accounts_sign_in/pk",
        "cms_search",
        "desk_drafts",
        "municipalities:inspect/pk",
        "networks_meeting_modeladmin_inspect/instance_pk",
        "networks_membership_modeladmin_cancel/instance_pk",
        "networks_membership_modeladmin_index",
        "networks_membership_modeladmin_inspect/instance_pk",
        "networks_register",
        "payments_charge_modeladmin_inspect/instance_pk",
        "payments_posting_modeladmin_index",
        "report_coverage",
        "report_revenue",
        DESK,
    },
}


@pytest.fixture
def world(site) -> World:
    return make_world()


def is_ours(address: Address) -> bool:
    ours = address.name == DESK or not address.name.startswith(OF_WAGTAIL)
    is_own_login = address.name.startswith(OWN_SIGN_IN)
    return ours and address.key not in ENDS_THE_WALK and not (is_own_login and address.parameters)


def screens(world: World, column: str, keys: set[str] | None = None) -> Iterator[str]:
    """The paths that answer the user with a whole page; of these addresses only, if given."""
    client = client_of(world.users[column])
    for address in every_address():
        if is_ours(address) and (keys is None or address.key in keys):
            path = path_of(address, world, world.ours)
            if path.startswith(("/admin/", "/konto/")) and answers_a_page(client, path):
                yield path


def answers_a_page(client: Client, path: str) -> bool:
    answer = ask(client, path)
    return answer.status == 200 and "</html>" in answer.text


def violations(page: BrowserPage, site: str, paths: Iterator[str]) -> list[str]:
    axe = Axe()
    found = []
    for path in paths:
        page.goto(site + path)
        result = axe.run(page)
        found += [
            f"{path}: {each['id']} {node['target']} {node['html'][:200]}"
            for each in result.response["violations"]
            for node in each["nodes"]
        ]
    return found


@pytest.mark.parametrize("column", EVERYDAY, ids=[COLUMNS[column] for column in EVERYDAY])
def test_a_screen_of_each_kind(page: BrowserPage, site, world, column):
    sign_in_in_browser(page, site, world.users[column], PASSWORD)
    paths = list(screens(world, column, EVERYDAY[column]))
    assert len(paths) == len(EVERYDAY[column])
    assert violations(page, site, iter(paths)) == []


@pytest.mark.walk
@pytest.mark.parametrize("column", EVERYDAY, ids=[COLUMNS[column] for column in EVERYDAY])
def test_every_screen(page: BrowserPage, site, world, column):
    sign_in_in_browser(page, site, world.users[column], PASSWORD)
    assert violations(page, site, screens(world, column)) == []
