"""What people change about themselves through their personal link.

The link has proved the address, so whatever stands about that address is theirs: as a person and
as a participant, on every membership.
"""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit, links
from cms.audit import Actor
from networks.models import Membership, Offer, Participant, Person, Topic
from networks.rules.eligibility import Policy, at_domain, normalise_email
from networks.services.errors import NotPossible
from networks.services.notices import people as notices
from networks.services.transitions import locked


def holder_of(membership: Membership, address: str) -> Person | Participant:
    """Who the address is: the person, or a participant who is nothing else. Raises NotPossible."""
    email = normalise_email(address)
    person = Person.objects.filter(email=email).first()
    participant = membership.participants.filter(email__iexact=email, left_at=None).first()
    found = person or participant
    if found is None:
        raise NotPossible(_("This membership is not yours."))
    return found


@transaction.atomic
def correct_own_data(
    membership_id: UUID | str,
    *,
    address: str,
    name: str,
    job_title: str,
    phone: str = "",
    actor: Actor,
) -> None:
    """Correct name, title and phone of that address wherever they stand. The history tells which
    fields changed, never their values."""
    membership = locked(membership_id)
    holder = holder_of(membership, address)
    given = {"name": name, "job_title": job_title, "phone": phone}
    changed = [field for field, value in given.items() if getattr(holder, field, value) != value]
    if not changed:
        return
    email = normalise_email(address)
    Person.objects.filter(email=email).update(**given)
    Participant.objects.filter(email__iexact=email).update(name=name, job_title=job_title)
    audit.record(
        actor=actor, action="membership.own_data_corrected", subject=membership, fields=changed
    )


@transaction.atomic
def change_language(membership_id: UUID | str, *, language: str, actor: Actor) -> None:
    """The language of the mails about the membership. Raises NotPossible for one we don't have."""
    membership = locked(membership_id)
    if language not in dict(settings.LANGUAGES):
        raise NotPossible(_("We don't write in that language."))
    if membership.language != language:
        membership.language = language
        membership.save(update_fields=["language"])
        audit.record(
            actor=actor, action="membership.language_changed", subject=membership, language=language
        )


# Another address ----------------------------------------------------------------------------------


@transaction.atomic
def ask_for_new_address(
    membership_id: UUID | str, *, address: str, new_address: str, actor: Actor
) -> None:
    """Mail the new address a link that proves it; until it is used nothing changes."""
    membership = locked(membership_id)
    holder = holder_of(membership, address)
    new = normalise_email(new_address)
    if new == normalise_email(holder.email):
        raise NotPossible(_("That is the address that we have."))
    _check_may_be(normalise_email(holder.email), new)
    audit.record(actor=actor, action="membership.address_change_asked", subject=membership)
    notices.address_to_confirm(membership, holder, new)


@transaction.atomic
def change_address(holder: Person | Participant, *, new_address: str, actor: Actor) -> Membership:
    """The new address is proved: it takes the old one's place everywhere, the old one's links stop
    working, and the old one is told. Returns a membership of it, to go on to.

    Raises NotPossible when the address belongs to somebody else.
    """
    holder = type(holder)._default_manager.select_for_update().get(pk=holder.pk)
    old, new = normalise_email(holder.email), normalise_email(new_address)
    if old == new:
        return _first_membership(new)
    if _is_taken(old, new):
        raise NotPossible(_("Another person has this address already."))
    _check_may_be(old, new)
    Person.objects.filter(email=old).update(email=new, confirmed_at=timezone.now())
    Participant.objects.filter(email__iexact=old).update(email=new)
    for model in (Topic, Offer):
        model.objects.filter(author_email__iexact=old).update(author_email=new)
    links.revoke_address(old)
    membership = _first_membership(new)
    audit.record(actor=actor, action="membership.address_changed", subject=membership)
    notices.address_changed(membership, holder.name, old)
    return membership


def _is_taken(old: str, new: str) -> bool:
    """Somebody has the address, or is named with it beside the one who wants it."""
    beside = Participant.objects.filter(email__iexact=old).values("membership_id")
    return (
        Person.objects.filter(email=new).exists()
        or Participant.objects.filter(email__iexact=new, membership__in=beside).exists()
    )


def _check_may_be(old: str, new: str) -> None:
    """Whoever speaks for a membership or comes on it has an address that a sign-up would not need
    approval for, or one where the approved one was; otherwise an administrator corrects it.
    Invoices may go anywhere. Raises NotPossible."""
    domain = old.rpartition("@")[2]
    named = Participant.objects.filter(email__iexact=old, left_at=None).values("membership_id")
    held = Membership.objects.open().filter(Q(contact__email=old) | Q(pk__in=named))
    for membership in held.select_related("network", "municipality"):
        known = membership.municipality.domains if membership.municipality else []
        is_open = membership.network.eligibility == Policy.OPEN
        if not is_open and not at_domain(new, [*known, domain]):
            raise NotPossible(
                _(
                    "%(email)s is at none of the mail domains of %(organisation)s. Write to the "
                    "network's contact person, who can correct it."
                )
                % {"email": new, "organisation": membership.formal_name}
            )


def _first_membership(address: str) -> Membership:
    named = Participant.objects.filter(email__iexact=address).values("membership_id")
    return (
        Membership.objects.filter(
            Q(contact__email=address) | Q(invoice_contact__email=address) | Q(pk__in=named)
        )
        .select_related("network", "municipality", "contact", "invoice_contact")
        .order_by("-signed_up_at")[:1]
        .get()
    )
