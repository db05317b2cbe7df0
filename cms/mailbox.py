"""Development's mailbox: shows the mail that was sent, in the browser. Never in production."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

#: What Django's file backend writes after each mail.
SEPARATOR = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class ReceivedMail:
    """One sent mail as Django's file backend wrote it. ``key`` is file name and position."""

    key: str
    message: EmailMessage

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def attachments(self) -> list[str]:
        return [part.get_filename() or "" for part in self.message.iter_attachments()]


def received(directory: Path) -> list[ReceivedMail]:
    """All mails, newest first. Each connection to the backend wrote a file of its own."""
    mails = []
    for file in sorted(directory.glob("*.log"), key=lambda file: file.stat().st_mtime_ns):
        for position, raw in enumerate(file.read_bytes().split(SEPARATOR)):
            if raw.strip():
                message = message_from_bytes(raw.lstrip(), policy=policy.default)
                assert isinstance(message, EmailMessage)
                mails.append(ReceivedMail(f"{file.stem}-{position}", message))
    return mails[::-1]


def _mails() -> list[ReceivedMail]:
    if not settings.MAILBOX_DIRECTORY:
        raise Http404
    return received(Path(settings.MAILBOX_DIRECTORY))


def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/inbox.html", {"mails": _mails()})


def mail(request: HttpRequest, key: str) -> HttpResponse:
    for candidate in _mails():
        if candidate.key == key:
            return render(request, "mailbox/mail.html", {"mail": candidate})
    raise Http404


urlpatterns = [
    path("", inbox, name="mailbox"),
    path("<str:key>/", mail, name="mailbox_mail"),
]
