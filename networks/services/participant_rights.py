"""Which of a membership's participants may be changed: in which state, at which meetings, until
when, and who may be named at all."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cms.audit import Actor, ActorKind
from networks.models import Meeting, Membership, Unit
from networks.rules import seats as rules
from networks.rules.eligibility import Policy, participant_may_come
from networks.rules.states import Status
from networks.services.errors import NotPossible
from networks.services.meeting_seats import coming_meetings, lock_meetings
from networks.services.transitions import locked


class NotEligible(NotPossible):
    """That address may not come on the membership; the person's own, or an administrator's, may."""


def active(membership_id: UUID | str) -> Membership:
    membership = locked(membership_id)
    if membership.state != Status.ACTIVE:
        raise NotPossible(_("The membership is not active: its participants can't be changed."))
    return membership


def changeable(
    membership: Membership, keys: Sequence[int], actor: Actor, reason: str
) -> list[Meeting]:
    """The meetings, locked. Raises NotPossible for one whose participants can't be changed."""
    meetings = lock_meetings(keys)
    own = {meeting.pk for meeting in coming_meetings(membership)}
    now = timezone.now()
    for meeting in meetings:
        if meeting.is_cancelled:
            raise NotPossible(_("%(meeting)s is cancelled.") % {"meeting": meeting.label})
        if rules.has_started(meeting.starts_at, now):
            raise NotPossible(_("The meeting has started already."))
        _check_deadline(membership, meeting, actor, reason)
    if (
        not meetings
        or not {meeting.pk for meeting in meetings} <= own
        or len(meetings) < len(set(keys))
    ):
        raise NotPossible(_("That meeting is no part of the membership."))
    return meetings


def _check_deadline(membership: Membership, meeting: Meeting, actor: Actor, reason: str) -> None:
    hours = membership.network.swap_deadline_hours
    if rules.can_be_changed(meeting.starts_at, hours, timezone.now()):
        return
    if actor.kind != ActorKind.USER:
        deadline = rules.change_deadline(meeting.starts_at, hours)
        assert deadline is not None
        raise NotPossible(
            _("Participants could be changed until %(deadline)s. Write to the contact person.")
            % {"deadline": date_format(timezone.localtime(deadline), "DATETIME_FORMAT")}
        )
    if not reason.strip():
        raise NotPossible(_("The deadline is over: say why it is changed all the same."))


def check_may_come(membership: Membership, address: str, actor: Actor) -> None:
    """Participants pass the same eligibility as members; an administrator's word is an approval.
    Raises NotEligible."""
    if membership.unit == Unit.PERSON and address != membership.contact.email:
        raise NotEligible(_("The membership is personal: nobody else can come on it."))
    municipality = membership.municipality
    if actor.kind == ActorKind.USER or participant_may_come(
        policy=Policy(membership.network.eligibility),
        address=address,
        contact_address=membership.contact.email,
        domains=municipality.domains if municipality else None,
    ):
        return
    raise NotEligible(
        _(
            "%(email)s is not at one of the mail domains of %(organisation)s. Ask the network's "
            "contact person to name the colleague."
        )
        % {"email": address, "organisation": membership.formal_name}
    )
