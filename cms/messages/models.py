"""The outbox: every message that is to be sent or was, with its state."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Message(models.Model):
    """One e-mail. ``key`` says what it is about, so that the same is never sent twice.

    The body holds a placeholder for each personal link; the token is made when the message is
    sent and is stored only as a hash, so that no reader of the outbox can follow it.
    """

    key = models.CharField(max_length=200, unique=True)
    template = models.CharField(_("template"), max_length=60)
    #: The opaque reference of the row that the message is about.
    about = models.CharField(_("about"), max_length=80, blank=True, db_index=True)
    to_name = models.CharField(_("recipient"), max_length=200, blank=True)
    to_email = models.EmailField(_("e-mail"))
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"))
    #: [{"name", "purpose", "subject", "path", "days"}]: links to be made when sent.
    links = models.JSONField(default=list, blank=True)
    #: [{"filename", "content_type", "content"}], text only (iCalendar).
    attachments = models.JSONField(default=list, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=MessageState.choices, default=MessageState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to_email}"
