"""A role on a membership passes to somebody else: whether it can, and what goes with it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit, links
from cms.audit import Actor
from networks.models import Handover, HandoverKind, Membership, Person, Unit
from networks.rules.eligibility import at_domain
from networks.rules.states import Status
from networks.services import participants, seats
from networks.services.application import ParticipantEntry
from networks.services.errors import NotPossible


def check(membership: Membership, kind: HandoverKind, address: str) -> None:
    """Whether the role can pass to that address at all."""
    by_person = membership.unit == Unit.PERSON
    if by_person and kind in (HandoverKind.CONTACT, HandoverKind.TAKE_OVER):
        raise NotPossible(_("The membership is a person's: it can pass to a successor."))
    if not by_person and kind == HandoverKind.SUCCESSOR:
        raise NotPossible(_("The membership is the municipality's: hand over the role of contact."))
    holder = (
        membership.invoice_contact if kind == HandoverKind.INVOICE_CONTACT else membership.contact
    )
    if holder and holder.email == address:
        raise NotPossible(_("That is the address of the one who has the role now."))
    if kind == HandoverKind.SUCCESSOR:
        _refuse_second_membership(membership, address)


def _refuse_second_membership(membership: Membership, address: str) -> None:
    """One open membership for each unit and network; the places are locked."""
    person = Person.objects.filter(email=address).first()
    if person is None:
        return
    theirs = Membership.objects.filter(
        network_id=membership.network_id, unit_key=f"person:{person.pk}"
    )
    if theirs.open().exclude(pk=membership.pk).exists():
        raise NotPossible(
            _("%(name)s is a member of this network already, and can't take over another place.")
            % {"name": person.name}
        )


def carry_out(handover: Handover, *, actor: Actor) -> tuple[Person, Person | None]:
    """The role of a locked membership passes, and the old holder's links stop working. Returns
    (new holder, old holder). Raises NotPossible."""
    membership = handover.membership
    kind = HandoverKind(handover.kind)
    check(membership, kind, handover.email)
    old = membership.invoice_contact if kind == HandoverKind.INVOICE_CONTACT else membership.contact
    person = _registered(handover)
    _give(membership, kind, person, old)
    if kind == HandoverKind.SUCCESSOR and old:
        _send_instead(membership, old, person, actor)
    if old:
        links.revoke_address(old.email, subject=audit.reference(membership))
    return person, old


def _registered(handover: Handover) -> Person:
    """The new holder, whose address is proved; data of one known already is not overwritten."""
    person, created = Person.objects.get_or_create(
        email=handover.email,
        defaults={
            "name": handover.name,
            "job_title": handover.job_title,
            "phone": handover.phone,
            "municipality": handover.membership.municipality,
        },
    )
    if created or person.confirmed_at is None:
        person.confirmed_at = timezone.now()
        person.save(update_fields=["confirmed_at"])
    return person


def _give(membership: Membership, kind: HandoverKind, person: Person, old: Person | None) -> None:
    """Write the role, and what goes with it."""
    had_invoices = old is not None and membership.invoice_contact_id == old.pk
    if kind != HandoverKind.INVOICE_CONTACT:
        membership.contact = person
        membership.address_confirmed_at = timezone.now()
        _note_domain(membership)
    if kind == HandoverKind.INVOICE_CONTACT or (had_invoices and kind != HandoverKind.CONTACT):
        membership.invoice_contact = person
        if old is None or membership.buyer_email in ("", old.email):
            membership.buyer_contact, membership.buyer_email = person.name, person.email
    if kind == HandoverKind.SUCCESSOR:
        membership.unit_key = f"person:{person.pk}"
    membership.save(
        update_fields=[
            "contact",
            "invoice_contact",
            "address_confirmed_at",
            "address_at_domain",
            "approved_at",
            "buyer_contact",
            "buyer_email",
            "unit_key",
        ]
    )


def _note_domain(membership: Membership) -> None:
    """The new contact is eligible: by the address, or by the yes that let the role pass. Whether
    the membership is to be approved at all is not answered by that."""
    if membership.state == Status.PENDING_APPROVAL:
        return
    domains = membership.municipality.domains if membership.municipality else []
    membership.address_at_domain = at_domain(membership.contact.email, domains)
    if membership.needs_approval:
        membership.approved_at = timezone.now()


def _send_instead(membership: Membership, old: Person, person: Person, actor: Actor) -> None:
    """The successor comes to the meetings that the predecessor has a seat at. At one whose
    participants can't be changed any more the seat is given back."""
    leaving = membership.participants.filter(email__iexact=old.email, left_at=None).first()
    if leaving is None:
        return
    entry = ParticipantEntry(person.name, person.email, person.job_title)
    for seat in seats.coming_seats(membership):
        if seat.participant_id != leaving.pk:
            continue
        try:
            with transaction.atomic():
                participants.swap(
                    membership.pk, seat.meeting_id, leaving=leaving.pk, entry=entry, actor=actor
                )
        except NotPossible:
            continue
    was_standing = leaving.standing
    participants.take_off(membership.pk, leaving.pk, actor=actor)
    if was_standing and membership.state == Status.ACTIVE:
        participants.name(membership.pk, entry, actor=actor)
