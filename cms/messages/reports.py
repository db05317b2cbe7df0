"""What mail servers report of mails they could not deliver: delivery status notifications.

RFC 3462 and 3464: a ``multipart/report`` with a part ``message/delivery-status``, in which each
recipient has an ``Action``, and the original mail or its headers behind it. We look for our own
Message-ID there; nothing else in a report is believed.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from uuid import UUID

from cms.messages import outbox

#: ``<uuid@domain>``, as ``composing.message_id`` writes it.
OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^>\s]+>", re.IGNORECASE)
#: "delayed", "delivered", "relayed" and "expanded" are no failures (RFC 3464, section 2.3.3).
FAILED = "failed"
#: Headers of a report that name the mail it is about, where that itself is missing.
REFERRING = ("In-Reply-To", "References", "X-Failed-Message-Id")


@dataclass(frozen=True)
class Report:
    """A mail that did not arrive, and why. ``mail_id``: of which message of ours."""

    mail_id: UUID
    reason: str


def read(raw: bytes) -> Report | None:
    """The report in a mail, or None: no report, no failure, or nothing of ours."""
    try:
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        reason = _failure(mail)
        mail_id = _mail_id(mail) if reason is not None else None
    except (MessageError, ValueError, LookupError):
        return None  # Not written as mails are; nobody of ours can be named by it.
    if mail_id is None:
        return None
    return Report(mail_id, reason or "")


def receive(raw: bytes) -> bool:
    """Note what a mail reports. True when it told of a message of ours that came back."""
    report = read(raw)
    return report is not None and outbox.bounced(report.mail_id, report.reason) is not None


def _failure(mail: EmailMessage) -> str | None:
    """Why delivery failed, in the server's words; None when it did not."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        # The first block is about the report itself, each further one about one recipient.
        for recipient in _blocks(part):
            if str(recipient.get("Action", "")).strip().lower() == FAILED:
                return _reason(recipient)
    return None


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)]


def _reason(recipient: Message) -> str:
    """Such as "5.1.1 smtp; 550 No such user"."""
    told = (recipient.get("Status"), recipient.get("Diagnostic-Code"))
    return " ".join(str(each).strip() for each in told if each)


def _mail_id(mail: EmailMessage) -> UUID | None:
    for part in mail.walk():
        # The original mail, or (text/rfc822-headers) its headers alone.
        original = part.get_content_type() in ("message/rfc822", "text/rfc822-headers")
        found = _our_id(_original_headers(part)) if original else None
        if found:
            return found
    return _our_id(" ".join(str(mail.get(name, "")) for name in REFERRING))


def _original_headers(part: Message) -> str:
    if part.get_content_type() == "message/rfc822":
        return " ".join(str(each.get("Message-ID", "")) for each in _blocks(part))
    content = part.get_payload(decode=True)
    headers = message_from_bytes(content if isinstance(content, bytes) else b"")
    return str(headers.get("Message-ID", ""))


def _our_id(text: str) -> UUID | None:
    found = OUR_ID.search(text)
    return UUID(found[1]) if found else None
