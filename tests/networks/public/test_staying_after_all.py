"""Undoing a cancellation by personal link: what comes back, and what can't, is said."""

import pytest
from django.test import Client
from django.utils import timezone

from networks.models import Meeting, Membership
from tests.factories.networks import MembershipFactory, ParticipantFactory
from tests.networks.public.visits import page_of

pytestmark = pytest.mark.django_db


def leaving(*, capacity: int | None) -> Membership:
    """Cancelled, and with that a seat was lost at a meeting that holds so many."""
    membership = MembershipFactory(leaving=True)
    meeting = Meeting.objects.order_by("starts_at").first()
    Meeting.objects.filter(pk=meeting.pk).update(capacity=capacity)
    ParticipantFactory(membership=membership, standing=False, name="Bo Berg").seats.create(
        membership=membership, meeting=meeting, released_at=timezone.now(), by_cancellation=True
    )
    return membership


@pytest.mark.parametrize("name", ["membership", "membership_cancel"])
def test_a_seat_that_cannot_come_back_is_said_before(client: Client, name: str):
    shown = client.get(page_of(leaving(capacity=0), name)).text
    assert "Bo Berg, " in shown
    assert "der er ikke plads til flere i lokalet." in shown


def test_and_after(client: Client):
    membership = leaving(capacity=0)
    answer = client.post(page_of(membership, "membership_undo"))
    assert answer.status_code == 200
    assert "der er ikke plads til flere i lokalet." in answer.text
    membership.refresh_from_db()
    assert membership.cancelled_at is None


def test_where_all_come_back_nothing_needs_to_be_said(client: Client):
    membership = leaving(capacity=None)
    assert "Disse pladser" not in client.get(page_of(membership)).text
    answer = client.post(page_of(membership, "membership_undo"))
    assert answer.status_code == 302
    assert membership.seats.current().count() == 1
