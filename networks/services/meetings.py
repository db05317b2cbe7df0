"""What happens to a meeting outside the editor's form: cancelling it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Meeting, MeetingRecord, Membership
from networks.rules.states import Status
from networks.services.errors import NotPossible
from networks.services.notices import membership as notices


@transaction.atomic
def cancel_meeting(meeting_id: int, *, actor: Actor, reason: str) -> MeetingRecord:
    """Cancel a meeting that has not started: members are told, calendars take it out, and it no
    longer counts for the price of those who join later."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
    if meeting.starts_at and meeting.starts_at <= timezone.now():
        raise NotPossible(_("The meeting has started already."))
    record, _created = MeetingRecord.objects.get_or_create(meeting=meeting)
    if record.cancelled_at:
        raise NotPossible(_("The meeting is cancelled already."))
    record.cancelled_at = timezone.now()
    record.sequence += 1
    record.save(update_fields=["cancelled_at", "sequence"])
    audit.record(actor=actor, action="meeting.cancelled", subject=meeting, reason=reason)
    meeting = Meeting.objects.select_related("record", "host", "season__page").get(pk=meeting_id)
    members = Membership.objects.filter(network=meeting.season.page, status=Status.ACTIVE)
    for membership in members.select_related("contact", "network"):
        notices.meeting_cancelled(membership, meeting)
    return record
