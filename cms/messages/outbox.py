"""The outbox: putting messages in it, and what administrators and mail servers do to them there.

``put`` belongs to the transaction of what the message tells of: rolled back, it was never written;
committed, it is sent, also after a kill.
"""

import base64
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone, translation

from cms import audit, queue
from cms.audit import SYSTEM, Actor
from cms.messages import texts
from cms.messages.models import DID_NOT_ARRIVE, HandledBecause, Message, MessageState

SEND_MESSAGE = queue.Job("cms.send_message")

#: States in which nothing has left the house.
WAITING = frozenset({MessageState.QUEUED, MessageState.RETRYING})
#: … that an administrator may send again: it has not arrived and is not on its way.
SENDABLE_AGAIN = frozenset({MessageState.FAILED, MessageState.BOUNCED, MessageState.STOPPED})
#: The fields by which one that did not arrive leaves the desk.
HANDLED = ("handled_at", "handled_because")


class NotNow(Exception):
    """The message's state doesn't allow it."""


@dataclass(frozen=True)
class LinkRequest:
    """A personal link that the message is to carry. ``path`` holds ``{token}``.

    ``qr``: its address goes along as a QR code too, a PNG file, to be shown on a screen.
    """

    name: str
    purpose: str
    subject: str
    path: str
    days: int
    qr: bool = False

    def __str__(self) -> str:
        return f"[[{self.name}]]"


@dataclass(frozen=True)
class Attachment:
    """A file that goes along: text (a calendar) or bytes (a PDF, a picture)."""

    filename: str
    content_type: str
    content: str | bytes

    def stored(self) -> dict[str, Any]:
        """As JSON can hold it."""
        is_base64 = isinstance(self.content, bytes)
        content = self.content
        if isinstance(content, bytes):
            content = base64.b64encode(content).decode()
        return {
            "filename": self.filename,
            "content_type": self.content_type,
            "content": content,
            "is_base64": is_base64,
        }


@transaction.atomic
def put(
    *,
    key: str,
    template: str,
    to: tuple[str, str],
    context: Mapping[str, Any],
    about: str = "",
    scope: str = "",
    language: str = "",
    link_requests: tuple[LinkRequest, ...] = (),
    attachments: tuple[Attachment, ...] = (),
    useful_until: datetime | None = None,
) -> Message:
    """Write a message and enqueue its sending; a message of that key already there is returned.

    ``template`` is the kind; ``to`` is (name, address). ``scope``: whose text it gets and who may
    see it (empty: the whole site's). ``language``: the recipient's; else the site's first,
    whatever the request's. After ``useful_until`` it is not sent any more.
    """
    if existing := Message.objects.filter(key=key).first():
        return existing
    # Whatever a visitor typed as a name: a line break would end the header it goes into.
    name, address = " ".join(to[0].split()), to[1]
    language = language or settings.LANGUAGE_CODE
    links = {request.name: request for request in link_requests}
    named = {**context, "to_name": name, "links": links}
    text = texts.render(template, named, language=language, scope=scope)
    return _write(
        key,
        template=template,
        about=about,
        scope=scope,
        language=language,
        to_name=name,
        to_email=address,
        links=[asdict(request) for request in link_requests],
        attachments=[attachment.stored() for attachment in attachments],
        useful_until=useful_until,
        **text._asdict(),
    )


@transaction.atomic
def put_written(
    *,
    key: str,
    template: str,
    to: tuple[str, str],
    subject: str,
    body: str,
    link_requests: tuple[LinkRequest, ...] = (),
    **facts: Any,
) -> Message:
    """As ``put``, for a text that is written already, with ``str(request)`` where a link of
    ``link_requests`` is to stand."""
    name, address = " ".join(to[0].split()), to[1]
    links = [asdict(request) for request in link_requests]
    written = {"subject": " ".join(subject.split()), "body": body, "links": links}
    return _write(key, template=template, to_name=name, to_email=address, **written, **facts)


def _write(key: str, **fields: Any) -> Message:
    """Under the key once, also when two write at the same time; whoever wrote it has it sent."""
    message, created = Message.objects.get_or_create(key=key, defaults=fields)
    if created:
        SEND_MESSAGE.enqueue(message_id=message.pk)
    return message


