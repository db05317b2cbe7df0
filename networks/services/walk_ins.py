"""People who come to a meeting without having been named: written down at the door."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Membership, Seat
from networks.rules import seats as rules
from networks.services import attendance, seats
from networks.services.application import ParticipantEntry
from networks.services.errors import NotPossible
from networks.services.meeting_seats import included_numbers, lock_meetings, seat_terms
from networks.services.participant_rights import active
from networks.services.participants import participant_on


@transaction.atomic
def write_down(
    membership_id: UUID | str, meeting_id: int, entry: ParticipantEntry, *, actor: Actor
) -> Seat:
    """Somebody is here on a membership: takes one of its free seats, and has come.

    On the days on which attendance is noted, whatever the deadline was. Whoever is named already
    is known by the address. Nobody is charged at the door: without a free seat that costs nothing
    it raises NotPossible, and an extra participant is named on the membership instead.
    """
    membership = active(membership_id)
    meetings = lock_meetings([meeting_id])
    if not meetings or meetings[0].season.page_id != membership.network_id:
        raise NotPossible(_("That meeting is no part of the membership."))
    (meeting,) = meetings
    if not attendance.may_note(meeting):
        raise NotPossible(
            _("Attendance can be noted from the day before the meeting until 30 days after it.")
        )
    participant = participant_on(membership, entry, actor)
    seat = Seat.objects.current().filter(participant=participant, meeting=meeting).first()
    if seat is None:
        terms = seat_terms(meeting.season)
        offer = rules.usual_seat(terms, included_numbers(membership, meeting))
        if offer is None or offer.price:
            raise NotPossible(_no_seat(membership))
        seat = seats.take(participant, meeting, offer)
    seat.came, seat.came_noted_at = True, timezone.now()
    seat.save(update_fields=["came", "came_noted_at"])
    audit.record(
        actor=actor,
        action="attendance.walked_in",
        subject=membership,
        participant=participant.pk,
        meetings=[meeting.pk],
    )
    return seat


def _no_seat(membership: Membership) -> str:
    return _(
        "%(member)s has no free seat at this meeting. Take out who did not come, or agree on an "
        "extra participant with the contact."
    ) % {"member": membership.party_name}
