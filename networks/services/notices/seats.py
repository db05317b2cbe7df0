"""What those who come to meetings are told: named, invited, and taken off again."""

import hashlib
from collections.abc import Sequence

from cms.messages.models import Message
from networks.models import Membership, Participant, Seat
from networks.services import calendar
from networks.services.check_in import check_in_link_of
from networks.services.notices.letters import notify


def named(participant: Participant, seats: Sequence[Seat]) -> None:
    """A colleague was named: by whom, for what, and which rights that gives; once. Invitations to
    the dated meetings go with it."""
    _tell("participant_named", participant, seats, key=str(participant.pk))


def invited(participant: Participant, seats: Sequence[Seat]) -> None:
    """One mail about all the seats of one act; who has not been told yet that they were named is
    told that first. The contact named themselves."""
    membership = participant.membership
    is_contact = participant.email == membership.contact.email
    if not is_contact and not _was_named(participant):
        named(participant, seats)
    elif seats:
        _tell("seats_given", participant, seats, key=_occasion(seats))


def uninvited(membership: Membership, participant: Participant, seats: Sequence[Seat]) -> None:
    """The seats are given back: each of the meetings is taken out of the calendar. Whoever was
    never told of them is not told now. A cancelled meeting says so itself."""
    held = [seat for seat in seats if not seat.meeting.is_cancelled]
    if not held or not (participant.email == membership.contact.email or _was_named(participant)):
        return
    notify(
        membership,
        "seats_given_back",
        key=_occasion(held),
        to=(participant.name, participant.email),
        context={"participant": participant, "meetings": [seat.meeting for seat in held]},
        attachments=tuple(
            calendar.withdrawal(seat.meeting, participant)
            for seat in held
            if seat.meeting.starts_at
        ),
    )


def _tell(template: str, participant: Participant, seats: Sequence[Seat], *, key: str) -> None:
    dated = [seat.meeting for seat in seats if seat.meeting.starts_at]
    calendar.note_told(dated)
    notify(
        participant.membership,
        template,
        "membership",
        key=key,
        to=(participant.name, participant.email),
        context={"participant": participant, "meetings": [seat.meeting for seat in seats]},
        requests=(check_in_link_of(participant, dated),) if dated else (),
        attachments=tuple(calendar.invitation(meeting, participant) for meeting in dated),
    )


def _occasion(seats: Sequence[Seat]) -> str:
    """The same for the same taking of the same seats; taken again, they are another occasion."""
    parts = sorted(f"{seat.pk}:{seat.created_at.isoformat()}" for seat in seats)
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


def _was_named(participant: Participant) -> bool:
    key = f"participant_named:{participant.membership_id}:{participant.pk}"
    return Message.objects.filter(key=key).exists()