def already_put(keys: list[str]) -> set[str]:
    """Those of the keys whose message was written: what is done of what is due."""
    return set(Message.objects.filter(key__in=keys).values_list("key", flat=True))


# What administrators do ------------------------------------------------------------------------


@transaction.atomic
def send_again(message_id: int, *, actor: Actor) -> Message:
    """Send one that did not arrive once more, to the same address and with the same text.

    Raises NotNow for one that was sent, or is about to be.
    """
    message = Message.objects.select_for_update().get(pk=message_id)
    if message.state not in SENDABLE_AGAIN:
        raise NotNow
    before = message.state
    message.state = MessageState.QUEUED
    message.attempts = 0
    message.error = ""
    message.retry_at = message.sent_at = message.useful_until = None
    message.handled_at, message.handled_because = None, ""
    message.save(
        update_fields=[
            "state",
            "attempts",
            "error",
            "retry_at",
            "sent_at",
            "useful_until",
            *HANDLED,
        ]
    )
    audit.record(actor=actor, action="message.sent_again", subject=message, before=before)
    SEND_MESSAGE.enqueue(message_id=message.pk)
    return message


@transaction.atomic
def stop(message_id: int, *, actor: Actor, reason: str = "") -> Message:
    """Keep a waiting message from being sent. Raises NotNow when it has left, or is leaving."""
    message = Message.objects.select_for_update().get(pk=message_id)
    if message.state not in WAITING:
        raise NotNow
    message.state = MessageState.STOPPED
    message.retry_at = None
    message.save(update_fields=["state", "retry_at"])
    audit.record(actor=actor, action="message.stopped", subject=message, reason=reason)
    return message


def is_unhandled(message: Message) -> bool:
    """It did not arrive, and nobody has said that nothing more is to be done."""
    return message.state in DID_NOT_ARRIVE and message.handled_at is None


@transaction.atomic
def handle(message_id: int, *, because: str, actor: Actor) -> Message:
    """Nothing more is to be done about a message that did not arrive. ``because``: one of
    ``HandledBecause``. Raises NotNow for any other message, and for one that is handled."""
    message = Message.objects.select_for_update().get(pk=message_id)
    if not is_unhandled(message):
        raise NotNow
    message.handled_at, message.handled_because = timezone.now(), because
    message.save(update_fields=HANDLED)
    # The history is read by all: it speaks the site's language, whoever is at work.
    with translation.override(settings.LANGUAGE_CODE):
        reason = str(HandledBecause(because).label)
    audit.record(actor=actor, action="message.handled", subject=message, reason=reason)
    return message


@transaction.atomic
def take_up_again(message_id: int, *, actor: Actor) -> Message:
    """Back to what waits for somebody. Raises NotNow for one that is not handled."""
    message = Message.objects.select_for_update().get(pk=message_id)
    if message.handled_at is None:
        raise NotNow
    message.handled_at, message.handled_because = None, ""
    message.save(update_fields=HANDLED)
    audit.record(actor=actor, action="message.taken_up_again", subject=message)
    return message


# What mail servers report ----------------------------------------------------------------------


@transaction.atomic
def bounced(mail_id: UUID, reason: str) -> Message | None:
    """Note that a sent message came back. None when we know of no such message.

    Only one that was sent, or is being sent, can come back: a report on an earlier attempt of
    one that is under way again changes nothing.
    """
    message = Message.objects.select_for_update().filter(mail_id=mail_id).first()
    if message is None:
        return None
    if message.state in (MessageState.SENT, MessageState.SENDING):
        message.state = MessageState.BOUNCED
        message.error = " ".join(reason.split())[:500]
        message.save(update_fields=["state", "error"])
        audit.record(actor=SYSTEM, action="message.bounced", subject=message)
    return message


def returning() -> models.QuerySet[Message]:
    """Messages that came back from an address to which none has been sent since."""
    later = Message.objects.filter(
        to_email=OuterRef("to_email"), pk__gt=OuterRef("pk"), state=MessageState.SENT
    )
    return Message.objects.filter(~Exists(later), state=MessageState.BOUNCED).order_by()


def returned_from(addresses: Collection[str]) -> dict[str, int]:
    """Those of the addresses from which mail comes back now, with how many came back."""
    rows = returning().filter(to_email__in=addresses).values("to_email")
    counted = rows.annotate(number=Count("pk"))
    return dict(counted.values_list("to_email", "number"))
