"""Each role walks every address of the site: what it is answered, whom it meets, in what language.

One walk finds it all, since asking every address takes most of the time.
"""

import pytest
from wagtail.users.models import UserProfile

from networks import roles
from tests.rights.addresses import Address, every_address, is_about_a_network, path_of
from tests.rights.language import left_in_danish, left_in_english
from tests.rights.outcomes import ALLOWED, FORBIDDEN, NOT_FOUND, ask, client_of
from tests.rights.table import NOT_ASKED, table
from tests.rights.world import COLUMNS, Side, World, make_world

pytestmark = pytest.mark.django_db

#: Roles whose rows are those of some networks only.
LIMITED = [column for column, role in COLUMNS.items() if role in (roles.COORDINATORS, roles.HOSTS)]
#: Rows of a network that everybody in the administration may meet: they are public.
PUBLIC = (
    "municipalit",
    "wagtailadmin_choose_page",
    "wagtailadmin_api:",
    "wagtailadmin_explore",  # Leads home.
    "wagtail_serve",
    # Wagtail names the page, and refuses what would be done to it.
    "wagtailadmin_pages:confirm_workflow_cancellation",
    "wagtailadmin_pages:move_confirm",
    "wagtailadmin_pages:revisions_index",
    "wagtailadmin_pages:workflow_preview",
)
#: What people wrote, which stays as they wrote it.
WRITTEN = {"Billede", "Konsulent", "Kultur og fritid", "Medlemskab", "Ukendt", "Velkommen"}
#: Of a page one may know that it is there: it is published.
PAGES = "wagtailadmin_pages:"


@pytest.fixture
def world() -> World:
    return make_world()


def asked() -> list[Address]:
    return [each for each in every_address() if each.key not in NOT_ASKED]


def secrets(side: Side) -> list[str]:
    """What tells that a page shows the side's people."""
    names = ("guest", "joinrequest", "handover")
    people = [side.rows[f"networks_{name}"].email for name in names]
    return [
        *people,
        side.rows["networks_person"].email,
        side.rows["networks_seat"].participant.email,
    ]


def test_the_table_has_every_address_and_no_other() -> None:
    addresses = {address.key for address in every_address()} - set(NOT_ASKED)
    assert sorted(addresses - set(table())) == [], "new addresses"
    assert sorted(set(table()) - addresses) == [], "addresses that are gone"


#: Walked every day; `make test-rights` walks as all.
EVERY_DAY = "SCV"


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(column, id=role, marks=[] if column in EVERY_DAY else [pytest.mark.walk])
        for column, role in COLUMNS.items()
    ],
)
def test_each_role_is_answered_as_the_table_says_in_danish(world: World, column: str) -> None:
    client = client_of(world.users[column])
    hidden = secrets(world.theirs) if column in LIMITED else []
    findings = []
    for address in asked():
        path = path_of(address, world, world.ours)
        if column != "V" and not path.startswith("/admin/"):
            continue  # Public addresses know no user; the visitor asks them.
        answer = ask(client, path)
        expected = table().get(address.key, {}).get(column)
        if expected and answer.outcome != expected:
            findings.append(f"{address.key}: {answer.outcome}, not {expected}")
        findings += [f"{address.key} shows {each}" for each in hidden if each in answer.text]
        if answer.text.lstrip().startswith("<") and answer.status == 200:
            findings += [f"{address.key}: {text!r}" for text in left_in_english(answer.text)]
    assert findings == []


@pytest.mark.parametrize("column", LIMITED, ids=[COLUMNS[column] for column in LIMITED])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_networks_rows_never_answer(world: World, column: str, method: str) -> None:
    client = client_of(world.users[column])
    findings = []
    for address in asked():
        if address.name.startswith(PUBLIC) or not is_about_a_network(address, world):
            continue
        path = path_of(address, world, world.theirs)
        if path.startswith("/admin/"):
            answer = ask(client, path, method)
            allowed = (NOT_FOUND, FORBIDDEN)
            if answer.status != 405 and answer.outcome not in allowed:
                findings.append(f"{address.key}: {answer.status}")
            elif address.name.startswith(PAGES):
                continue
            elif table()[address.key][column] == ALLOWED and answer.outcome == FORBIDDEN:
                findings.append(f"{address.key} says that the row is there")
    assert findings == []


def test_our_screens_are_english_equally(world: World) -> None:
    """Not Wagtail's own, some of which take their words when the server starts."""
    user = world.users["S"]
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": "en"})
    client = client_of(user)
    findings = []
    for address in asked():
        path = path_of(address, world, world.ours)
        if path.startswith("/admin/") and not address.name.startswith("wagtail"):
            answer = ask(client, path)
            if answer.text.lstrip().startswith("<") and answer.status == 200:
                found = left_in_danish(answer.text) - WRITTEN
                findings += [f"{address.key}: {text!r}" for text in found]
    assert findings == []
