"""From a message of the outbox to the mail that leaves: text, HTML, links, attachments."""

import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.utils import formataddr
from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html

from cms import links
from cms.messages.models import Message

#: Pixels of one module of a QR code: a code of ours is some 300 pixels wide.
QR_SCALE = 7


class NoLink(Exception):
    """The link must not be made: what the message was for is over."""


#: (what the link opens, the recipient's address) → its address.
LinkMaker = Callable[[str, str], str]
_makers: dict[str, LinkMaker] = {}


def register_link(purpose: str, maker: LinkMaker) -> None:
    """Links of this purpose are no personal links of ours: ``maker`` makes them, each time that
    the message is sent. It raises NoLink."""
    _makers[purpose] = maker


def issue_links(message: Message) -> dict[str, str]:
    """Make the message's links; returns {name: address}. Raises NoLink."""
    return {link["name"]: _issue(link, message) for link in message.links}


def _issue(link: dict[str, Any], message: Message) -> str:
    if maker := _makers.get(link["purpose"]):
        return maker(link["subject"], message.to_email)
    token = links.issue(
        purpose=link["purpose"],
        subject=link["subject"],
        lifetime=timedelta(days=link["days"]),
        address=message.to_email,
    )
    return str(settings.WAGTAILADMIN_BASE_URL) + link["path"].format(token=token)


def message_id(message: Message) -> str:
    """The header by which mail programs know a second copy, and reports name the message."""
    domain = str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].rstrip(">") or "localhost"
    return f"<{message.mail_id}@{domain}>"


def compose(message: Message, addresses: Mapping[str, str]) -> EmailMultiAlternatives:
    """The mail. What comes back goes to ``BOUNCE_ADDRESS``, where one is set."""
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=with_links(message.body, addresses),
        from_email=settings.BOUNCE_ADDRESS or settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((message.to_name, message.to_email))],
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": message_id(message),
            # RFC 3834: no answer "I am on holiday" to what a machine wrote.
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(as_html(message, addresses), "text/html")
    for stored in message.attachments:
        content = stored["content"]
        if stored.get("is_base64"):
            content = base64.b64decode(content)
        mail.attach(stored["filename"], content, stored["content_type"])
    for link in message.links:
        if link.get("qr"):
            mail.attach(f"{link['name']}.png", qr_code(addresses[link["name"]]), "image/png")
    return mail


def as_html(message: Message, addresses: Mapping[str, str]) -> str:
    with translation.override(message.language):
        return render_to_string(
            "messages/base.html",
            {"message": message, "paragraphs": _paragraphs(message.body, addresses)},
        )


def with_links(body: str, addresses: Mapping[str, str]) -> str:
    for name, address in addresses.items():
        body = body.replace(f"[[{name}]]", address)
    return body


def qr_code(address: str) -> bytes:
    """A PNG file that a telephone reads the address from."""
    output = BytesIO()
    segno.make_qr(address, error="m").save(output, kind="png", scale=QR_SCALE)
    return output.getvalue()


def _paragraphs(body: str, addresses: Mapping[str, str]) -> list[str]:
    """The body for HTML: a paragraph that is a link alone, after its label, becomes a button."""
    paragraphs: list[str] = []
    for paragraph in body.split("\n\n"):
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
            paragraphs.append(format_html("{}", with_links(paragraph, addresses)))
    return paragraphs
