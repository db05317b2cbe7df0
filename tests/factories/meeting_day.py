"""Meetings that are held today or were, with people who have seats, guests, and a host."""

from datetime import datetime, timedelta

import factory
from django.contrib.auth.models import User
from django.utils import timezone

from networks import roles
from networks.models import Guest, GuestState, Meeting, MeetingHost, NetworkPage, Seat
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    coming_meetings,
    make_network,
    make_user,
    season,
)


class SeatFactory(factory.django.DjangoModelFactory):
    """A seat of a participant on an active membership of the meeting's network."""

    class Meta:
        model = Seat

    meeting = factory.LazyFunction(lambda: meeting_today())
    membership = factory.LazyAttribute(
        lambda this: MembershipFactory(network=this.meeting.season.page)
    )
    participant = factory.LazyAttribute(lambda this: ParticipantFactory(membership=this.membership))


class GuestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Guest

    meeting = factory.LazyFunction(lambda: meeting_today())
    name = factory.Sequence(lambda number: f"Gæst {number}")
    email = factory.Sequence(lambda number: f"gaest{number}@firma.example")
    organisation = "Arkitekterne"
    purpose = "Holde oplæg"
    state = GuestState.ACCEPTED


def network_with(*starts: datetime) -> NetworkPage:
    """A network whose running season has a six-hour meeting at each of these moments."""
    meetings = [meeting for start in starts for meeting in coming_meetings(1, first=start)]
    today = timezone.localdate()
    return make_network(
        seasons=[
            season(
                meetings=meetings,
                starts_on=today - timedelta(days=400),
                ends_on=today + timedelta(days=300),
            )
        ]
    )


def meeting_at(start: datetime) -> Meeting:
    return network_with(start).seasons.get().meetings.get()


def meeting_today() -> Meeting:
    """One whose check-in is open now, and that ends today."""
    return meeting_at(timezone.now().replace(microsecond=0))


def host_of(meeting: Meeting) -> User:
    user = make_user(roles.HOSTS)
    MeetingHost.objects.create(meeting=meeting, user=user)
    return user
