"""The same seat, given back and taken again, may be paid for by another charge: what is taken off
is taken off that one, once."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cms.audit import SYSTEM, VISITOR, Actor
from networks.models import Meeting, Membership, Participant, Seat
from networks.services import lifecycle, meetings
from networks.services.compensation import Compensation
from payments.models import ChargeState
from payments.services import ledger
from tests.factories.networks import make_user
from tests.networks.services.test_extras import (
    EXTRA,
    TestPerPersonPerMeeting,
    charges,
    give_back,
    meeting,
    name,
)

pytestmark = pytest.mark.django_db
three_people_at_two_meetings = TestPerPersonPerMeeting().signed_up
del TestPerPersonPerMeeting


@pytest.fixture
def administrator() -> Actor:
    return Actor.by(make_user(superuser=True))


@pytest.fixture
def membership() -> Membership:
    return three_people_at_two_meetings()


@pytest.fixture
def bo(membership: Membership) -> Participant:
    """Taken off the first charge at the second meeting, and paid for there by one of his own."""
    bo = membership.participants.get(name="Bo")
    give_back(membership, bo, 2)
    name(membership, "Bo", 2, accepted_net=EXTRA)
    return bo


def owed(membership: Membership) -> int:
    """øre excl. VAT."""
    rows = charges(membership)
    return sum(row.net for row in rows) - sum(
        credit.net for row in rows for credit in row.credits.all()
    )


def seats_of(membership: Membership) -> int:
    return Seat.objects.current().filter(membership=membership).count()


def test_a_cancelled_meeting_is_compensated_on_the_charge_that_pays_now(membership, bo, run_jobs):
    meetings.cancel_meeting(
        meeting(2).pk, compensate=Compensation(seats=True), actor=SYSTEM, reason="Sygdom"
    )
    run_jobs("networks.compensate")
    assert charges(membership)[1].state == ChargeState.CREDITED
    assert owed(membership) == EXTRA * seats_of(membership)


def test_given_back_too_late_and_named_again_nothing_is_charged(membership, bo, administrator):
    soon = timezone.now() + timedelta(hours=1)
    Meeting.objects.filter(pk=meeting(2).pk).update(starts_at=soon, ends_at=soon)
    give_back(membership, bo, 2, actor=administrator, reason="Syg")
    assert charges(membership)[1].state == ChargeState.OPEN
    name(membership, "Bo", 2, actor=administrator, reason="Rask igen")
    assert len(charges(membership)) == 2


class TestACreditedCancellationThatIsUndone:
    def cancel_and_undo(self, membership: Membership, administrator: Actor, last_day: date) -> None:
        lifecycle.cancel(
            membership.pk, actor=administrator, reason="Fejl", ends_on=last_day, credit=True
        )
        lifecycle.undo_cancellation(membership.pk, actor=VISITOR)

    def first_meeting(self) -> date:
        return timezone.localtime(meeting(1).starts_at).date()

    def test_charges_nothing_for_seats_that_were_given_back(self, membership, administrator):
        self.cancel_and_undo(membership, administrator, timezone.localdate())
        (charge,) = charges(membership)
        assert (charge.state, seats_of(membership)) == (ChargeState.CREDITED, 0)

    def test_charges_those_that_were_kept(self, membership, administrator):
        self.cancel_and_undo(membership, administrator, self.first_meeting())
        first, second = charges(membership)
        assert (first.state, second.state) == (ChargeState.CREDITED, ChargeState.OPEN)
        assert owed(membership) == EXTRA * seats_of(membership) == 3 * EXTRA
        assert list(second.lines.values_list("quantity", "unit_price")) == [(3, EXTRA)]

    def test_goes_on_as_before(self, membership, administrator):
        self.cancel_and_undo(membership, administrator, self.first_meeting())
        give_back(membership, membership.participants.get(name="Bo"), 1)
        name(membership, "Bo", 2, accepted_net=EXTRA)
        assert owed(membership) == EXTRA * seats_of(membership) == 3 * EXTRA
        assert list(ledger.differences()) == []
