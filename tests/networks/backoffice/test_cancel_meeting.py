"""Cancelling a meeting: what follows is shown first, by whom it may be decided, what is given."""

import pytest
from django.test import Client
from django.urls import reverse

from cms.messages.models import Message
from networks import roles
from networks.models import Meeting, NetworkPage
from networks.wagtail_hooks import meetings
from payments.models import Charge
from tests.factories.meeting_day import SeatFactory
from tests.factories.networks import LADDER, make_network, make_user
from tests.factories.signups import confirmed

pytestmark = pytest.mark.django_db
STEP = LADDER[3] - LADDER[2]


@pytest.fixture
def network() -> NetworkPage:
    return make_network()


@pytest.fixture
def meeting(network: NetworkPage) -> Meeting:
    return network.seasons.get().meetings.order_by("pk").first()


def signed_in(role: str, network: NetworkPage) -> Client:
    client = Client()
    client.force_login(make_user(role, networks=[network]))
    return client


@pytest.fixture
def administrator(network: NetworkPage) -> Client:
    return signed_in(roles.MEMBER_ADMINISTRATORS, network)


def address(meeting: Meeting) -> str:
    return meetings.row_url("cancel", meeting.pk)


def test_what_follows_is_shown_with_the_step_of_the_ladder_proposed(
    administrator, network, meeting, django_assert_max_num_queries
):
    confirmed(network)
    seat = SeatFactory(meeting=meeting)
    administrator.get(address(meeting))
    with django_assert_max_num_queries(45):
        page = administrator.get(address(meeting))
    text = page.content.decode()
    assert seat.participant.name in text
    assert "5.200 kr." in text
    assert page.context["form"].fields["net"].initial == STEP
    assert 'value="1.800"' in text
    assert "seats" not in page.context["form"].fields


def test_cancelled_without_anything_back(administrator, network, meeting, run_jobs):
    confirmed(network)
    data = {"reason": "Sygdom", "compensation": "nothing", "net": "1.800"}
    assert administrator.post(address(meeting), data).status_code == 302
    run_jobs("networks.compensate")
    assert Charge.objects.get().credited == 0
    assert Message.objects.filter(template="meeting_cancelled").count() == 1


def test_cancelled_with_an_amount_for_each_member(administrator, network, meeting, run_jobs):
    confirmed(network)
    data = {"reason": "Sygdom", "compensation": "amount", "net": "1.000,50"}
    assert administrator.post(address(meeting), data).status_code == 302
    run_jobs("networks.compensate")
    assert Charge.objects.get().credited == 100_050 + 25_013


@pytest.mark.parametrize("net", ["", "0", "x"])
def test_an_amount_is_asked_for(administrator, network, meeting, net):
    confirmed(network)
    data = {"reason": "Sygdom", "compensation": "amount", "net": net}
    page = administrator.post(address(meeting), data)
    assert page.status_code == 200
    assert "net" in page.context["form"].errors
    assert not meeting.__class__.objects.get(pk=meeting.pk).is_cancelled


def test_who_may_not_see_charges_decides_nothing_about_money(network, meeting, run_jobs):
    confirmed(network)
    user = make_user(roles.MEMBER_ADMINISTRATORS)
    group = user.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="view_charge"))
    client = Client()
    client.force_login(user)
    page = client.get(address(meeting))
    assert set(page.context["form"].fields) == {"reason"}
    client.post(address(meeting), {"reason": "x", "compensation": "amount", "net": "1.800"})
    run_jobs("networks.compensate")
    assert Meeting.objects.get(pk=meeting.pk).is_cancelled
    assert Charge.objects.get().credited == 0


def test_only_those_who_may_change_meetings_cancel_one(network, meeting):
    for role in roles.ROLES:
        client = signed_in(role, network)
        expected = 200 if role == roles.MEMBER_ADMINISTRATORS else 302
        status = client.get(address(meeting)).status_code
        assert status == expected or (role == roles.HOSTS and status == 404), role


def test_the_editor_leads_to_it_whoever_may_and_tells_the_others_whom_to_ask(network, meeting):
    form = reverse("wagtailadmin_pages:edit", args=[network.pk])
    client = Client()
    client.force_login(make_user(superuser=True))
    assert address(meeting) in client.get(form).content.decode()
    editor = signed_in(roles.EDITORS, network)
    text = editor.get(form).content.decode()
    assert address(meeting) not in text
    client.post(address(meeting), {"reason": "Sygdom"})
    assert address(meeting) not in client.get(form).content.decode()
