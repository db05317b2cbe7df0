"""The menu of each row: what its state and the user's rights allow now, and no more."""

import pytest
from django.test import Client

from networks import roles
from networks.models import Membership
from networks.rules.states import Status
from networks.wagtail_hooks import memberships, messages
from payments.wagtail_hooks import charges
from tests.factories.networks import MembershipFactory, make_network, make_user
from tests.payments.backoffice.rows import make_charge

pytestmark = pytest.mark.django_db


def signed_in(role: str, **facts: object) -> Client:
    client = Client()
    client.force_login(make_user(role, **facts))
    return client


def menu(client: Client, admin: object, row: object) -> set[str]:
    """Names of the actions whose addresses the list holds for the row."""
    page = client.get(admin.row_url("index")).content.decode()
    return {action.name for action in admin.actions if admin.row_url(action.name, row.pk) in page}


def own_page(client: Client, admin: object, row: object) -> set[str]:
    page = client.get(admin.row_url("inspect", row.pk)).content.decode()
    return {action.name for action in admin.actions if admin.row_url(action.name, row.pk) in page}


@pytest.mark.parametrize(
    "status", [Status.PENDING_APPROVAL, Status.WAITLISTED, Status.ACTIVE, Status.WITHDRAWN]
)
def test_it_offers_what_the_rows_own_page_offers(status: Status) -> None:
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    row = MembershipFactory(status=status, address_at_domain=False)
    offered = menu(client, memberships, row)
    assert offered <= own_page(client, memberships, row)
    assert bool(offered) == (status != Status.WITHDRAWN)
    assert ("approve" in offered) == (status in (Status.PENDING_APPROVAL, Status.WAITLISTED))


def test_rights_decide_row_by_row() -> None:
    own, other = make_network(), make_network()
    facts = {"status": Status.PENDING_APPROVAL, "address_at_domain": False}
    mine: Membership = MembershipFactory(network=own, **facts)
    theirs: Membership = MembershipFactory(network=other, **facts)
    # Sees every network, and handles the one.
    client = signed_in(roles.AUDITORS, networks=[own])
    assert {"approve", "reject"} <= menu(client, memberships, mine)
    assert "cancel" not in menu(client, memberships, mine)
    assert menu(client, memberships, theirs) == set()
    assert menu(signed_in(roles.AUDITORS), memberships, mine) == set()


def test_money_is_for_finance() -> None:
    charge = make_charge(MembershipFactory())
    assert "settle" in menu(signed_in(roles.FINANCE), charges, charge)
    assert menu(signed_in(roles.MEMBER_ADMINISTRATORS), charges, charge) == set()


def test_a_list_without_rows_has_none() -> None:
    page = signed_in(roles.MEMBER_ADMINISTRATORS).get(messages.row_url("index"))
    assert page.status_code == 200
