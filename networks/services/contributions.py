"""Topics and offers: members bring them, members support topics, coordinators answer them.

Topics are seen by the network's members, offers by the membership that made them and by staff.
"""

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import (
    Contribution,
    ContributionState,
    Meeting,
    Membership,
    Offer,
    OfferKind,
    ProgrammeItem,
    ProgrammeKind,
    Topic,
    TopicSupport,
)
from networks.rules.eligibility import normalise_email
from networks.rules.states import Status
from networks.services import programme
from networks.services.errors import NotPossible
from networks.services.notices import contributions as notices

Brought = TypeVar("Brought", Topic, Offer)

#: How much one membership may bring in a day and a night: each is mailed to the coordinators.
DAILY_LIMIT = 10
#: Supported is what may still come on a programme.
CAN_BE_SUPPORTED = frozenset({ContributionState.PROPOSED, ContributionState.ANSWERED})


# What members do ----------------------------------------------------------------------------------


@transaction.atomic
def propose_topic(
    membership_id: UUID | str, *, address: str, title: str, text: str, actor: Actor
) -> Topic:
    """A member proposes a topic to the network; its coordinators are told.

    Sent twice, it is one. Raises NotPossible when the membership is not active or has brought as
    much as it may in a day.
    """
    return _bring(Topic(title=title, text=text), membership_id, address, actor)


@transaction.atomic
def make_offer(
    membership_id: UUID | str,
    *,
    address: str,
    kind: OfferKind,
    title: str,
    text: str,
    meeting_id: int | None,
    actor: Actor,
) -> Offer:
    """A member offers to host a meeting or to give a talk: at a coming meeting of the network, or
    (``meeting_id`` None) whenever it fits. Raises NotPossible as a topic does, and for any other
    meeting."""
    network_id = Membership.objects.values_list("network_id", flat=True).get(pk=membership_id)
    if meeting_id is not None:
        _coming_meeting(network_id, meeting_id)
    offer = Offer(kind=kind, title=title, text=text, meeting_id=meeting_id)
    return _bring(offer, membership_id, address, actor)


def _bring(contribution: Brought, membership_id: UUID | str, address: str, actor: Actor) -> Brought:
    membership = _locked_member(membership_id)
    contribution.membership = membership
    contribution.network = membership.network
    contribution.author_email = normalise_email(address)
    same = _same(contribution)
    if same is not None:
        return same
    if _brought_today(membership) >= DAILY_LIMIT:
        raise NotPossible(_("You have sent as much as you can in one day. Try again tomorrow."))
    contribution.author_name = _name_of(membership, contribution.author_email)
    contribution.save()
    _record(contribution, "proposed", actor)
    notices.received(contribution)
    return contribution


def _locked_member(membership_id: UUID | str) -> Membership:
    """The active membership, under its lock: what its people bring is counted one at a time."""
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("network", "municipality", "contact", "invoice_contact")
        .get(pk=membership_id)
    )
    if membership.state != Status.ACTIVE:
        raise NotPossible(_("This is for members. The membership is not active."))
    return membership


def _same(contribution: Brought) -> Brought | None:
    """What the same person has sent already, word for word, and nobody has answered."""
    fields = ["membership", "author_email", "title", "text", "kind", "meeting_id"]
    facts = {name: getattr(contribution, name) for name in fields if hasattr(contribution, name)}
    rows = type(contribution)._default_manager.filter(state=ContributionState.PROPOSED, **facts)
    return rows.first()


def _brought_today(membership: Membership) -> int:
    since = {"membership": membership, "created_at__gt": timezone.now() - timedelta(days=1)}
    return Topic.objects.filter(**since).count() + Offer.objects.filter(**since).count()


def _name_of(membership: Membership, email: str) -> str:
    """The name of that address's owner on the membership."""
    for person in (membership.contact, membership.invoice_contact):
        if person and person.email == email:
            return person.name
    participants = membership.participants.filter(email__iexact=email, left_at__isnull=True)
    name = participants.values_list("name", flat=True).first()
    if name is None:
        raise NotPossible(_("The address does not belong to the membership any more."))
    return name


