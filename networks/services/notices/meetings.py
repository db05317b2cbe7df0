"""What those who come are told when a meeting changes or is cancelled, each in one mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cms.audit import reference
from cms.messages.outbox import Attachment, put
from networks.models import Guest, GuestState, Meeting, Person
from networks.services import calendar
from networks.services.calendar import Attendee
from networks.services.notices.change import Change
from networks.services.notices.guests import guest_link
from networks.services.notices.letters import moment_key, notify
from networks.services.recipients import Recipient
from networks.services.scopes import scope_of


def changed(recipient: Recipient, changes: Sequence[Change], at: datetime) -> None:
    """One mail about all that changed in one publication, with a file for each meeting.

    ``at``: the moment at which the changes were noted; with the address it is the key.
    """
    ends = [change.ends_at for change in changes]
    notify(
        recipient.membership,
        "meetings_changed",
        *_personal_page(recipient),
        key=f"{_who(recipient)}:{moment_key(at)}",
        to=(recipient.person.name, recipient.person.email),
        context={
            "changes": list(changes),
            "recipient": recipient,
            "name": recipient.person.name,
            "is_participant": recipient.is_participant,
        },
        attachments=_files(changes, recipient.person),
        useful_until=None if None in ends else max(end for end in ends if end),
    )


def _files(changes: Sequence[Change], person: Attendee) -> tuple[Attachment, ...]:
    return tuple(file for change in changes for file in change.file_for(person))


def _personal_page(recipient: Recipient) -> tuple[str, ...]:
    """The link to it; not before the membership's address is proved."""
    return ("membership",) if recipient.membership.address_confirmed_at else ()


def _who(recipient: Recipient) -> str:
    """A part of the key: a participant and a contact may have the same number."""
    kind = "contact" if isinstance(recipient.person, Person) else "participant"
    return f"{kind}:{recipient.person.pk}"


def cancelled(recipient: Recipient, meeting: Meeting) -> None:
    """The meeting is cancelled: the file takes it out of the calendar."""
    files = _cancellation(meeting, recipient.person)
    notify(
        recipient.membership,
        "meeting_cancelled",
        key=f"{meeting.pk}:{_who(recipient)}",
        to=(recipient.person.name, recipient.person.email),
        context={
            "meeting": meeting,
            "name": recipient.person.name,
            "has_file": bool(files),
        },
        attachments=files,
    )


def _cancellation(meeting: Meeting, person: Attendee) -> tuple[Attachment, ...]:
    """Also of one that has no date any more though calendars still show it."""
    told = calendar.told_of(meeting)
    if meeting.starts_at:
        return (calendar.withdrawal(meeting, person),)
    if told and told.starts_at and told.ends_at:
        return (calendar.withdrawal(meeting, person, (told.starts_at, told.ends_at)),)
    return ()


# To guests --------------------------------------------------------------------------------------


def guest_changed(guest: Guest, change: Change, at: datetime) -> None:
    """The meeting that a guest is invited to has changed; who accepted has it in the calendar."""
    _tell_guest(
        guest,
        "guest_meeting_changed",
        key=moment_key(at),
        context={"meeting": change.meeting, "changes": [change]},
        link_requests=(guest_link(guest),),
        attachments=change.file_for(guest) if guest.state == GuestState.ACCEPTED else (),
        useful_until=change.ends_at,
    )


def guest_cancelled(guest: Guest, meeting: Meeting) -> None:
    _tell_guest(
        guest,
        "guest_meeting_cancelled",
        key=str(meeting.pk),
        context={"meeting": meeting},
        attachments=_cancellation(meeting, guest) if guest.state == GuestState.ACCEPTED else (),
    )


def _tell_guest(
    guest: Guest, template: str, *, key: str, context: dict[str, Any], **options: Any
) -> None:
    network = guest.meeting.season.page
    put(
        key=f"{template}:{guest.pk}:{key}",
        template=template,
        to=(guest.name, guest.email),
        about=reference(guest),
        scope=scope_of(network),
        context={"guest": guest, "network": network, **context},
        **options,
    )
