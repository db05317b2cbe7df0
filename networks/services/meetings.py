"""What happens to a meeting outside the editor's form: cancelling it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Meeting, MeetingRecord, Seat
from networks.services import calendar, compensation
from networks.services.compensation import NONE, Compensation
from networks.services.errors import NotPossible
from networks.services.meeting_seats import lock_meetings, who_comes
from networks.services.notices import meetings as notices
from networks.services.recipients import guests_of, recipients_of


@transaction.atomic
def cancel_meeting(
    meeting_id: int, *, actor: Actor, reason: str, compensate: Compensation = NONE
) -> MeetingRecord:
    """Cancel a meeting that has not started. Whoever was to come is told, once, and calendars take
    it out; the seats are given back, and it no longer counts for the price of those who join
    later. ``compensate``: what members get back, by a job for each membership.

    Raises NotPossible.
    """
    (meeting,) = lock_meetings([meeting_id])
    if meeting.starts_at and meeting.starts_at <= timezone.now():
        raise NotPossible(_("The meeting has started already."))
    MeetingRecord.objects.get_or_create(meeting=meeting)
    record = MeetingRecord.objects.select_for_update().get(meeting=meeting)
    meeting.record = record
    if record.cancelled_at:
        raise NotPossible(_("The meeting is cancelled already."))
    # Whom it concerned, and what they are owed, while the seats still say so.
    recipients = recipients_of(meeting.season.page_id, [meeting])[meeting.pk]
    compensation.owe(meeting, compensate, actor=actor, reason=reason)
    record.sequence = calendar.sequence_of(meeting) + 1
    record.cancelled_at = timezone.now()
    record.save(update_fields=["cancelled_at", "sequence"])
    seats = Seat.objects.current().filter(meeting=meeting).update(released_at=timezone.now())
    audit.record(
        actor=actor,
        action="meeting.cancelled",
        subject=meeting,
        reason=reason,
        seats=seats,
        credited_net=compensate.net,
        seats_credited=compensate.seats,
    )
    for recipient in recipients:
        notices.cancelled(recipient, meeting)
    for guest in guests_of([meeting]):
        notices.guest_cancelled(guest, meeting)
    return record


@dataclass(frozen=True)
class Outlook:
    """What follows from cancelling a meeting now. Prices are whole øre excl. VAT; None: none."""

    participants: int
    notices: int
    fee_before: int | None
    fee_after: int | None
    reminder_on: date | None
    offer: "compensation.Offer"

    @property
    def fee_changes(self) -> bool:
        return self.fee_before != self.fee_after


def outlook(meeting: Meeting) -> Outlook:
    """What is shown before somebody cancels the meeting; its season and page are loaded."""
    season, now = meeting.season, timezone.now()
    cancelled = {row.pk for row in season.meetings.select_related("record") if row.is_cancelled}
    page = season.page
    participants = who_comes(meeting).count()
    recipients = recipients_of(page.pk, [meeting])[meeting.pk]
    return Outlook(
        participants=participants,
        notices=len(recipients) + len(guests_of([meeting])),
        fee_before=season.terms(cancelled).fee(now),
        fee_after=season.terms(cancelled | {meeting.pk}).fee(now),
        reminder_on=reminder_day(meeting, page.reminder_days) if participants else None,
        offer=compensation.offer_of(meeting),
    )


def reminder_day(meeting: Meeting, days: int) -> date | None:
    """The local date on which those who come will be reminded; None: not at all, or it is over."""
    if not days or meeting.starts_at is None:
        return None
    day = timezone.localdate(meeting.starts_at) - timedelta(days=days)
    return day if day > timezone.localdate() else None
