"""Sending the messages of the outbox: once each, and again when mail is down.

A message is claimed under its row's lock before it leaves, so that two workers never send it both.
A kill between the mail server's yes and our commit can send it a second time; it then carries the
same Message-ID, by which mail programs know it.

What a refusal means follows its code (RFC 5321, section 4.2.1): 4xx, like a server that doesn't
answer, is tried again with growing pauses; 5xx about the recipient or the mail is final at once.
"""

import logging
import smtplib
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.messages import composing
from cms.messages.composing import NoLink
from cms.messages.models import Message, MessageState
from cms.messages.outbox import SEND_MESSAGE, WAITING

logger = logging.getLogger(__name__)

#: Before the second attempt, the third, …: all in all two days, so that a weekend is survived.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
#: A message that has been "being sent" for longer was left behind by a worker that died: each
#: step of talking to the mail server ends after ``EMAIL_TIMEOUT``.
LEFT_BEHIND_AFTER = timedelta(minutes=5)
#: A waiting message this long past its time has lost its job.
OVERDUE_AFTER = timedelta(minutes=5)
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Refusal:
    """Why a mail did not leave. ``is_final``: trying again would change nothing."""

    text: str
    is_final: bool


def send(message_id: int) -> None:
    """Send one message, if it is due and nobody else has it in hand. Records how it went; an
    error that is not the mail's way to the server reaches the caller."""
    claimed = _claim(message_id)
    if claimed is None:
        return
    message, addresses = claimed
    try:
        composing.compose(message, addresses).send()
    except smtplib.SMTPException as error:
        _refused(message, _refusal(error))
    except OSError as error:
        _refused(message, Refusal(f"{type(error).__name__}: {error}", is_final=False))
    except ValueError as error:
        # What can't be written as a mail at all, such as an address that no header can hold.
        _refused(message, Refusal(f"{type(error).__name__}: {error}", is_final=True))
    else:
        _note(message, state=MessageState.SENT, sent_at=timezone.now(), error="", retry_at=None)


@transaction.atomic
def _claim(message_id: int) -> tuple[Message, dict[str, str]] | None:
    """Take a message in hand; returns it with its links' addresses, or None if it isn't due.

    The links are committed before the mail leaves: none is sent that does not work.
    """
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    if message is None or not _is_due(message):
        return None
    if message.useful_until and message.useful_until <= timezone.now():
        _stop(message, _("It was too late to be of use."))
        return None
    if message.attempts > len(PAUSES):
        # Every attempt was cut short: perhaps this message is what kills the workers.
        message.state = MessageState.FAILED
        message.save(update_fields=["state"])
        return None
    try:
        addresses = composing.issue_links(message)
    except NoLink:
        _stop(message, _("What it was for is over."))
        return None
    message.state = MessageState.SENDING
    message.attempts += 1
    message.claimed_at = timezone.now()
    message.save(update_fields=["state", "attempts", "claimed_at"])
    return message, addresses


def _stop(message: Message, why: str) -> None:
    message.state, message.error = MessageState.STOPPED, why
    message.save(update_fields=["state", "error"])


def _is_due(message: Message) -> bool:
    now = timezone.now()
    if message.state == MessageState.SENDING:
        return message.claimed_at is None or message.claimed_at <= now - LEFT_BEHIND_AFTER
    if message.state not in WAITING:
        return False
    return message.retry_at is None or message.retry_at <= now


def _refusal(error: smtplib.SMTPException) -> Refusal:
    """What the mail server's answer means for this message."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
        text = "; ".join(f"{code} {_decoded(answer)}" for code, answer in answers)
        return Refusal(text, is_final=all(code >= 500 for code, _answer in answers))
    if isinstance(error, smtplib.SMTPResponseException):
        text = f"{error.smtp_code} {_decoded(error.smtp_error)}"
        # A refused log-in, greeting or sender is our set-up's fault, not this message's: it is
        # mended, and the message goes out.
        about_the_mail = isinstance(error, smtplib.SMTPDataError)
        return Refusal(text, is_final=about_the_mail and error.smtp_code >= 500)
    # The connection was lost, or the server can't do what our set-up asks for.
    return Refusal(text, is_final=False)


def _decoded(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


@transaction.atomic
def _refused(message: Message, refusal: Refusal) -> None:
    """Plan the next attempt, or give the message up."""
    error = " ".join(refusal.text.split())[:500]
    if refusal.is_final or message.attempts > len(PAUSES):
        logger.error("Message %s could not be sent and is given up.", message.pk)
        _note(message, state=MessageState.FAILED, error=error, retry_at=None)
        return
    retry_at = timezone.now() + PAUSES[message.attempts - 1]
    logger.warning("Message %s could not be sent; next attempt at %s.", message.pk, retry_at)
    if _note(message, state=MessageState.RETRYING, error=error, retry_at=retry_at):
        SEND_MESSAGE.enqueue(at=retry_at, message_id=message.pk)


def _note(message: Message, **fields: object) -> bool:
    """Write how this attempt went, unless another has begun meanwhile."""
    mine = Message.objects.filter(
        pk=message.pk, state=MessageState.SENDING, attempts=message.attempts
    )
    return mine.update(**fields) == 1


def resume() -> int:
    """Enqueue messages that a dead worker left behind, and waiting ones whose job was lost;
    returns how many. Sending claims each, so that enqueuing one too many does no harm."""
    now = timezone.now()
    left_behind = Q(state=MessageState.SENDING) & (
        Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - LEFT_BEHIND_AFTER)
    )
    overdue = now - OVERDUE_AFTER
    waiting = Q(state=MessageState.QUEUED, created_at__lte=overdue) | Q(
        state=MessageState.RETRYING, retry_at__lte=overdue
    )
    keys = Message.objects.filter(left_behind | waiting).order_by("pk")
    found = list(keys.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for key in found:
        SEND_MESSAGE.enqueue(key=f"resume-message-{key}", message_id=key)
    return len(found)
