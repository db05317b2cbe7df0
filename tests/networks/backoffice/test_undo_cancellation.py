"""Undoing a cancellation in the administration."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cms import audit
from networks import roles
from networks.models import Meeting, Membership
from networks.wagtail_hooks import memberships
from tests.factories.networks import MembershipFactory, ParticipantFactory, make_user

pytestmark = pytest.mark.django_db


def signed_in(role: str, **options: object) -> Client:
    client = Client()
    client.force_login(make_user(role, **options))
    return client


def address(membership: Membership) -> str:
    return memberships.row_url("undo_cancellation", membership.pk)


def page(membership: Membership) -> str:
    return memberships.row_url("inspect", membership.pk)


def test_offered_until_the_last_day_is_over():
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    today = timezone.localdate()
    for ends_on, offered in ((None, False), (today, True), (today - timedelta(days=1), False)):
        membership = MembershipFactory(
            cancelled_at=timezone.now() if ends_on else None, ends_on=ends_on
        )
        assert (address(membership) in client.get(page(membership)).text) is offered


def test_the_membership_goes_on_and_the_history_says_who_and_why():
    membership = MembershipFactory(leaving=True, leaving_reason="Nye opgaver")
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    assert "Nye opgaver" in client.get(page(membership)).text
    assert client.get(address(membership)).status_code == 200
    assert client.post(address(membership), {"reason": "Fortrudt"}).status_code == 302
    membership.refresh_from_db()
    assert (membership.cancelled_at, membership.ends_on) == (None, None)
    entry = audit.history(membership).get(action="membership.cancellation_undone")
    assert entry.reason == "Fortrudt"
    assert "Udmeldelse fortrudt" in client.get(page(membership)).text


@pytest.mark.parametrize("role", [roles.AUDITORS, roles.COORDINATORS])
def test_not_by_who_may_only_look(role):
    membership = MembershipFactory(leaving=True)
    client = signed_in(role, networks=[membership.network])
    assert address(membership) not in client.get(page(membership)).text
    assert client.post(address(membership)).status_code == 302
    membership.refresh_from_db()
    assert membership.cancelled_at is not None


def test_which_seats_come_back_and_which_not_is_said_before_and_after():
    membership = MembershipFactory(leaving=True)
    narrow, wide = Meeting.objects.order_by("starts_at")[:2]
    Meeting.objects.filter(pk=narrow.pk).update(capacity=0)
    participant = ParticipantFactory(membership=membership, standing=False, name="Bo Berg")
    for meeting in (narrow, wide):
        participant.seats.create(
            membership=membership,
            meeting=meeting,
            released_at=timezone.now(),
            by_cancellation=True,
        )
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    before = client.get(address(membership)).text
    assert "1 plads kommer igen." in before
    assert f"Bo Berg, {narrow.label}: der er ikke plads til flere" in before
    assert f"Bo Berg, {wide.label}:" not in before
    after = client.post(address(membership), {"reason": ""}, follow=True).text
    assert f"Bo Berg, {narrow.label}: der er ikke plads til flere" in after
    assert list(participant.seats.current().values_list("meeting", flat=True)) == [wide.pk]
