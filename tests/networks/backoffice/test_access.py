"""Who may open what: roles × lists, and every address with a row's key × another network's row."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from networks import roles
from networks.models import (
    ErasureRequest,
    Guest,
    Handover,
    JoinRequest,
    Meeting,
    MeetingHost,
    Membership,
    Seat,
)
from networks.wagtail_hooks import (
    erasure_requests,
    guests,
    handovers,
    join_requests,
    meetings,
    memberships,
    people,
)
from payments.models import Charge, Payment
from payments.wagtail_hooks import charges, payments
from tests.factories.meeting_day import GuestFactory
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    make_network,
    make_user,
)
from tests.factories.requests import ErasureRequestFactory, HandoverFactory
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db

ADMINS = [
    memberships,
    people,
    meetings,
    guests,
    join_requests,
    handovers,
    erasure_requests,
    charges,
    payments,
]
MEMBER_LISTS = {"memberships", "people", "meetings", "guests", "join_requests", "handovers"}
ERASURE = {"erasure_requests"}
MONEY_LISTS = {"charges", "payments"}
LISTS = dict(
    zip(
        [
            *("memberships", "people", "meetings", "guests", "join_requests", "handovers"),
            *("erasure_requests", "charges", "payments"),
        ],
        ADMINS,
        strict=True,
    )
)
MAY_OPEN = {
    roles.EDITORS: set(),
    roles.PUBLISHERS: set(),
    roles.MEMBER_ADMINISTRATORS: MEMBER_LISTS | MONEY_LISTS | ERASURE,
    roles.COORDINATORS: MEMBER_LISTS,
    roles.FINANCE: MONEY_LISTS,
    roles.AUDITORS: MEMBER_LISTS | MONEY_LISTS | ERASURE,
    roles.HOSTS: {"meetings"},
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def row_addresses(admin: Any, row: Model) -> list[str]:
    """Every address that the modeladmin registers with a row's key in it."""
    views = [admin.inspect_view_class, *admin.actions]
    assert len(admin.row_patterns()) == len(views)
    return [admin.row_url(view.name, row.pk) for view in views]


def rows_of_one_network() -> dict[Any, Model]:
    membership = MembershipFactory()
    charge = make_charge(membership)
    meeting = Meeting.objects.filter(season__page=membership.network).first()
    return {
        memberships: membership,
        people: membership.contact,
        meetings: meeting,
        guests: GuestFactory(meeting=meeting),
        join_requests: JoinRequestFactory(membership=membership),
        handovers: HandoverFactory(membership=membership),
        erasure_requests: ErasureRequestFactory(person=membership.contact),
        charges: charge,
        payments: make_payment(charge),
    }


@pytest.fixture
def foreign() -> tuple[Client, dict[Any, Model]]:
    """A coordinator of one network, given every right, and another network's rows."""
    own = MembershipFactory().network
    user = make_user(roles.COORDINATORS, networks=[own])
    for model in (Membership, Meeting, JoinRequest, Handover, ErasureRequest, Charge, Payment):
        give(user, model, "change")
        give(user, model, "view")
    for model in (Guest, MeetingHost, Seat):
        give(user, model, "add")
        give(user, model, "change")
    return signed_in(user), rows_of_one_network()


def give(user: User, model: type[Model], action: str) -> None:
    name = f"{action}_{model._meta.model_name}"
    # The right to settle charges is finance's, which sees every network.
    if name != "change_charge":
        user.user_permissions.add(Permission.objects.get(codename=name))


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_networks_rows_are_not_found(
    foreign: tuple[Client, dict[Any, Model]], method: str
) -> None:
    client, rows = foreign
    for admin, row in rows.items():
        for address in row_addresses(admin, row):
            response = getattr(client, method)(address)
            assert response.status_code == 404, address


