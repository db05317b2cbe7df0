"""Telling those who come what a publication changed.

A publication only wakes ``tell_changes`` (Wagtail's signal is sent outside any transaction); what
follows is found by comparing the live meetings with what was last told (``MeetingRecord``). What
was found is noted in the transaction of the messages about it, so that a kill loses nothing,
publishing twice tells once, and what was put back meanwhile is told to nobody.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cms import audit, queue
from cms.audit import SYSTEM
from networks.models import Guest, Meeting, MeetingRecord, Membership, NetworkPage
from networks.rules.states import Status
from networks.services import calendar
from networks.services.calendar import Said
from networks.services.meeting_seats import lock_meetings
from networks.services.notices import meetings as notices
from networks.services.notices.change import Change
from networks.services.recipients import EXPECTED, Recipient, guests_of, recipients_of
from networks.services.seats import take_standing_of_network

TELL_CHANGES = queue.Job("networks.tell_changes")


def wake(network_id: int) -> None:
    """A version went live: have what follows looked for."""
    TELL_CHANGES.enqueue(key=f"tell-changes-{network_id}", network_id=network_id)


def networks_with_news() -> list[int]:
    """Keys of the live networks in which somebody comes and something is not told yet: a wake-up
    that was lost is caught up."""
    members = Membership.objects.filter(status=Status.ACTIVE).values("network_id")
    invited = Guest.objects.filter(state__in=EXPECTED).values("meeting__season__page_id")
    live = NetworkPage.objects.live()
    networks = live.filter(pk__in=members) | live.filter(pk__in=invited)
    meetings = Meeting.objects.filter(
        season__page__in=networks.values("pk"), record__cancelled_at__isnull=True
    ).select_related("season", "host", "record")
    return sorted(
        {
            meeting.season.page_id
            for meeting in meetings
            if calendar.told_of(meeting) != calendar.said_of(meeting)
        }
    )


def tell_changes(network_id: int) -> int:
    """Tell what the live version changed, and give standing participants their seats at new
    meetings, with the invitation; returns how many were told of a change.

    Done again it tells nothing. A page that is not live tells nothing: its rows may be a draft's.
    """
    if not NetworkPage.objects.live().filter(pk=network_id).exists():
        return 0
    told = _tell(network_id)
    take_standing_of_network(network_id)
    return told


@transaction.atomic
def _tell(network_id: int) -> int:
    keys = Meeting.objects.filter(season__page_id=network_id).values_list("pk", flat=True)
    meetings = lock_meetings(keys)
    members = Membership.objects.filter(network_id=network_id, status=Status.ACTIVE)
    if not (members.exists() or guests_of(meetings)):
        # Nobody was told of anything: the editor may still drop meetings as they like.
        return 0
    calendar.note_told(meetings)
    changes = [change for meeting in meetings if (change := _change_of(meeting))]
    now = timezone.now()
    for change in changes:
        _note(change)
    return _send([change for change in changes if _is_news(change, now)], network_id, now)


def _change_of(meeting: Meeting) -> Change | None:
    """What a locked meeting says otherwise than was told; None for one that is cancelled."""
    meeting.record = MeetingRecord.objects.select_for_update().get(meeting=meeting)
    told = calendar.told_of(meeting)
    now = calendar.said_of(meeting)
    if meeting.is_cancelled or told is None or told == now:
        return None
    return Change(meeting, told, now)


def _note(change: Change) -> None:
    """From here on it counts as told: the row and the messages are written in one."""
    record = change.meeting.record
    record.sequence = calendar.sequence_of(change.meeting)
    fields = calendar.told_fields(change.now)
    for name, value in fields.items():
        setattr(record, name, value)
    record.save(update_fields=["sequence", *fields])
    audit.record(
        actor=SYSTEM,
        action="meeting.changed",
        subject=change.meeting,
        fields=[
            name
            for name in Said.__dataclass_fields__
            if getattr(change.before, name) != getattr(change.now, name)
        ],
    )


def _is_news(change: Change, now: datetime) -> bool:
    """Not for a meeting that was over and still is: the page is put right, nobody goes again."""
    ends = [said.ends_at for said in (change.before, change.now)]
    return any(end is None or end > now for end in ends)


def _send(changes: Sequence[Change], network_id: int, at: datetime) -> int:
    """One mail to each, whatever the number of changes; returns how many."""
    if not changes:
        return 0
    meetings = [change.meeting for change in changes]
    by_meeting = recipients_of(network_id, meetings)
    own: dict[str, list[Change]] = defaultdict(list)
    known: dict[str, Recipient] = {}
    for change in changes:
        for recipient in by_meeting[change.meeting.pk]:
            own[recipient.address].append(change)
            known.setdefault(recipient.address, recipient)
    for address, recipient in known.items():
        notices.changed(recipient, own[address], at)
    guests = guests_of(meetings)
    for guest in guests:
        change = next(row for row in changes if row.meeting.pk == guest.meeting_id)
        notices.guest_changed(guest, change, at)
    return len(known) + len(guests)
