"""Erasing a person (GDPR article 17): everywhere at once, and nothing that the law keeps.

Whoever is gone is a pseudonym from then on: the same wherever they were, so that meetings still
count who came. Invoices, the charges they document and bank transfers keep what they say for as
long as the bookkeeping law demands. The history stays, and names nobody.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit, links, queue
from cms.audit import Actor, AuditEntry
from cms.bulk import BulkItem
from cms.messages.models import Message, MessageState
from cms.messages.outbox import WAITING
from networks.models import (
    Answer,
    ConsentGiven,
    ErasureRequest,
    Guest,
    Handover,
    JoinRequest,
    MemberImport,
    Membership,
    Offer,
    Participant,
    Person,
    ProgrammeItem,
    Topic,
)
from networks.rules.states import FINAL, OPEN, Status
from networks.services import participants
from networks.services.errors import NotPossible
from networks.services.identity import (
    Identity,
    Pseudonym,
    identity_of,
    new_pseudonym,
    rewrite,
    saying_address,
)
from networks.services.transitions import locked
from payments.services import privacy as kept_by_law

#: The mail that tells somebody that they are erased: it may still leave, and goes a day later.
FAREWELL = "erasure_handled"


def blocked_many(people: Sequence[Person]) -> dict[int, str]:
    """Why those who can't be erased now can't: somebody must speak for an open membership."""
    keys = [person.pk for person in people]
    held = Q(contact__in=keys) | Q(invoice_contact__in=keys)
    rows = Membership.objects.filter(held, status__in=OPEN).select_related(
        "network", "municipality", "contact"
    )
    why: dict[int, str] = {}
    for membership in rows:
        for person_id in keys:
            if person_id in (membership.contact_id, membership.invoice_contact_id):
                why.setdefault(person_id, _why(membership, person_id))
    return why


def _why(membership: Membership, person_id: int) -> str:
    said = {"membership": str(membership)}
    if membership.contact_id == person_id:
        return _("Contact of %(membership)s: hand the role over, or end the membership.") % said
    return _("Invoice contact of %(membership)s: hand the role over.") % said


@transaction.atomic
def anonymise_person(person: Person, *, actor: Actor, reason: str) -> None:
    """Erase the person wherever they are known by their address. Raises NotPossible when somebody
    must first take over a role of theirs; of one who is erased already nothing happens."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.erased_at:
        return
    if why := blocked_many([person]).get(person.pk):
        raise NotPossible(why)
    forget(identity_of(person.email), actor=actor, reason=reason)
    audit.record(actor=actor, action="person.erased", subject=person, reason=reason)


def forget(identity: Identity, *, actor: Actor, reason: str, everywhere: bool = True) -> None:
    """Put a pseudonym in the place of whoever has that address, in the caller's transaction.

    ``everywhere``: also where a text about somebody else's row says the address.
    """
    pseudonym = new_pseudonym()
    _forget_imports(identity.email)
    _leave_meetings(identity, actor, reason)
    _forget_memberships(identity)
    _forget_contributions(identity, pseudonym)
    _forget_messages(identity)
    kept_by_law.forget_buyer(identity.email, identity.names)
    links.forget_address(identity.email)
    queue.forget_arguments(identity.email)
    rewrite_texts(identity, pseudonym, everywhere=everywhere)
    _forget_people(identity, pseudonym)


def imports_naming(email: str) -> QuerySet[MemberImport]:
    """Lists of members that wait to be taken in, and say the address."""
    return MemberImport.objects.filter(saying_address(email, "rows"), finished_at__isnull=True)


def _forget_imports(email: str) -> None:
    """Before all else: one that is being taken in holds its row until it is done, and what it made
    is found here. Whoever uploaded the others is told to begin anew: a list less one row, unseen,
    would not be theirs."""
    imports_naming(email).update(
        headings=[],
        rows=[],
        columns={},
        digest="",
        reason="",
        begun_at=None,
        finished_at=timezone.now(),
        refusal=_("Somebody in the list was erased. Upload it again without them."),
    )


def _leave_meetings(identity: Identity, actor: Actor, reason: str) -> None:
    """Give back the seats to come, so that the municipality can send somebody else."""
    named = Participant.objects.filter(email__iexact=identity.email, left_at__isnull=True)
    for participant in named.exclude(membership__status__in=FINAL).order_by("membership_id"):
        participants.take_off(participant.membership_id, participant.pk, actor=actor, reason=reason)


