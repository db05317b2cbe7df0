"""The outbox: every message that is to be sent or was, with its state. And the texts that
administrators have written in place of the usual ones.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.searching import search_index


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    #: Refused for now, or the mail server did not answer: tried again at ``retry_at``.
    RETRYING = "retrying", _("To be tried again")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    #: Sent, and returned by the recipient's mail server.
    BOUNCED = "bounced", _("Came back")
    #: Not sent: an administrator stopped it, or it came to be of no use.
    STOPPED = "stopped", _("Stopped")


#: States in which somebody should look whether the recipient was reached in another way.
DID_NOT_ARRIVE = (MessageState.FAILED, MessageState.BOUNCED)


class HandledBecause(models.TextChoices):
    """Why nothing more is to be done about a mail that did not arrive."""

    REACHED = "reached", _("The recipient was reached in another way")
    CORRECTED = "corrected", _("The address is corrected")
    LEFT = "left", _("The recipient has left")
    NOT_NEEDED = "not_needed", _("The mail is of no use any more")


class Message(models.Model):
    """One e-mail. ``key`` says what it is about, so that the same is never sent twice.

    The body holds a placeholder for each personal link; the token is made when the message is
    sent and is stored only as a hash, so that no reader of the outbox can follow it.
    """

    SEARCHED = ("to_name", "to_email")

    key = models.CharField(max_length=200, unique=True)
    #: What its Message-ID is made of: the same at every attempt, and not to be guessed, since
    #: whoever knows it can report the message as returned.
    mail_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    template = models.CharField(_("kind"), max_length=60, db_index=True)
    #: The opaque reference of the row that the message is about.
    about = models.CharField(_("about"), max_length=80, blank=True, db_index=True)
    #: Who may see it, and whose text it has; opaque. Empty: the whole site's.
    scope = models.CharField(_("network"), max_length=80, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    to_name = models.CharField(_("recipient"), max_length=200, blank=True)
    to_email = models.EmailField(_("e-mail"), db_index=True)
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"))
    #: [{"name", "purpose", "subject", "path", "days", "qr"}]: links to be made when sent.
    links = models.JSONField(default=list, blank=True)
    #: [{"filename", "content_type", "content", "is_base64"}]
    attachments = models.JSONField(default=list, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=MessageState.choices, default=MessageState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    #: Since when it is being sent.
    claimed_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    #: After that it is not sent any more: a reminder of what has begun.
    useful_until = models.DateTimeField(_("of use until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    #: Of one that did not arrive: when somebody said that nothing more is to be done, and why.
    #: Who it was, the history tells.
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    handled_because = models.CharField(
        _("handled because"), max_length=12, choices=HandledBecause.choices, blank=True
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-id"]
        permissions = [("export_message", "Can export messages")]
        indexes = [
            models.Index(fields=["-created_at"], name="message_created"),
            models.Index(fields=["scope", "-created_at"], name="message_scope_created"),
            models.Index(
                fields=["state"],
                name="message_not_arrived",
                condition=~Q(state="sent"),
            ),
            search_index("to_name", "to_email", name="message_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True, handled_because="")
                | (
                    Q(handled_at__isnull=False, state__in=["failed", "bounced"])
                    & ~Q(handled_because="")
                ),
                name="handled_did_not_arrive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to_email}"


class MessageTemplate(models.Model):
    """The text of a kind of message in one language, in place of the usual one.

    ``scope``: as on messages; empty is the whole site's, which a network's own goes before. With
    an empty body the usual text applies: the row stays, so that its history does.
    """

    template = models.CharField(_("kind"), max_length=60)
    scope = models.CharField(_("network"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    body = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("text of a message")
        verbose_name_plural = _("texts of messages")
        constraints = [
            models.UniqueConstraint(
                fields=["template", "scope", "language"], name="one_text_each_language"
            ),
            models.CheckConstraint(
                condition=Q(subject="", body="") | (~Q(subject="") & ~Q(body="")),
                name="text_has_subject_and_body",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.scope} {self.language}".strip()