def test_what_is_no_key_is_not_found() -> None:
    client = signed_in(make_user(superuser=True))
    for admin in ADMINS:
        for view in [admin.inspect_view_class, *admin.actions]:
            assert client.get(admin.row_url(view.name, "no-such-row")).status_code == 404


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("name", LISTS)
def test_each_role_opens_its_lists_and_no_others(role: str, name: str) -> None:
    client = signed_in(make_user(role))
    admin = LISTS[name]
    expected = 200 if name in MAY_OPEN[role] else 302
    for address in (admin.row_url("index"), admin.row_url("results")):
        assert client.get(address).status_code == expected


@pytest.mark.parametrize("role", roles.ROLES)
def test_the_menu_shows_what_the_role_may_open(role: str) -> None:
    page = signed_in(make_user(role)).get(reverse("wagtailadmin_home")).content.decode()
    shown = {name for name, admin in LISTS.items() if admin.row_url("index") in page}
    assert shown == MAY_OPEN[role]


def test_auditors_change_nothing() -> None:
    client = signed_in(make_user(roles.AUDITORS))
    for admin, row in rows_of_one_network().items():
        inspect = admin.row_url("inspect", row.pk)
        # What asks for the right to look shows the row in another way, on paper for example.
        changing = [action for action in admin.actions if action.permission != "view"]
        actions = [admin.row_url(action.name, row.pk) for action in changing]
        assert client.get(inspect).status_code in (200, 302)
        for address in actions:
            assert client.get(address).status_code == 302
            assert client.post(address, {"reason": "x"}).status_code == 302
        page = client.get(inspect, follow=True).content.decode()
        assert not any(address in page for address in actions)
    assert Membership.objects.get().status == "active"
    assert client.get(memberships.row_url("create")).status_code == 302


def test_a_coordinator_sees_the_own_networks_only() -> None:
    own, other = make_network(title="Eget netværk"), make_network(title="Andet netværk")
    mine = MembershipFactory(network=own)
    theirs = MembershipFactory(network=other)
    shared = ParticipantFactory(membership=mine)
    client = signed_in(make_user(roles.COORDINATORS, networks=[own]))
    for admin in (memberships, people):
        page = client.get(admin.row_url("index")).content.decode()
        assert mine.contact.name in page
        assert theirs.contact.name not in page
        assert other.title not in page  # Not in the filters either.
    found = client.get(memberships.row_url("index"), {"q": shared.name}).content.decode()
    assert mine.contact.email in found
    sneaky = client.get(memberships.row_url("index"), {"network": other.pk}).content.decode()
    assert theirs.contact.email not in sneaky


def test_a_coordinator_sees_no_money() -> None:
    membership = MembershipFactory(with_buyer=True)
    make_charge(membership)
    client = signed_in(make_user(roles.COORDINATORS, networks=[membership.network]))
    page = client.get(memberships.row_url("inspect", membership.pk)).content.decode()
    for secret in ("7.000 kr.", membership.buyer_gln, "8.750"):
        assert secret not in page
    assert "7.000" not in client.get(memberships.row_url("index")).content.decode()
    export = client.get(memberships.row_url("index"), {"export": "csv"}).getvalue().decode()
    assert membership.buyer_gln not in export


def test_a_persons_page_names_visible_memberships_only() -> None:
    own, other = make_network(title="Eget netværk"), make_network(title="Andet netværk")
    mine = MembershipFactory(network=own)
    MembershipFactory(network=other, contact=mine.contact, municipality=mine.municipality)
    client = signed_in(make_user(roles.COORDINATORS, networks=[own]))
    page = client.get(people.row_url("inspect", mine.contact.pk)).content.decode()
    assert escape(own.title) in page
    assert escape(other.title) not in page


def test_finance_gets_no_link_to_the_member_behind_a_charge() -> None:
    membership = MembershipFactory()
    charge = make_charge(membership)
    address = memberships.row_url("inspect", membership.pk)
    finance = signed_in(make_user(roles.FINANCE)).get(charges.row_url("inspect", charge.pk))
    assert finance.status_code == 200
    assert address not in finance.content.decode()
    administrator = signed_in(make_user(roles.MEMBER_ADMINISTRATORS))
    assert address in administrator.get(charges.row_url("inspect", charge.pk)).content.decode()
