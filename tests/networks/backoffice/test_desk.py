"""The desk: what waits, for whom; each number is the number of rows of the list behind it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.backoffice.desk import tasks_of, waiting
from cms.messages.models import Message, MessageState
from networks import roles
from networks.models import MeetingHost, Membership, RequestState
from networks.rules.states import Status
from networks.services.scopes import scope_of
from networks.wagtail_hooks import handovers, join_requests
from payments.models import BankTransfer, Charge
from tests.factories.contributions import OfferFactory, TopicFactory
from tests.factories.meeting_day import meeting_at, meeting_today
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    make_network,
    make_user,
    season,
)
from tests.factories.requests import ErasureRequestFactory, HandoverFactory
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db

#: What coordinators may do something about, too.
MEMBERS = {
    *("approval", "offers", "paid_unconfirmed", "names"),
    *("topics", "talks", "failed", "returning"),
}
#: What coordinators follow, and administrators answer.
FOLLOWED = {"joining", "taking_over"}
REQUESTS = {*FOLLOWED, "erasure"}
MONEY = {"disputes", "review", "not_invoiced", "transfers"}
PAGES = {"seasons"}
SEEN_BY = {
    roles.MEMBER_ADMINISTRATORS: MEMBERS | PAGES | REQUESTS,
    roles.COORDINATORS: MEMBERS | PAGES | FOLLOWED,
    roles.FINANCE: MONEY,
    roles.EDITORS: PAGES,
    roles.PUBLISHERS: PAGES,
    roles.AUDITORS: set(),
    roles.HOSTS: set(),
}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def message(network, **facts):
    number = Message.objects.count()
    values = {
        "template": "activated",
        "to_email": f"til{number}@x.example",
        "subject": "S",
        **facts,
    }
    return Message.objects.create(key=f"m{number}", scope=scope_of(network), body="B", **values)


def trouble(times):
    """A network in which everything waits, each so many times; its next season is not there."""
    now, today = timezone.now(), timezone.localdate()
    from_now = meeting_at(now + timedelta(days=5))
    network = from_now.season.page
    network.seasons.update(ends_on=today + timedelta(days=20))
    for _turn in range(times):
        member = MembershipFactory(network=network)
        for status in (Status.PENDING_APPROVAL, Status.OFFERED):
            MembershipFactory(network=network, status=status)
        MembershipFactory(
            network=network, address_confirmed_at=None, first_season=None, organisation_name="X"
        )
        JoinRequestFactory(membership=member)
        HandoverFactory(membership=member, confirmed_at=now)
        HandoverFactory(membership=member)  # Waits for the colleague.
        ErasureRequestFactory(person=member.contact)
        TopicFactory(membership=member)
        OfferFactory(membership=member)
        for state in (MessageState.FAILED, MessageState.BOUNCED):
            message(network, state=state)
        charge = make_charge(member)
        make_payment(charge, state="needs_review")
        make_payment(charge, state="succeeded", paid_at=now, dispute_state="needs_response")
        Charge.objects.filter(pk=charge.pk).update(invoice_problem="Mangler EAN")
    return network


@pytest.fixture
def networks():
    """One's own with two of each, and another's with three."""
    own, other = trouble(2), trouble(3)
    for number in range(2):
        BankTransfer.objects.create(key=f"t{number}", received_on=timezone.localdate(), amount=100)
    return own, other


def desk(client):
    """Task → (number, address) as the page shows them."""
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    found = re.findall(
        r'data-task="(\w+)">\s*<a href="([^"]+)".*?desk-task__number">(\d+)<', page, re.DOTALL
    )
    return {key: (int(number), address.replace("&amp;", "&")) for key, address, number in found}


def rows_behind(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    if "page_obj" in response.context and response.context["page_obj"] is not None:
        return response.context["page_obj"].paginator.count
    return len(response.context["object_list"])


@pytest.mark.parametrize("role", roles.ROLES)
def test_each_number_is_that_of_the_list_behind_it(networks, role):
    own, _other = networks
    client = signed_in(make_user(role, networks=[own] if role == roles.COORDINATORS else []))
    shown = desk(client)
    assert set(shown) == SEEN_BY[role]
    for key, (number, address) in shown.items():
        assert rows_behind(client, address) == number, key


def test_another_networks_rows_never_count(networks):
    own, _other = networks
    shown = desk(signed_in(make_user(roles.COORDINATORS, networks=[own])))
    once = {"seasons": 1}
    # Nobody is named for the two members; the others have no season to be named for.
    assert {key: number for key, (number, _url) in shown.items()} == {
        key: once.get(key, 2) for key in MEMBERS | PAGES | FOLLOWED
    }


def test_coordinators_find_who_waits_and_the_answers_with_those_who_give_them(networks):
    own, other = networks
    client = signed_in(make_user(roles.COORDINATORS, networks=[own]))
    shown = desk(client)
    for key, admin, answers in (
        ("joining", join_requests, ("take_in", "turn_down")),
        ("taking_over", handovers, ("approve", "decline")),
    ):
        page = client.get(shown[key][1])
        rows = list(page.context["object_list"])
        assert {row.membership.network_id for row in rows} == {own.pk}
        text = (
            page.content.decode()
            + client.get(admin.row_url("inspect", rows[0].pk)).content.decode()
        )
        assert not [name for name in answers if admin.row_url(name, rows[0].pk) in text]
        foreign = admin.model.objects.filter(membership__network=other).first()
        assert client.get(admin.row_url("inspect", foreign.pk)).status_code == 404
        assert client.post(admin.row_url(answers[0], rows[0].pk)).status_code == 302
        rows[0].refresh_from_db()
        assert rows[0].state == RequestState.WAITING


def test_memberships_held_back_at_the_year_change_are_a_task():
    today = timezone.localdate()
    coming = season(
        name="Næste",
        starts_on=today + timedelta(days=10),
        ends_on=today + timedelta(days=300),
        prices_confirmed=False,
    )
    last = season(starts_on=today - timedelta(days=300), ends_on=today + timedelta(days=9))
    network = make_network(seasons=[last, coming])
    membership = MembershipFactory(network=network)
    for role in (roles.MEMBER_ADMINISTRATORS, roles.COORDINATORS):
        client = signed_in(make_user(role, networks=[network]))
        number, address = desk(client)["held"]
        assert number == rows_behind(client, address) == 1
        assert str(membership.pk) in client.get(address).content.decode()
    assert "held" not in desk(signed_in(make_user(roles.COORDINATORS, networks=[make_network()])))
    network.seasons.filter(name="Næste").update(prices_confirmed=True)
    assert "held" not in desk(client)


def test_whoever_sees_every_network_counts_them_all(networks):
    shown = desk(signed_in(make_user(roles.MEMBER_ADMINISTRATORS)))
    assert {shown[key][0] for key in MEMBERS | REQUESTS} == {5}
    money = desk(signed_in(make_user(roles.FINANCE)))
    assert {key: number for key, (number, _url) in money.items()} == {
        **dict.fromkeys(MONEY, 5),
        "transfers": 2,
    }


def test_what_is_done_leaves_the_desk(networks):
    own, _other = networks
    client = signed_in(make_user(roles.COORDINATORS, networks=[own]))
    Membership.objects.filter(network=own, status=Status.PENDING_APPROVAL).delete()
    for returned in Message.objects.filter(scope=scope_of(own), state=MessageState.BOUNCED):
        message(own, state=MessageState.SENT, to_email=returned.to_email)
    assert not {"approval", "returning"} & set(desk(client))


def test_seats_with_names_are_no_task():
    meeting = meeting_at(timezone.now() + timedelta(days=5))
    membership = MembershipFactory(network=meeting.season.page)
    client = signed_in(make_user(roles.COORDINATORS, networks=[membership.network]))
    assert desk(client)["names"][0] == 1
    for number in (1, 2):
        person = ParticipantFactory(membership=membership)
        membership.seats.create(participant=person, meeting=meeting, number=number)
    assert "names" not in desk(client)


def test_meetings_far_off_and_cancelled_ask_for_no_names():
    meeting = meeting_at(timezone.now() + timedelta(days=60))
    membership = MembershipFactory(network=meeting.season.page)
    client = signed_in(make_user(roles.COORDINATORS, networks=[membership.network]))
    assert "names" not in desk(client)


def test_an_empty_desk_says_so_kindly():
    make_network()
    for role in (roles.MEMBER_ADMINISTRATORS, roles.AUDITORS, roles.EDITORS):
        page = signed_in(make_user(role)).get(reverse("wagtailadmin_home")).content.decode()
        assert "Der venter ikke noget på dig" in page
        assert "data-task" not in page


def test_what_is_urgent_stands_first_and_says_so():
    network = make_network()
    member = MembershipFactory(network=network)
    JoinRequestFactory(membership=member)
    message(network, state=MessageState.FAILED)
    client = signed_in(make_user(roles.MEMBER_ADMINISTRATORS))
    assert list(desk(client)) == ["failed", "joining"]
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert page.count("desk-task__urgent") == 1


def test_a_task_becomes_urgent_with_time(rf):
    membership = MembershipFactory(status=Status.PENDING_APPROVAL)
    request = rf.get("/")
    request.user = make_user(roles.MEMBER_ADMINISTRATORS)
    now = timezone.now()
    for days, is_urgent in ((6, False), (8, True)):
        (found,) = waiting(tasks_of(request), now + timedelta(days=days))
        assert (found.task.key, found.is_urgent) == ("approval", is_urgent)
        assert found.moment == membership.signed_up_at


def test_the_host_finds_the_meeting_of_today():
    meeting, other = meeting_today(), meeting_today()
    user = make_user(roles.HOSTS)
    MeetingHost.objects.create(meeting=meeting, user=user)
    page = signed_in(user).get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("networks_meeting_modeladmin_attendance", args=[meeting.pk]) in page
    assert reverse("networks_meeting_modeladmin_badges", args=[meeting.pk]) in page
    assert reverse("networks_meeting_modeladmin_inspect", args=[other.pk]) not in page


def test_editors_find_their_own_drafts_and_what_is_scheduled():
    editor, other = make_user(roles.EDITORS), make_user(roles.EDITORS)
    network = make_network()
    network.introduction = "Ny tekst"
    network.save_revision(user=editor)
    timed = make_network()
    timed.go_live_at = timezone.now() + timedelta(days=2)
    timed.save_revision(user=other, approved_go_live_at=timed.go_live_at)
    shown = desk(signed_in(editor))
    assert {key: number for key, (number, _url) in shown.items()} == {"drafts": 1, "scheduled": 1}
    client = signed_in(editor)
    assert network.title in client.get(shown["drafts"][1]).content.decode()
    assert timed.title in client.get(shown["scheduled"][1]).content.decode()


def test_a_season_without_confirmed_prices_is_to_be_prepared():
    today = timezone.localdate()
    coming = season(
        name="Næste",
        starts_on=today + timedelta(days=301),
        ends_on=today + timedelta(days=600),
        prices_confirmed=False,
    )
    network = make_network(seasons=[season(), coming])
    client = signed_in(make_user(roles.EDITORS))
    number, address = desk(client)["seasons"]
    assert number == 1
    page = client.get(address).content.decode()
    assert network.title in page
    assert "Næste" in page
    network.seasons.filter(name="Næste").update(prices_confirmed=True)
    assert "seasons" not in desk(client)


@pytest.mark.parametrize("name", ["desk_drafts", "desk_scheduled", "desk_seasons"])
def test_the_lists_of_pages_are_for_those_who_edit_them(name):
    allowed = {roles.EDITORS, roles.PUBLISHERS}
    if name == "desk_seasons":
        allowed |= {roles.MEMBER_ADMINISTRATORS}
    for role in (roles.EDITORS, roles.PUBLISHERS, roles.MEMBER_ADMINISTRATORS, roles.FINANCE):
        expected = 200 if role in allowed else 302
        assert signed_in(make_user(role)).get(reverse(name)).status_code == expected, role


def test_the_desk_takes_few_queries_whatever_waits(networks, rf, django_assert_max_num_queries):
    own, _other = networks
    for role in (roles.MEMBER_ADMINISTRATORS, roles.COORDINATORS, roles.FINANCE):
        request = rf.get("/")
        request.user = make_user(role, networks=[own] if role == roles.COORDINATORS else [])
        with django_assert_max_num_queries(12):
            assert waiting(tasks_of(request), timezone.now())
    request.user = make_user(superuser=True)
    with django_assert_max_num_queries(12):
        assert len(waiting(tasks_of(request), timezone.now())) > 12
