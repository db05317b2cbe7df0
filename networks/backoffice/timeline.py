"""A membership's story: what its history, mails, people and money say, in at most three queries
beside the page's own.

Each reader is told the kinds that they may see: a coordinator no money, nobody a mail that the
outbox would not show.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.admin.utils import quote
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cms.audit import AuditEntry, reference
from cms.backoffice.history import actor_label
from cms.backoffice.listing import status_tag
from cms.backoffice.timeline import Event, Timeline
from cms.policy import User
from networks.backoffice.wording import (
    ACTION_LABELS,
    action_label,
    message_state,
    message_tone,
    shown_body,
)
from networks.models import Meeting, Membership, Participant, Person
from networks.policies import message_policy
from payments.backoffice.story import MONEY, pages, story
from payments.models import Charge
from payments.policies import charge_policy

MEMBERSHIP, PEOPLE, MAIL = "membership", "people", "mail"
KINDS: dict[str, Any] = {
    MEMBERSHIP: _("Membership"),
    PEOPLE: _("People and seats"),
    MAIL: _("Mails"),
    MONEY: _("Money"),
}

#: Beginnings of actions → kind; the longest that fits counts, and MEMBERSHIP if none does.
_ACTION_KINDS = {
    "charge.": MONEY,
    "invoice.": MONEY,
    "payment.": MONEY,
    "transfer.": MONEY,
    "membership.compensated": MONEY,
    "membership.buyer_corrected": MONEY,
    "membership.contact_corrected": PEOPLE,
    "membership.handover": PEOPLE,
    "membership.join": PEOPLE,
    "membership.own_data": PEOPLE,
    "membership.address_change": PEOPLE,
    "membership.language": PEOPLE,
    "membership.calendar": PEOPLE,
    "membership.erasure": PEOPLE,
    "membership.participant": PEOPLE,
    "membership.people_imported": PEOPLE,
    "participant.": PEOPLE,
    "seats.": PEOPLE,
    "attendance.": PEOPLE,
    "consent.": PEOPLE,
    "message.": MAIL,
}
#: What the charges themselves tell, with more to it.
_TOLD_BY_CHARGES = {"charge.paid", "charge.reissued"}
#: Audit data → whose fields the names in it are.
_FIELDS_OF = (Membership, Person, Participant)


def kind_of(action: str) -> str:
    fitting = [beginning for beginning in _ACTION_KINDS if action.startswith(beginning)]
    return _ACTION_KINDS[max(fitting, key=len)] if fitting else MEMBERSHIP


def kinds_for(user: User) -> dict[str, Any]:
    """The kinds of events that the user may see."""
    hidden = set()
    if not charge_policy.user_has_permission(user, "view"):
        hidden.add(MONEY)
    if not message_policy.user_has_permission(user, "view"):
        hidden.add(MAIL)
    return {kind: label for kind, label in KINDS.items() if kind not in hidden}


def membership_timeline(
    membership: Any,
    user: User,
    asked: Mapping[str, Any],
    *,
    charges: list[Charge],
    participants: Iterable[Participant],
) -> Timeline:
    """``membership``: as its page read it. ``asked``: the page's parameters. ``charges``: as
    ``story.charges_of`` read them; ``participants``: all of the membership's."""
    events = [
        *_history(membership, charges, {each.pk: each.name for each in participants}),
        *_mails(membership, user),
        *_consents(membership),
        *story(charges),
    ]
    return Timeline(events, kinds_for(user), asked)


# Changes ------------------------------------------------------------------------------------------


def _history(
    membership: Membership, charges: list[Charge], names: dict[int, str]
) -> Iterator[Event]:
    of_charges = pages(charges)
    about = Q(subject__in=[reference(membership), *of_charges])
    entries = list(AuditEntry.objects.filter(about).select_related("user"))
    keys = {key for entry in entries for key in entry.data.get("meetings", [])}
    meetings = _meetings(keys)
    for entry in entries:
        is_own = entry.subject == reference(membership)
        if not (is_own and charges and entry.action in _TOLD_BY_CHARGES):
            yield _change(entry, names, meetings, *of_charges.get(entry.subject, ("", "")))
    if not any(entry.action.startswith("membership.signed_up") for entry in entries):
        title = ACTION_LABELS["membership.signed_up"]
        yield Event(membership.signed_up_at, MEMBERSHIP, title)


def _meetings(keys: set[int]) -> dict[int, str]:
    if not keys:
        return {}
    meetings = Meeting.objects.filter(pk__in=keys).select_related("season")
    return {meeting.pk: meeting.label for meeting in meetings}


def _change(
    entry: AuditEntry,
    names: dict[int, str],
    meetings: dict[int, str],
    subject: str = "",
    url: str = "",
) -> Event:
    """``subject``: what of the membership's it happened to, where that has a page: at ``url``."""
    data = entry.data
    people = [data["participant"]] if "participant" in data else data.get("participants", [])
    told = [
        subject,
        ", ".join(names[key] for key in people if key in names),
        ", ".join(meetings[key] for key in data.get("meetings", []) if key in meetings),
        ", ".join(str(field_label(name)) for name in data.get("fields", [])),
    ]
    return Event(
        entry.at,
        kind_of(entry.action),
        action_label(entry.action),
        actor=actor_label(entry),
        reason=entry.reason,
        details=[each for each in told if each],
        url=url,
    )


def field_label(name: str) -> Any:
    """What the field of that name is called, of whichever model has one: never its value."""
    for model in _FIELDS_OF:
        try:
            return capfirst(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        except FieldDoesNotExist:
            continue
    return name


# Mails, consents ----------------------------------------------------------------------------------


def _mails(membership: Membership, user: User) -> Iterator[Event]:
    messages = message_policy.instances_user_has_permission_for(user, "view")
    about = messages.filter(about=reference(membership)).defer("attachments", "links")
    for message in about:
        yield Event(
            message.created_at,
            MAIL,
            message.subject,
            details=[message.to_email, *([message.error] if message.error else [])],
            url=reverse("cms_message_modeladmin_inspect", args=[quote(message.pk)]),
            status=status_tag(message_state(message), message_tone(message)),
            text=shown_body(message),
        )


def _consents(membership: Any) -> Iterator[Event]:
    for row in membership.told_consents:
        details = [row["person"], f"{row['consent']} {row['version']}"]
        for at, title in (
            (row["given"], _("Consent given")),
            (row["withdrawn"], _("Consent withdrawn")),
        ):
            moment = parse_datetime(at) if at else None
            if moment:
                yield Event(moment, PEOPLE, title, details=details)
