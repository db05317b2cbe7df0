"""Handing a role on a membership to somebody else: offered by its holder, or asked for by a
colleague when the contact has left.

An offered one is accepted by the colleague through a mailed link. Who has an address that would
need an approval at sign-up needs one here too; a take-over always does.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import VISITOR, Actor
from networks.models import Handover, HandoverKind, Membership, Person, RequestState
from networks.rules.eligibility import OrganisationKind, Policy, Verdict, judge, normalise_email
from networks.rules.states import OPEN
from networks.services.errors import NotPossible
from networks.services.notices import handovers as notices
from networks.services.role_changes import carry_out, check
from networks.services.transitions import locked

#: The kinds that the holder of a role begins.
OFFERED = (HandoverKind.CONTACT, HandoverKind.INVOICE_CONTACT, HandoverKind.SUCCESSOR)


@transaction.atomic
def offer(
    membership_id: UUID | str,
    *,
    kinds: Iterable[HandoverKind],
    name: str,
    email: str,
    text: str = "",
    actor: Actor,
) -> Handover:
    """Offer roles to a colleague, who gets one link for all of them. Nothing changes before it is
    accepted; offered again, the link is mailed again.

    Raises NotPossible when the membership is over, the colleague has the role already, or a
    person's membership exists in the network for the successor already.
    """
    membership = locked(membership_id)
    address = normalise_email(email)
    wanted = [HandoverKind(kind) for kind in kinds]
    if membership.state not in OPEN or not wanted:
        raise NotPossible(_("This membership is closed."))
    offered = []
    for kind in wanted:
        check(membership, kind, address)
        offered.append(begin(membership, kind, name=name, email=address, text=text))
    audit.record(
        actor=actor,
        action="membership.handover_offered",
        subject=membership,
        kinds=[row.kind for row in offered],
    )
    notices.offered(offered[0], offered)
    return offered[0]


def begin(membership: Membership, kind: HandoverKind, *, email: str, **given: str) -> Handover:
    handover, _created = Handover.objects.update_or_create(
        membership=membership,
        kind=kind,
        email=email,
        state=RequestState.WAITING,
        defaults=given,
    )
    return handover


# Answering ----------------------------------------------------------------------------------------


def locked_handover(handover_id: int) -> Handover:
    """The handover and its membership, read again under their locks."""
    found = Handover.objects.only("membership_id").get(pk=handover_id)
    membership = locked(found.membership_id)
    handover = Handover.objects.select_for_update().get(pk=handover_id)
    handover.membership = membership
    return handover


def waiting(handover_id: int) -> Handover:
    handover = locked_handover(handover_id)
    if handover.state != RequestState.WAITING:
        raise NotPossible(_("This handover has been answered already."))
    if handover.membership.state not in OPEN:
        raise NotPossible(_("This membership is closed."))
    return handover


def offered_together(handover: Handover) -> list[Handover]:
    """The roles that wait for the same person's answer, this one first."""
    rows = Handover.objects.filter(
        membership_id=handover.membership_id,
        email=handover.email,
        kind__in=OFFERED,
        state=RequestState.WAITING,
    )
    others = [row for row in rows if row.pk != handover.pk]
    for row in others:
        row.membership = handover.membership
    return [handover, *others]


@transaction.atomic
def accept(handover_id: int) -> Handover:
    """The colleague takes the offered roles on: they pass at once, or wait for an administrator
    where the address needs an approval (``state`` tells). Repeated, it changes nothing more."""
    handover = locked_handover(handover_id)
    if handover.state == RequestState.ACCEPTED or handover.kind not in OFFERED:
        return handover
    handover = waiting(handover_id)
    together = offered_together(handover)
    for row in together:
        if needs_approval(row):
            confirm_address(row)
    _pass_on([row for row in together if not needs_approval(row)], actor=VISITOR)
    return handover


def needs_approval(handover: Handover) -> bool:
    """Whoever speaks for a membership passes the eligibility that a member does; invoices may go
    anywhere. That the contact has left is for an administrator to judge."""
    if handover.kind == HandoverKind.INVOICE_CONTACT:
        return False
    if handover.kind == HandoverKind.TAKE_OVER:
        return True
    membership = handover.membership
    verdict = judge(
        policy=Policy(membership.network.eligibility),
        organisation=OrganisationKind(membership.organisation_kind),
        address=handover.email,
        domains=membership.municipality.domains if membership.municipality else [],
        invited=True,
    )
    return verdict != Verdict.ACCEPTED


def confirm_address(handover: Handover) -> None:
    """The address is proved; an administrator decides."""
    if handover.confirmed_at is None:
        handover.confirmed_at = timezone.now()
        handover.save(update_fields=["confirmed_at"])
        audit.record(
            actor=VISITOR,
            action="membership.handover_confirmed",
            subject=handover.membership,
            kind=handover.kind,
        )


@transaction.atomic
def refuse(handover_id: int) -> Handover:
    """The colleague says no thanks to what was offered; whoever offered it is told."""
    handover = waiting(handover_id)
    for row in offered_together(handover):
        close(row, RequestState.DECLINED, VISITOR)
    notices.refused(handover)
    return handover


@transaction.atomic
def withdraw(handover_id: int, *, actor: Actor) -> Handover:
    """Take back what was offered and not answered; its link stops working."""
    handover = waiting(handover_id)
    if handover.kind not in OFFERED:
        raise NotPossible(_("Only what you have offered yourself can be taken back."))
    close(handover, RequestState.WITHDRAWN, actor)
    notices.withdrawn(handover)
    return handover


def close(handover: Handover, state: RequestState, actor: Actor, reason: str = "") -> None:
    handover.state = state
    handover.answered_at = timezone.now()
    handover.save(update_fields=["state", "answered_at"])
    audit.record(
        actor=actor,
        action=f"membership.handover_{state}",
        subject=handover.membership,
        reason=reason,
        kind=handover.kind,
    )


# An administrator's answer ------------------------------------------------------------------------


@transaction.atomic
def approve(handover_id: int, *, actor: Actor, reason: str = "") -> Handover:
    """Let a role pass that waits for an administrator. Raises NotPossible before the new holder
    has proved the address."""
    handover = waiting(handover_id)
    if handover.confirmed_at is None:
        raise NotPossible(_("The address has not been confirmed yet."))
    _pass_on([handover], actor=actor, reason=reason)
    return handover


def _pass_on(together: Sequence[Handover], *, actor: Actor, reason: str = "") -> None:
    """The roles pass to their new holder; each whom it concerns is told once."""
    olds: dict[int, Person] = {}
    for handover in together:
        person, old = carry_out(handover, actor=actor)
        close(handover, RequestState.ACCEPTED, actor, reason)
        if old:
            olds[old.pk] = old
    if together:
        notices.taken_over(together[0], person)
    for old in olds.values():
        notices.handed_over(together[0], old)


@transaction.atomic
def decline(handover_id: int, *, actor: Actor, reason: str = "", text: str = "") -> Handover:
    """Say no. ``text`` is mailed to whoever was to take over."""
    handover = waiting(handover_id)
    close(handover, RequestState.DECLINED, actor, reason)
    notices.declined(handover, text=text)
    return handover
