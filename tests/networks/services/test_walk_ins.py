"""Who came without having been named."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.audit import Actor
from networks import roles
from networks.models import Participant, Seat
from networks.services import walk_ins
from networks.services.application import ParticipantEntry
from networks.services.errors import NotPossible
from networks.wagtail_hooks import meetings as admin
from payments.models import Charge
from tests.factories.meeting_day import SeatFactory, host_of, meeting_at, meeting_today
from tests.factories.networks import MembershipFactory, ParticipantFactory, make_user

pytestmark = pytest.mark.django_db
SOMEBODY = ParticipantEntry("Uanmeldt", "uanmeldt@andetsteds.example")


def staff() -> Actor:
    return Actor.by(make_user(roles.MEMBER_ADMINISTRATORS))


def test_takes_a_free_seat_and_has_come_after_the_deadline():
    meeting = meeting_today()
    membership = MembershipFactory(network=meeting.season.page)
    seat = walk_ins.write_down(membership.pk, meeting.pk, SOMEBODY, actor=staff())
    assert (seat.number, seat.came, seat.is_extra) == (1, True, False)
    assert not seat.participant.standing


def test_who_is_named_already_is_known_by_the_address():
    seat = SeatFactory()
    entry = ParticipantEntry("Andet navn", seat.participant.email.upper())
    again = walk_ins.write_down(seat.membership_id, seat.meeting_id, entry, actor=staff())
    assert again.pk == seat.pk
    assert Participant.objects.count() == 1


def test_a_third_finds_no_free_seat_and_nobody_is_charged():
    meeting = meeting_today()
    membership = MembershipFactory(network=meeting.season.page)
    for number in (1, 2):
        person = ParticipantFactory(membership=membership)
        SeatFactory(meeting=meeting, membership=membership, participant=person, number=number)
    with pytest.raises(NotPossible):
        walk_ins.write_down(membership.pk, meeting.pk, SOMEBODY, actor=staff())
    assert Seat.objects.count() == 2
    assert not Charge.objects.exists()


def test_not_on_another_day_nor_on_another_networks_membership():
    later = meeting_at(timezone.now() + timedelta(days=9))
    membership = MembershipFactory(network=later.season.page)
    with pytest.raises(NotPossible):
        walk_ins.write_down(membership.pk, later.pk, SOMEBODY, actor=staff())
    with pytest.raises(NotPossible):
        walk_ins.write_down(membership.pk, meeting_today().pk, SOMEBODY, actor=staff())


def test_the_page_is_for_those_who_look_after_the_network(client):
    meeting = meeting_today()
    membership = MembershipFactory(network=meeting.season.page)
    foreign = MembershipFactory()
    address = admin.row_url("walk-in", meeting.pk)
    data = {"membership": membership.pk, "name": "Uanmeldt", "email": "u@x.example"}
    for user, expected in (
        (host_of(meeting), 302),
        (make_user(roles.AUDITORS), 302),
        (make_user(roles.COORDINATORS, networks=[foreign.network]), 404),
    ):
        client.force_login(user)
        assert client.get(address).status_code == expected
        assert client.post(address, data).status_code == expected
    assert not Seat.objects.exists()
    client.force_login(make_user(roles.COORDINATORS, networks=[meeting.season.page]))
    assert client.post(address, {**data, "membership": foreign.pk}).status_code == 200
    assert client.post(address, data).status_code == 302
    assert Seat.objects.get().came
    assert "Uanmeldt" in client.get(admin.row_url("attendance", meeting.pk)).content.decode()
