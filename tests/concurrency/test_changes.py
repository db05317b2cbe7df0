"""Publishing, telling and cancelling at once: nobody waits for ever, each is told once."""

from datetime import timedelta
from typing import Any

import pytest

from cms import audit
from cms.messages.models import Message
from networks.models import Meeting, MeetingRecord, NetworkPage
from networks.services import calendar, changes, meetings
from networks.services.errors import NotPossible
from tests.factories.meeting_day import SeatFactory
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    coming_meetings,
    make_network,
    season,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def network() -> NetworkPage:
    """Six meetings, and two who come to the first."""
    network = make_network(
        seasons=[season(meetings=coming_meetings(6), ladder=dict.fromkeys(range(1, 7), 1000))]
    )
    network.save_revision().publish()
    for _turn in range(2):
        membership = MembershipFactory(network=network)
        SeatFactory(
            meeting=first(network),
            membership=membership,
            participant=ParticipantFactory(membership=membership, standing=False),
        )
    changes.tell_changes(network.pk)
    return network


def first(network: NetworkPage) -> Meeting:
    return Meeting.objects.filter(season__page=network).order_by("pk").first()


def move_all(network: NetworkPage, days: int) -> None:
    """A version that moves every meeting, written in the opposite order of their keys."""
    page = NetworkPage.objects.get(pk=network.pk).get_latest_revision().as_object()
    own = page.seasons.all()[0]
    rows = sorted(own.meetings.all(), key=lambda row: -row.pk)
    for place, row in enumerate(rows):
        row.sort_order = place
        row.starts_at += timedelta(days=days)
        row.ends_at += timedelta(days=days)
    page.save_revision().publish()


def no_surprises(results: list[Any]) -> None:
    surprises = [
        row for row in results if isinstance(row, Exception) and not isinstance(row, NotPossible)
    ]
    assert surprises == []


def told_of(meeting: Meeting) -> list[str]:
    """The addresses of those who come that were written to, in order."""
    own = set(meeting.seats.values_list("participant__email", flat=True))
    return sorted(row for row in Message.objects.values_list("to_email", flat=True) if row in own)


def test_several_workers_tell_a_change_once(network, at_once):
    move_all(network, 7)
    no_surprises(at_once(*[lambda: changes.tell_changes(network.pk)] * 4))
    assert len(told_of(first(network))) == 2
    assert MeetingRecord.objects.get(meeting=first(network)).sequence == 1


@pytest.mark.parametrize("turn", range(4))
def test_published_while_it_is_told_the_last_version_is_what_everybody_knows(
    network, at_once, turn
):
    results = at_once(
        lambda: move_all(network, 7),
        lambda: changes.tell_changes(network.pk),
        lambda: changes.tell_changes(network.pk),
    )
    no_surprises(results)
    changes.tell_changes(network.pk)
    for meeting in Meeting.objects.select_related("record", "host"):
        assert calendar.told_of(meeting) == calendar.said_of(meeting)
        assert meeting.record.sequence == 1
    assert len(told_of(first(network))) == 2


@pytest.mark.parametrize("turn", range(3))
def test_cancelled_while_its_move_is_published_and_told_it_is_cancelled_once(
    network, at_once, turn
):
    key = first(network).pk
    cancel = lambda: meetings.cancel_meeting(key, actor=audit.SYSTEM, reason="Sygdom")  # noqa: E731
    results = at_once(
        lambda: move_all(network, 7),
        lambda: changes.tell_changes(network.pk),
        cancel,
        cancel,
    )
    no_surprises(results)
    changes.tell_changes(network.pk)
    assert Message.objects.filter(template="meeting_cancelled").count() >= 2
    addresses = Message.objects.filter(template="meeting_cancelled").values_list(
        "to_email", flat=True
    )
    assert len(set(addresses)) == len(addresses)
    record = MeetingRecord.objects.get(meeting_id=key)
    assert record.cancelled_at is not None
    assert record.sequence in (1, 2)