@transaction.atomic
def support(topic_id: int, membership_id: UUID | str, *, wanted: bool, actor: Actor) -> Topic:
    """Support a topic, or take the support back: one a membership. Asked again, nothing changes.

    Raises Topic.DoesNotExist for another network's; NotPossible for the membership's own, and for
    one that is planned or declined.
    """
    membership = _locked_member(membership_id)
    topic = Topic.objects.get(pk=topic_id, network_id=membership.network_id)
    rows = TopicSupport.objects.filter(topic=topic, membership=membership)
    if not wanted:
        if rows.delete()[0]:
            _record(topic, "support_taken_back", actor)
        return topic
    if topic.membership_id == membership.pk:
        raise NotPossible(_("It is your own topic; the others can support it."))
    if topic.state not in CAN_BE_SUPPORTED:
        raise NotPossible(_("The topic has been decided, so it can't be supported any more."))
    _row, created = TopicSupport.objects.get_or_create(topic=topic, membership=membership)
    if created:
        _record(topic, "supported", actor)
    return topic


@transaction.atomic
def withdraw(
    model: type[Topic] | type[Offer],
    key: int,
    *,
    membership_id: UUID | str,
    address: str,
    actor: Actor,
) -> None:
    """Take back what one has brought oneself, while it is only proposed; it is deleted.

    Raises the model's DoesNotExist for somebody else's, NotPossible once it was answered.
    """
    membership = _locked_member(membership_id)
    mine = {"membership": membership, "author_email": normalise_email(address)}
    contribution: Topic | Offer = model.objects.select_for_update().get(pk=key, **mine)
    if contribution.state != ContributionState.PROPOSED:
        raise NotPossible(_("It has been answered, so it can't be withdrawn any more."))
    _record(contribution, "withdrawn", actor)
    contribution.delete()


# What coordinators do -----------------------------------------------------------------------------


@transaction.atomic
def answer(contribution: Brought, *, text: str, actor: Actor) -> Brought:
    """Answer the author, by mail and beside the topic. What is on a programme stays there."""
    row = _locked(contribution)
    state = ContributionState.ANSWERED
    if row.state == ContributionState.PLANNED:
        state = ContributionState.PLANNED
    _decide(row, state, text, actor)
    _record(row, "answered", actor)
    notices.answered(row)
    return row


@transaction.atomic
def decline(contribution: Brought, *, text: str, actor: Actor) -> Brought:
    """Decline, with a text for the author. Raises NotPossible for what is on a programme."""
    row = _locked(contribution)
    if row.state == ContributionState.PLANNED:
        raise NotPossible(_("It is on a meeting's programme. Take it off there first."))
    _decide(row, ContributionState.DECLINED, text, actor)
    _record(row, "declined", actor)
    notices.declined(row)
    return row


@transaction.atomic
def plan(
    contribution: Brought,
    *,
    meeting_id: int,
    kind: ProgrammeKind,
    text: str,
    on_page: bool,
    message: str,
    actor: Actor,
) -> ProgrammeItem:
    """Put a topic or an offer on the programme of a coming meeting of its network, and tell the
    author. ``message``: the coordinator's own words; empty, an earlier answer stands.

    Raises NotPossible for another meeting, and for one that it is on already.
    """
    row = _locked(contribution)
    meeting = _coming_meeting(row.network_id, meeting_id)
    if row.programme.filter(meeting=meeting).exists():
        raise NotPossible(_("It is on that meeting's programme already."))
    item = programme.add_item(
        meeting.pk,
        kind=kind,
        text=text,
        on_page=on_page,
        actor=actor,
        topic=row if isinstance(row, Topic) else None,
        offer=row if isinstance(row, Offer) else None,
    )
    _decide(row, ContributionState.PLANNED, message or row.answer, actor)
    _record(row, "planned", actor)
    notices.planned(row, meeting, message)
    return item


def _locked(contribution: Brought) -> Brought:
    model = type(contribution)
    rows = model._default_manager.select_for_update(of=("self",)).select_related(
        "network", "membership__network", "membership__contact", "membership__municipality"
    )
    found = rows.filter(pk=contribution.pk).first()
    if found is None:
        raise NotPossible(_("It has been withdrawn."))
    return found


def _decide(row: Contribution, state: ContributionState, text: str, actor: Actor) -> None:
    row.state = state
    row.answer = text
    row.answered_by = actor.user
    row.answered_at = timezone.now()
    row.save(update_fields=["state", "answer", "answered_by", "answered_at"])


def _coming_meeting(network_id: int, meeting_id: int) -> Meeting:
    meeting = programme.coming_meetings_of(network_id).filter(pk=meeting_id).first()
    if meeting is None:
        raise NotPossible(_("Choose one of the network's coming meetings."))
    return meeting


def _record(row: Contribution, what: str, actor: Actor) -> None:
    audit.record(actor=actor, action=f"{row._meta.model_name}.{what}", subject=row)
