"""The people of a membership that is over: pseudonyms take their places on it.

Who has a part elsewhere is kept there. Places, seasons, seats and charges stay as they are, since
statistics and money point to them.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cms import audit, links
from cms.audit import SYSTEM
from cms.messages.models import Message
from networks.models import (
    Answer,
    Guest,
    Handover,
    JoinRequest,
    Membership,
    Offer,
    Participant,
    Person,
    Topic,
)
from networks.rules.eligibility import normalise_email
from networks.rules.states import FINAL, Status
from networks.services import erasure
from networks.services.identity import (
    ERASED_DOMAIN,
    Identity,
    Pseudonym,
    identity_of,
    new_pseudonym,
)
from networks.services.transitions import locked
from payments.services import privacy as kept_by_law

REASON = "retention"


@transaction.atomic
def forget_membership(membership_id: UUID | str) -> None:
    """Forget the people of a membership that is over. Done twice it changes nothing."""
    membership = locked(membership_id)
    if membership.erased_at or membership.state not in FINAL:
        return
    for address in sorted(_addresses(membership)):
        identity = identity_of(address)
        if is_needed_beside(address, membership):
            _forget_on(membership, identity)
        else:
            erasure.forget(identity, actor=SYSTEM, reason=REASON, everywhere=False)
    _forget_itself(membership)


@transaction.atomic
def forget_unconfirmed(membership_id: UUID | str) -> None:
    """Delete a sign-up that was never confirmed, and its people who have no part elsewhere."""
    membership = locked(membership_id)
    if membership.state != Status.UNCONFIRMED:
        return
    for address in sorted(_addresses(membership)):
        if not is_needed_beside(address, membership):
            erasure.forget(identity_of(address), actor=SYSTEM, reason=REASON, everywhere=False)
    left = Membership.objects.filter(pk=membership_id).first()
    if left is not None:
        erasure.delete_unconfirmed(left)


def _addresses(membership: Membership) -> set[str]:
    """Of everybody who stands on it and is not forgotten."""
    people = Person.objects.filter(
        pk__in=[key for key in (membership.contact_id, membership.invoice_contact_id) if key]
    )
    found = set(people.values_list("email", flat=True))
    found |= set(membership.participants.values_list("email", flat=True))
    found |= set(membership.join_requests.values_list("email", flat=True))
    found |= set(membership.handovers.values_list("email", flat=True))
    for model in (Topic, Offer):
        authors = model.objects.filter(membership=membership)
        found |= set(authors.values_list("author_email", flat=True))
    return {normalise_email(address) for address in found if not address.endswith(ERASED_DOMAIN)}


def is_needed_beside(address: str, membership: Membership | None) -> bool:
    """The person has a part on another membership that is remembered, or is a guest."""
    others = Membership.objects.filter(erased_at__isnull=True)
    named = Participant.objects.filter(email__iexact=address)
    asked = JoinRequest.objects.filter(email__iexact=address)
    if membership is not None:
        others, named = others.exclude(pk=membership.pk), named.exclude(membership=membership)
        asked = asked.exclude(membership=membership)
    held = Q(contact__email=address) | Q(invoice_contact__email=address)
    return (
        others.filter(held).exists()
        or named.filter(membership__erased_at__isnull=True).exists()
        or asked.filter(membership__erased_at__isnull=True).exists()
        or Guest.objects.filter(email__iexact=address).exists()
    )


def _forget_on(membership: Membership, identity: Identity) -> None:
    """On this membership alone, of somebody who is needed elsewhere."""
    pseudonym, email = new_pseudonym(), identity.email
    own = Participant.objects.filter(membership=membership, email__iexact=email)
    erasure.pseudonymise_participants(own, pseudonym)
    for model in (Topic, Offer):
        model.objects.filter(membership=membership, author_email__iexact=email).update(
            author_name=pseudonym.name, author_email=pseudonym.email
        )
    held = [
        field
        for field in ("contact", "invoice_contact")
        if (person := getattr(membership, field)) and person.email == email
    ]
    if held:
        stand_in = _stand_in(pseudonym, membership)
        Membership.objects.filter(pk=membership.pk).update(**dict.fromkeys(held, stand_in))
    here = audit.reference(membership)
    erasure.rewrite_texts(
        Identity(email, identity.names, identity.phones, frozenset([here]), frozenset([here])),
        pseudonym,
        everywhere=False,
    )


def _stand_in(pseudonym: Pseudonym, membership: Membership) -> Person:
    return Person.objects.create(
        name=pseudonym.name,
        email=pseudonym.email,
        municipality=membership.municipality,
        erased_at=timezone.now(),
    )


def _forget_itself(membership: Membership) -> None:
    about = audit.reference(membership)
    JoinRequest.objects.filter(membership=membership).delete()
    Handover.objects.filter(membership=membership).delete()
    if membership.state != Status.ENDED:
        Answer.objects.filter(membership=membership).delete()
    erasure.empty_messages(Message.objects.filter(about=about))
    links.forget_subject(about)
    kept_by_law.forget_buyers_of(about)
    Membership.objects.filter(pk=membership.pk).update(
        leaving_reason="",
        buyer_contact="",
        buyer_email="",
        buyer_reference="",
        erased_at=timezone.now(),
    )
    audit.record(actor=SYSTEM, action="membership.people_erased", subject=membership)
