"""What staff write to members whom they choose."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from cms.messages import kinds, texts
from cms.messages.texts import Text
from networks.models import Membership
from networks.rules.states import FINAL
from networks.services.errors import NotPossible
from networks.services.notices.letters import context_of, notify
from networks.services.scopes import scope_of

LETTER = "letter"


def obstacle(membership: Membership) -> str:
    """Why the membership's contact can't be written to; empty when they can. Needs the contact."""
    if membership.contact.erased_at:
        return _("The contact's data are erased.")
    if membership.state in FINAL:
        return _("Its state is: %(state)s") % {"state": membership.get_status_display()}
    if membership.address_confirmed_at is None:
        return _("The address has not been confirmed yet.")
    return ""


def once_each(memberships: Iterable[Membership]) -> dict[UUID, bool]:
    """{membership: whether it is the first of its contact's}: nobody gets the same twice."""
    seen: set[str] = set()
    first: dict[UUID, bool] = {}
    for membership in memberships:
        address = membership.contact.email
        first[membership.pk] = address not in seen
        if not obstacle(membership):
            seen.add(address)
    return first


@transaction.atomic
def write(
    membership_id: UUID | str, *, subject: str, text: str, occasion: str, actor: Actor
) -> Membership:
    """Mail the text to the membership's contact; once for an ``occasion``, however often asked.

    Raises NotPossible. The history tells that somebody wrote, the outbox what.
    """
    rows = Membership.objects.select_related("network", "contact", "municipality")
    membership = rows.get(pk=membership_id)
    if why := obstacle(membership):
        raise NotPossible(why)
    notify(membership, LETTER, key=occasion, context={"subject": subject, "text": text})
    audit.record(actor=actor, action="membership.written_to", subject=membership)
    return membership


def as_sent(membership: Membership, *, subject: str, text: str) -> Text:
    """Subject and body as that member would get them. Nothing is stored or sent."""
    kind = kinds.find(LETTER)
    assert kind is not None, "The kind is registered with the others."
    context = {
        **context_of(membership),
        "to_name": membership.contact.name,
        "links": {},
        "subject": subject,
        "text": text,
    }
    with texts.in_language(membership.language):
        own = texts.find(kind, language=membership.language, scope=scope_of(membership.network))
        return texts.fill(kind, own, context) if own else texts.usual(LETTER, context)
