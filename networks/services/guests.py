"""Guests: speakers and experts invited to one meeting. Never counted, never charged, no members.

They are how those take part who can't be members, so eligibility is not asked about.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit, links
from cms.audit import SYSTEM, VISITOR, Actor
from cms.messages.models import Message
from networks.models import Guest, GuestState, Meeting
from networks.rules.eligibility import normalise_email
from networks.services import check_in
from networks.services.errors import NotPossible
from networks.services.notices import guests as notices

#: In place of the name of a guest whose data were deleted.
FORGOTTEN = "–"
FORGOTTEN_DOMAIN = "@deleted.invalid"


def can_invite(meeting: Meeting) -> bool:
    """The meeting is to come: neither cancelled nor begun. Without a date it is to come."""
    begun = meeting.starts_at is not None and meeting.starts_at <= timezone.now()
    return not (meeting.is_cancelled or begun)


def to_tell(meeting: Meeting) -> QuerySet[Guest]:
    """The guests who are to be told when the meeting changes or is cancelled: who accepted."""
    return meeting.guests.filter(state=GuestState.ACCEPTED)


@transaction.atomic
def invite(
    meeting_id: int,
    *,
    name: str,
    email: str,
    organisation: str = "",
    purpose: str = "",
    actor: Actor,
) -> Guest:
    """Invite somebody by mail. Who declined, or whose invitation was withdrawn, can be invited
    again. Raises NotPossible for who is invited already, and once the meeting has begun."""
    meeting = _open_meeting(meeting_id)
    address = normalise_email(email)
    guest = Guest.objects.select_for_update().filter(meeting=meeting, email=address).first()
    if guest and guest.state in (GuestState.INVITED, GuestState.ACCEPTED):
        raise NotPossible(_("This address is invited to the meeting already."))
    guest = guest or Guest(meeting=meeting, email=address)
    guest.name, guest.organisation, guest.purpose = name, organisation, purpose
    guest.state, guest.answered_at = GuestState.INVITED, None
    guest.invited_at = timezone.now()
    guest.save()
    audit.record(actor=actor, action="guest.invited", subject=guest)
    notices.invited(guest)
    return guest


@transaction.atomic
def resend(guest_id: int, *, actor: Actor) -> Guest:
    """Mail the invitation anew; the links sent before stop working."""
    guest = _locked(guest_id)
    _open_meeting(guest.meeting_id)
    if guest.state not in (GuestState.INVITED, GuestState.ACCEPTED):
        raise NotPossible(_("There is no invitation to send: invite the guest again."))
    _revoke(guest)
    audit.record(actor=actor, action="guest.link_sent", subject=guest)
    if guest.state == GuestState.INVITED:
        notices.invited(guest)
    else:
        notices.accepted(guest)
    return guest


@transaction.atomic
def withdraw(guest_id: int, *, actor: Actor, reason: str = "") -> Guest:
    """Take the invitation back; the guest is told. Done twice it changes nothing."""
    guest = _locked(guest_id)
    if guest.state == GuestState.WITHDRAWN:
        return guest
    if guest.state == GuestState.DECLINED:
        raise NotPossible(_("The guest has declined: there is no invitation to withdraw."))
    had_accepted = guest.state == GuestState.ACCEPTED
    guest.state = GuestState.WITHDRAWN
    guest.save(update_fields=["state"])
    _revoke(guest)
    audit.record(actor=actor, action="guest.withdrawn", subject=guest, reason=reason)
    notices.withdrawn(guest, had_accepted=had_accepted)
    return guest


@transaction.atomic
def answer(guest_id: int, *, accepts: bool) -> Guest:
    """The guest's yes or no, which may be changed until the meeting begins. Whoever invited is
    told. The same answer again changes nothing."""
    guest = _locked(guest_id)
    if guest.state == GuestState.WITHDRAWN:
        raise NotPossible(_("The invitation has been withdrawn."))
    state = GuestState.ACCEPTED if accepts else GuestState.DECLINED
    if guest.state == state:
        return guest
    _open_meeting(guest.meeting_id)
    guest.state, guest.answered_at = state, timezone.now()
    guest.save(update_fields=["state", "answered_at"])
    entry = audit.record(actor=VISITOR, action=f"guest.{state}", subject=guest)
    if accepts:
        notices.accepted(guest)
    inviters = audit.history(guest).filter(action="guest.invited", user__isnull=False)
    inviter = inviters.first()
    if inviter and inviter.user and inviter.user.email:
        notices.answered(guest, inviter.user, key=str(entry.pk))
    return guest


def due_to_be_forgotten(limit: datetime) -> QuerySet[Guest]:
    """Guests of meetings that ended before then; of one without a date, invited before then."""
    undated = Q(meeting__ends_at__isnull=True, invited_at__lt=limit)
    due = Guest.objects.filter(Q(meeting__ends_at__lt=limit) | undated)
    return due.exclude(email__endswith=FORGOTTEN_DOMAIN)


@transaction.atomic
def forget(guest_id: int) -> None:
    """Delete who the guest was, and the mails to them; that somebody was a guest is kept."""
    guest = _locked(guest_id)
    guest.name, guest.email = FORGOTTEN, f"{guest.pk}{FORGOTTEN_DOMAIN}"
    guest.organisation = guest.purpose = ""
    guest.save(update_fields=["name", "email", "organisation", "purpose"])
    _revoke(guest)
    Message.objects.filter(about=audit.reference(guest)).delete()
    audit.record(actor=SYSTEM, action="guest.forgotten", subject=guest)


def _locked(guest_id: int) -> Guest:
    return (
        Guest.objects.select_for_update(of=("self",))
        .select_related("meeting__season__page", "meeting__record", "meeting__host")
        .get(pk=guest_id)
    )


def _open_meeting(meeting_id: int) -> Meeting:
    """The meeting, which is neither cancelled nor begun."""
    meeting = Meeting.objects.select_related("season__page", "record", "host").get(pk=meeting_id)
    if meeting.is_cancelled:
        raise NotPossible(_("The meeting is cancelled."))
    if meeting.starts_at and meeting.starts_at <= timezone.now():
        raise NotPossible(_("The meeting has started already."))
    return meeting


def _revoke(guest: Guest) -> None:
    for purpose in (notices.PURPOSE, check_in.PURPOSE):
        links.revoke(subject=audit.reference(guest), purpose=purpose)
