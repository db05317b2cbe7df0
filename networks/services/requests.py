"""What people ask of a membership: to join it, and to be erased; and the answers."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import VISITOR, Actor
from cms.messages.models import Message
from networks.models import (
    ErasureRequest,
    JoinRequest,
    Membership,
    Participant,
    Person,
    RequestState,
)
from networks.rules.eligibility import normalise_email
from networks.rules.states import OPEN, Status
from networks.services import erasure, participants, seats
from networks.services.application import ParticipantEntry
from networks.services.capacities import memberships_of
from networks.services.errors import NotPossible
from networks.services.identity import identity_of
from networks.services.notices import people as people_notices
from networks.services.notices import requests as notices
from networks.services.own_data import holder_of
from networks.services.participant_rights import check_may_come
from networks.services.transitions import locked

#: Who was turned down may ask again after that long, and the contact is asked again.
ASK_AGAIN_AFTER = timedelta(days=1)


# To join ------------------------------------------------------------------------------------------


def request_to_join(
    membership: Membership, *, name: str, email: str, job_title: str, phone: str
) -> None:
    """A later sign-up from the same unit: its contact is asked, the administrator sees it.

    Asked again while it waits, nothing happens; who has been taken in gets the personal link;
    who was turned down may ask again.
    """
    address = normalise_email(email)
    if membership.participants.filter(email__iexact=address, left_at=None).exists():
        people_notices.link_asked_for(membership, address, "membership", [])
        return
    given = {"name": name, "job_title": job_title, "phone": phone}
    request, created = JoinRequest.objects.get_or_create(
        membership=membership, email=address, defaults=given
    )
    if not created:
        answered = request.handled_at
        if answered is None or answered > timezone.now() - ASK_AGAIN_AFTER:
            return
        _reopen(request, given)
    audit.record(actor=VISITOR, action="membership.join_requested", subject=membership)
    notices.asked(request)


def _reopen(request: JoinRequest, given: dict[str, str]) -> None:
    for field, value in given.items():
        setattr(request, field, value)
    request.state = RequestState.WAITING
    request.handled_at = None
    request.created_at = timezone.now()
    request.save(update_fields=[*given, "state", "handled_at", "created_at"])


def _waiting(request_id: int) -> JoinRequest:
    """The request and its membership, read again under their locks."""
    found = JoinRequest.objects.only("membership_id").get(pk=request_id)
    membership = locked(found.membership_id)
    request = JoinRequest.objects.select_for_update().get(pk=request_id)
    request.membership = membership
    if request.state != RequestState.WAITING:
        raise NotPossible(_("This request has been answered already."))
    return request


@transaction.atomic
def take_in(request_id: int, *, actor: Actor, reason: str = "") -> Participant:
    """Make the colleague a participant: of every meeting, or, where the membership's seats are all
    taken, of those that are chosen for them later. The colleague is told.

    Raises NotPossible when it was answered already or the membership is over.
    """
    request = _waiting(request_id)
    membership = request.membership
    if membership.state not in OPEN:
        raise NotPossible(_("This membership is closed."))
    participant = _with_seats(request, actor)
    told = participant is not None and seats.may_be_told(membership)
    participant = participant or _without_seats(request)
    _answer(request, RequestState.ACCEPTED, actor, reason)
    if not told:
        notices.taken_in(request, participant)
    return participant


@transaction.atomic
def turn_down(request_id: int, *, actor: Actor, reason: str = "", text: str = "") -> JoinRequest:
    """Say no. ``text`` is mailed to the colleague."""
    request = _waiting(request_id)
    _answer(request, RequestState.DECLINED, actor, reason)
    notices.turned_down(request, text=text)
    return request


def _with_seats(request: JoinRequest, actor: Actor) -> Participant | None:
    """The colleague as standing participant, who is told of it; None where no seat is left at any
    meeting, or before the membership is active."""
    membership = request.membership
    check_may_come(membership, normalise_email(request.email), actor)
    if membership.state != Status.ACTIVE:
        return None
    entry = ParticipantEntry(request.name, request.email, request.job_title)
    try:
        with transaction.atomic():
            return participants.name(membership.pk, entry, actor=actor)
    except NotPossible:
        # The seats are taken, or cost: whoever speaks for the membership chooses later.
        return None


def _without_seats(request: JoinRequest) -> Participant:
    membership = request.membership
    participant, _created = Participant.objects.update_or_create(
        membership=membership,
        email=normalise_email(request.email),
        defaults={
            "name": request.name,
            "job_title": request.job_title,
            # A membership that becomes active takes the seats of those who are standing.
            "standing": membership.state != Status.ACTIVE,
            "left_at": None,
        },
    )
    return participant


def _answer(request: JoinRequest, state: RequestState, actor: Actor, reason: str) -> None:
    request.state = state
    request.handled_at = timezone.now()
    request.save(update_fields=["state", "handled_at"])
    audit.record(
        actor=actor, action=f"membership.join_{state}", subject=request.membership, reason=reason
    )


# To be erased -------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_erasure(membership_id: UUID | str, *, address: str, actor: Actor) -> ErasureRequest:
    """Receive a person's request to be erased (GDPR article 17). Asked again while it waits, it is
    the same request."""
    membership = locked(membership_id)
    holder = holder_of(membership, address)
    person, _created = Person.objects.get_or_create(
        email=normalise_email(address),
        defaults={
            "name": holder.name,
            "job_title": holder.job_title,
            "municipality": membership.municipality,
            "confirmed_at": timezone.now(),
        },
    )
    request, created = ErasureRequest.objects.get_or_create(person=person, handled_at=None)
    if created:
        audit.record(actor=actor, action="membership.erasure_asked", subject=membership)
        people_notices.erasure_asked_for(membership, request)
    return request


@transaction.atomic
def handle_erasure(request_id: int, *, outcome: str, actor: Actor) -> ErasureRequest:
    """Note what was done about a request, and tell the person. Raises NotPossible the second
    time."""
    request = ErasureRequest.objects.select_for_update().get(pk=request_id)
    if request.handled_at:
        raise NotPossible(_("This request has been answered already."))
    request.handled_at = timezone.now()
    request.handled_by = actor.user
    request.outcome = outcome
    request.save(update_fields=["handled_at", "handled_by", "outcome"])
    audit.record(actor=actor, action="erasure.handled", subject=request)
    _tell_of_erasure(request)
    return request


@transaction.atomic
def carry_out_erasure(request_id: int, *, outcome: str, actor: Actor) -> bool:
    """Tell the person, then erase them. Returns whether there was a membership to write about.

    Raises NotPossible when somebody must first take over a role of theirs, and the second time.
    """
    request = ErasureRequest.objects.select_related("person").get(pk=request_id)
    if why := erasure.blocked_many([request.person]).get(request.person_id):
        raise NotPossible(why)
    handle_erasure(request_id, outcome=outcome, actor=actor)
    told = Message.objects.filter(template=erasure.FAREWELL, to_email=request.person.email)
    is_told = told.exists()
    erasure.anonymise_person(request.person, actor=actor, reason=outcome)
    return is_told


def _tell_of_erasure(request: ErasureRequest) -> None:
    """About the membership that is most alive; of one who has a part on none any more, about one
    on which they had."""
    address = request.person.email
    membership = memberships_of(address).first()
    if membership is None:
        keys = identity_of(address).membership_keys
        known = Membership.objects.filter(pk__in=keys).select_related("network", "contact")
        membership = known.order_by("-signed_up_at").first()
    if membership:
        people_notices.erasure_handled(membership, request)
