"""Who read which people's data: kept apart from the history of changes.

One cheap INSERT for each page or report. It names the row by its key, and never says what stood in
it. Exports of lists are told by the history (``list.exported``).
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessKind(models.TextChoices):
    PAGE = "page", _("Opened a page")
    REPORT = "report", _("Made an access report")
    DOWNLOAD = "download", _("Downloaded a file")


class AccessEntry(models.Model):
    """One reading by a signed-in user. Never updated.

    ``subject`` is the row (``app.model:pk``).
    """

    at = models.DateTimeField(_("time"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    kind = models.CharField(_("what was done"), max_length=10, choices=AccessKind.choices)
    subject = models.CharField(_("subject"), max_length=80)

    class Meta:
        verbose_name = _("reading of personal data")
        verbose_name_plural = _("readings of personal data")
        ordering = ["-at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-at"], name="access_at"),
            models.Index(fields=["subject", "-at"], name="access_subject_at"),
            models.Index(fields=["user", "-at"], name="access_user_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"


def note(user: Any, kind: AccessKind, *, subject: str) -> None:
    """Write down that the user read it."""
    AccessEntry.objects.create(user=user, kind=kind, subject=subject)
