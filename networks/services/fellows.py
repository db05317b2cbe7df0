"""Fellow participants: whom a network's members see, and each person's own say about it.

Shown are name, job title and municipality of those who participate on an active membership, to
the network's members alone. Where the person is the member, the contact participates.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Membership, Participant, Unit
from networks.rules.eligibility import normalise_email
from networks.rules.states import Status
from networks.services.errors import NotPossible


@dataclass(frozen=True)
class Fellow:
    name: str
    job_title: str
    organisation: str


@dataclass(frozen=True)
class Shown:
    """Someone on the reader's own membership, and whether the others see them."""

    name: str
    email: str
    is_shown: bool


def fellows_of(network_id: int) -> list[Fellow]:
    """Who is shown to the network's members, by municipality and name. Two queries."""
    active = Membership.objects.filter(network_id=network_id, status=Status.ACTIVE)
    takes_part = ~Q(membership__unit=Unit.PERSON) | Q(email=F("membership__contact__email"))
    participants = Participant.objects.filter(
        takes_part, membership__in=active, left_at__isnull=True, shown_to_members=True
    ).select_related("membership__municipality")
    known = Participant.objects.filter(membership=OuterRef("pk"), email=OuterRef("contact__email"))
    persons = active.filter(~Exists(known), unit=Unit.PERSON).select_related(
        "municipality", "contact"
    )
    rows = [(row.name, row.job_title, row.membership) for row in participants]
    rows += [(row.contact.name, row.contact.job_title, row) for row in persons]
    rows.sort(key=lambda row: (_place(row[2]), row[0].casefold()))
    return [Fellow(name, title, membership.organisation) for name, title, membership in rows]


def _place(membership: Membership) -> tuple[str, str]:
    """Municipalities in the order of the Danish alphabet; organisations after them."""
    if membership.municipality:
        return ("", membership.municipality.sort_key)
    return (".", membership.organisation_name.casefold())


def shown_of(membership: Membership, address: str, *, all_of_them: bool) -> list[Shown]:
    """The reader's own visibility first; with ``all_of_them`` (the contact's) everybody's who
    participates on the membership. Empty for who does not participate."""
    email = normalise_email(address)
    rows = membership.participants.filter(left_at__isnull=True)
    shown = [Shown(row.name, row.email, row.shown_to_members) for row in rows]
    if membership.unit == Unit.PERSON:
        contact = membership.contact
        by_default = [Shown(contact.name, contact.email, is_shown=True)]
        shown = [row for row in shown if row.email == contact.email] or by_default
    shown = [row for row in shown if all_of_them or row.email == email]
    return sorted(shown, key=lambda row: (row.email != email, row.name.casefold()))


@transaction.atomic
def show(
    membership_id: UUID | str, *, email: str, by_address: str, shown: bool, actor: Actor
) -> None:
    """Show a participant to fellow members, or hide them: their own to decide, and their contact's.

    Raises Participant.DoesNotExist for anybody whom that address may not decide for.
    """
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("contact")
        .get(pk=membership_id)
    )
    if membership.state != Status.ACTIVE:
        raise NotPossible(_("This is for members. The membership is not active."))
    asker = normalise_email(by_address)
    if asker not in (normalise_email(email), membership.contact.email):
        raise Participant.DoesNotExist
    participant = _participant(membership, normalise_email(email))
    if participant.shown_to_members == shown:
        return
    participant.shown_to_members = shown
    participant.save(update_fields=["shown_to_members"])
    action = "participant.shown" if shown else "participant.hidden"
    audit.record(actor=actor, action=action, subject=membership, participant=participant.pk)


def _participant(membership: Membership, email: str) -> Participant:
    """The participant of that address. Where the person is the member they need not be named: a
    choice about them makes the row that keeps it."""
    contact = membership.contact
    if membership.unit == Unit.PERSON and email == contact.email:
        participant, _created = Participant.objects.get_or_create(
            membership=membership,
            email=email,
            defaults={"name": contact.name, "job_title": contact.job_title},
        )
        return participant
    return membership.participants.get(email=email, left_at__isnull=True)
