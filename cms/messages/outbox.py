"""Putting messages in the outbox, and sending them from it.

``put`` belongs to the transaction of what the message tells of: rolled back, it was never written;
committed, it is sent, also after a kill. A kill between the mail server's yes and our commit can
send a message again; it then carries the same Message-ID, by which mail programs know it.
"""

import smtplib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html

from cms import links, queue
from cms.messages.models import Message, MessageState

SEND_MESSAGE = queue.Job("cms.send_message")


@dataclass(frozen=True)
class LinkRequest:
    """A personal link that the message is to carry. ``path`` holds ``{token}``."""

    name: str
    purpose: str
    subject: str
    path: str
    days: int

    def __str__(self) -> str:
        return f"[[{self.name}]]"


@dataclass(frozen=True)
class Attachment:
    filename: str
    content_type: str
    content: str


def put(
    *,
    key: str,
    template: str,
    to: tuple[str, str],
    context: Mapping[str, Any],
    about: str = "",
    link_requests: tuple[LinkRequest, ...] = (),
    attachments: tuple[Attachment, ...] = (),
) -> Message:
    """Write a message and enqueue its sending; a message of that key already there is returned.

    ``template`` names ``templates/messages/<template>.txt``: its first line is the subject.
    ``to`` is (name, address).
    """
    rendered = render_to_string(
        f"messages/{template}.txt",
        {**context, "links": {request.name: request for request in link_requests}},
    )
    subject, _separator, body = rendered.strip().partition("\n")
    # Whatever a visitor typed as a name: a line break would end the header it goes into.
    name, address = " ".join(to[0].split()), to[1]
    message, created = Message.objects.get_or_create(
        key=key,
        defaults={
            "template": template,
            "about": about,
            "to_name": name,
            "to_email": address,
            "subject": " ".join(subject.split())[:250],
            "body": body.strip(),
            "links": [asdict(request) for request in link_requests],
            "attachments": [asdict(attachment) for attachment in attachments],
        },
    )
    if created:
        SEND_MESSAGE.enqueue(message_id=message.pk)
    return message


def send(message_id: int) -> None:
    """Send one message of the outbox, unless it was sent. Errors reach the job's retry."""
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=message_id)
        if message.state == MessageState.SENT:
            return
        message.state = MessageState.SENDING
        message.attempts += 1
        message.save(update_fields=["state", "attempts"])
        # The tokens are committed before the mail leaves: none is sent that does not work.
        addresses = {link["name"]: _address(link, message) for link in message.links}
    try:
        _compose(message, addresses).send()
    except (OSError, smtplib.SMTPException) as error:
        Message.objects.filter(pk=message.pk).update(
            state=MessageState.FAILED, error=f"{type(error).__name__}: {error}"[:500]
        )
        raise
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.SENT, sent_at=timezone.now(), error=""
    )


def _address(link: dict[str, Any], message: Message) -> str:
    token = links.issue(
        purpose=link["purpose"],
        subject=link["subject"],
        lifetime=timedelta(days=link["days"]),
        address=message.to_email,
    )
    return str(settings.WAGTAILADMIN_BASE_URL) + link["path"].format(token=token)


def _compose(message: Message, addresses: dict[str, str]) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=_text(message.body, addresses),
        to=[formataddr((message.to_name, message.to_email))],
        headers={"Message-ID": f"<message-{message.pk}@{_domain()}>"},
    )
    html = render_to_string(
        "messages/base.html", {"message": message, "paragraphs": _paragraphs(message, addresses)}
    )
    mail.attach_alternative(html, "text/html")
    for attachment in message.attachments:
        mail.attach(attachment["filename"], attachment["content"], attachment["content_type"])
    return mail


def _text(body: str, addresses: dict[str, str]) -> str:
    for name, address in addresses.items():
        body = body.replace(f"[[{name}]]", address)
    return body


def _paragraphs(message: Message, addresses: dict[str, str]) -> list[str]:
    """The body for HTML: a paragraph that is a link alone, after its label, becomes a button."""
    paragraphs: list[str] = []
    for paragraph in message.body.split("\n\n"):
        label, _separator, placeholder = paragraph.strip().rpartition("\n")
        name = placeholder.strip().removeprefix("[[").removesuffix("]]")
        if name in addresses and placeholder.strip().startswith("[["):
            paragraphs.append(
                format_html(
                    '<a class="button" href="{}">{}</a>',
                    addresses[name],
                    label.strip().rstrip(":") or addresses[name],
                )
            )
        else:
            paragraphs.append(format_html("{}", _text(paragraph, addresses)))
    return paragraphs


def _domain() -> str:
    return str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].rstrip(">") or "localhost"