def _forget_memberships(identity: Identity) -> None:
    """What the contact said for themselves goes; what the organisation is invoiced by stays, but
    without the person's name."""
    email = identity.email
    spoken_for = Membership.objects.filter(contact__email=email, status__in=FINAL)
    spoken_for.update(leaving_reason="")
    Answer.objects.filter(membership__in=spoken_for).delete()
    unconfirmed = Membership.objects.filter(contact__email=email, status=Status.UNCONFIRMED)
    for key in unconfirmed.values_list("pk", flat=True).order_by("pk"):
        delete_unconfirmed(locked(key))
    named = Q(buyer_email__iexact=email) | Q(buyer_contact__in=identity.names)
    Membership.objects.filter(named).update(buyer_contact="", buyer_email="")
    Membership.objects.filter(buyer_reference__in=identity.names).update(buyer_reference="")
    JoinRequest.objects.filter(email__iexact=email).delete()
    Handover.objects.filter(email__iexact=email).delete()
    ConsentGiven.objects.filter(person__email=email, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now()
    )


def delete_unconfirmed(membership: Membership) -> None:
    """A sign-up that nobody confirmed holds nothing that anybody must keep."""
    about = audit.reference(membership)
    Message.objects.filter(about=about).delete()
    links.forget_subject(about)
    membership.delete()


def _forget_contributions(identity: Identity, pseudonym: Pseudonym) -> None:
    for model in (Topic, Offer):
        model.objects.filter(author_email__iexact=identity.email).update(
            author_name=pseudonym.name, author_email=pseudonym.email
        )


def _forget_messages(identity: Identity) -> None:
    """Mails to the person are emptied, and those that wait are never sent; but the farewell."""
    theirs = Message.objects.filter(to_email__iexact=identity.email)
    empty_messages(theirs.exclude(template=FAREWELL))


def empty_messages(messages: QuerySet[Message]) -> None:
    """The row stays, so that the same is never sent twice; whom it was for, and its text, go."""
    messages.filter(state__in=WAITING).update(state=MessageState.STOPPED, retry_at=None)
    messages.filter(key__contains="@").update(key=Concat(Value("erased:"), Cast("pk", CharField())))
    messages.update(
        to_name="", to_email="", subject="", body="", links=[], attachments=[], error=""
    )


def rewrite_texts(identity: Identity, pseudonym: Pseudonym, *, everywhere: bool) -> None:
    """Texts about rows of theirs name them no more; with ``everywhere``, no text says the address
    or the phone."""
    texts = {
        Message: ("key", "to_name", "subject", "body", "error"),
        AuditEntry: ("reason",),
    }
    about = {Message: "about__in", AuditEntry: "subject__in"}
    for model, columns in texts.items():
        rows = model._default_manager.all()
        if model is Message:
            rows = rows.exclude(template=FAREWELL, to_email__iexact=identity.email)
        own = rows.filter(**{about[model]: identity.references})
        rewrite(own, *columns, identity=identity, pseudonym=pseudonym, names=True)
        if everywhere:
            rewrite(rows, *columns, identity=identity, pseudonym=pseudonym, names=False)
    _rewrite_contributions(identity, pseudonym)
    if everywhere:
        rewrite(
            BulkItem.objects.all(), "outcome", identity=identity, pseudonym=pseudonym, names=True
        )


def _rewrite_contributions(identity: Identity, pseudonym: Pseudonym) -> None:
    """Free texts of the memberships, and of what a coordinator made of them."""
    keys = identity.membership_keys
    networks = Membership.objects.filter(pk__in=keys).values("network_id")
    for model in (Topic, Offer):
        rows = model.objects.filter(network__in=networks)
        rewrite(rows, "title", "text", "answer", identity=identity, pseudonym=pseudonym, names=True)
    items = ProgrammeItem.objects.filter(meeting__season__page__in=networks)
    rewrite(items, "text", identity=identity, pseudonym=pseudonym, names=True)
    handovers = Handover.objects.filter(membership_id__in=keys)
    rewrite(handovers, "text", identity=identity, pseudonym=pseudonym, names=True)
    asked = ErasureRequest.objects.filter(person__email=identity.email)
    rewrite(asked, "outcome", identity=identity, pseudonym=pseudonym, names=True)


def _forget_people(identity: Identity, pseudonym: Pseudonym) -> None:
    """Last, since everything before finds them by their address."""
    now, email = timezone.now(), identity.email
    Guest.objects.filter(email__iexact=email).update(
        name=pseudonym.name, email=pseudonym.email, organisation="", purpose=""
    )
    pseudonymise_participants(Participant.objects.filter(email__iexact=email), pseudonym)
    Person.objects.filter(email=email).update(
        name=pseudonym.name,
        email=pseudonym.email,
        job_title="",
        phone="",
        confirmed_at=None,
        erased_at=now,
    )


def pseudonymise_participants(rows: QuerySet[Participant], pseudonym: Pseudonym) -> None:
    rows.filter(left_at__isnull=True).update(left_at=timezone.now())
    rows.update(
        name=pseudonym.name,
        email=pseudonym.email,
        job_title="",
        standing=False,
        shown_to_members=False,
    )
