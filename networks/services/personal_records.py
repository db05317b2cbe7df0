"""What is kept about a person beside their own rows: money, mails, links, history and readings."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms import audit, queue
from cms.access_log import AccessEntry
from cms.audit import AuditEntry
from cms.bulk import BulkItem
from cms.links import Link
from cms.messages.models import Message
from networks.models import ConsentGiven, ContactPerson, MemberImport, Membership, ProgrammeItem
from networks.services.identity import Identity, naming, saying_address, says_address
from networks.services.personal_facts import Fact, facts
from payments.models import Buyer
from payments.services import privacy as kept_by_law

Rows = list[list[Fact]]

#: What each kind of personal link does, for whoever it was sent to.
LINKS_ARE_FOR = {
    "confirm": gettext_lazy("Confirm the address"),
    "accept": gettext_lazy("Accept a price"),
    "pay": gettext_lazy("Pay"),
    "membership": gettext_lazy("My membership"),
    "calendar": gettext_lazy("Calendar"),
    "invitation": gettext_lazy("Invitation to a network"),
    "guest": gettext_lazy("Invitation to a meeting"),
    "check_in": gettext_lazy("Check in"),
    "address": gettext_lazy("Confirm the new address"),
    "handover": gettext_lazy("Take over a role"),
    "join": gettext_lazy("Answer a colleague"),
    "take_over": gettext_lazy("Ask to take over"),
    "objection": gettext_lazy("Object to a change"),
}


def consents(email: str) -> Rows:
    rows = ConsentGiven.objects.filter(person__email=email).select_related("text__consent")
    return [
        facts(
            row,
            *("given_at", "withdrawn_at"),
            consent=(_("Consent"), row.text.consent.title),
            version=(_("Version"), row.text.version),
            text=(_("Text"), row.text.text),
        )
        for row in rows
    ]


def programme(identity: Identity) -> Rows:
    networks = Membership.objects.filter(pk__in=identity.membership_keys).values("network_id")
    items = ProgrammeItem.objects.filter(meeting__season__page__in=networks)
    named = items.filter(naming(identity, "text", names=True)).select_related("meeting")
    return [facts(row, "meeting", "kind", "text") for row in named]


def charges(identity: Identity, paid_by: Iterable[Membership]) -> Rows:
    """Of the memberships whose money is theirs to see, and those that name their address."""
    references = [audit.reference(row) for row in paid_by]
    names = (
        *("scope_label", "description", "method", "net", "vat", "gross", "credited"),
        *("period_start", "period_end", "state", "created_at", "paid_at"),
    )
    rows = kept_by_law.charges_naming(identity.email, references)
    return [facts(row, *names, *Buyer.buyer_fields()) for row in rows]


def invoices(identity: Identity, paid_by: Iterable[Membership]) -> Rows:
    references = [audit.reference(row) for row in paid_by]
    names = ("kind", "number", "issued_on", "due_on", "buyer_name", "net", "vat", "gross")
    return [
        facts(
            row,
            *names,
            contact=(_("Contact person"), row.content["buyer"]["contact"]),
            email=(_("E-mail"), row.content["buyer"]["email"]),
        )
        for row in kept_by_law.invoices_naming(identity.email, references).order_by("issued_on")
    ]


def transfers(identity: Identity) -> Rows:
    rows = kept_by_law.transfers_naming(identity.full_names)
    return [facts(row, "received_on", "amount", "text") for row in rows]


def messages(email: str) -> Rows:
    rows = Message.objects.filter(to_email__iexact=email)
    names = ("to_name", "to_email", "subject", "body", "state", "error", "created_at", "sent_at")
    return [
        facts(
            row,
            *names,
            files=(_("Files"), ", ".join(each["filename"] for each in row.attachments)),
        )
        for row in rows
    ]


def mentions(identity: Identity) -> Rows:
    """Of mails to others the subject, and the lines that say who the person is: no more, since the
    rest may be about somebody else."""
    others = Message.objects.exclude(to_email__iexact=identity.email)
    anywhere = naming(identity, "subject", "body", names=False)
    theirs = naming(identity, "subject", "body", names=True)
    said = others.filter(anywhere) | others.filter(theirs, about__in=identity.references)
    return [
        facts(row, "subject", "created_at", lines=(_("Text"), _lines(row.body, identity)))
        for row in said.order_by("created_at")
    ]


def _lines(body: str, identity: Identity) -> str:
    known = [text.lower() for text in (identity.email, *identity.phones, *identity.full_names)]
    return "\n".join(
        line for line in body.splitlines() if any(text in line.lower() for text in known)
    )


def links(email: str) -> Rows:
    rows = Link.objects.filter(address__iexact=email).order_by("created_at")
    return [
        facts(
            row,
            purpose=(_("What for"), str(LINKS_ARE_FOR.get(row.purpose, row.purpose))),
            created_at=(_("Created"), row.created_at),
            expires_at=(_("Works until"), row.expires_at),
        )
        for row in rows
    ]


def jobs(email: str) -> Rows:
    return [
        [Fact("name", _("Job"), name, name), Fact("state", _("State"), state, state)]
        for name, state in queue.given(email)
    ]


def pages(identity: Identity) -> Rows:
    rows = ContactPerson.objects.filter(email__iexact=identity.email).select_related("page")
    return [facts(row, "page", "name", "job_title", "email", "phone") for row in rows]


def bulk_actions(identity: Identity) -> Rows:
    rows = BulkItem.objects.filter(naming(identity, "outcome", names=False)).select_related("run")
    return [
        facts(row, "outcome", begun=(_("Begun"), row.run.created_at)) for row in rows.order_by("pk")
    ]


def imports(email: str) -> Rows:
    """Rows with their address in lists of members that somebody has uploaded, for as long as these
    wait to be taken in."""
    lists = MemberImport.objects.filter(saying_address(email, "rows"))
    return [
        facts(
            waiting,
            "network",
            "created_at",
            number=(_("Row"), number),
            text=(_("Text"), ", ".join(filter(None, cells))),
        )
        for waiting in lists.select_related("network").order_by("created_at")
        for number, cells in waiting.rows
        if says_address(email, cells)
    ]


def history(identity: Identity, *, for_staff: bool) -> Rows:
    """What happened to what is theirs: rows of their own, and memberships that they speak for."""
    entries = AuditEntry.objects.filter(subject__in=_subjects(identity)).order_by("at", "pk")
    if not for_staff:
        return [facts(row, "at", "action", "actor_kind") for row in entries]
    return [
        facts(row, "at", "action", "actor_kind", "user", "subject", "reason")
        for row in entries.select_related("user")
    ]


def readings(identity: Identity, *, for_staff: bool) -> Rows:
    """Which of the staff have opened it is for the data protection contact to know."""
    rows = AccessEntry.objects.filter(subject__in=_subjects(identity)).order_by("at", "pk")
    names = ("at", "kind", "user", "subject") if for_staff else ("at", "kind")
    return [facts(row, *names) for row in rows.select_related("user")]


def _subjects(identity: Identity) -> frozenset[str]:
    spoken_for = Membership.objects.filter(
        pk__in=identity.membership_keys, contact__email=identity.email
    )
    own = identity.references - identity.memberships
    return own | {audit.reference(row) for row in spoken_for}
