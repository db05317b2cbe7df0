"""Who did what, when and why: the history that outlives erasure in pseudonymised form."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class ActorKind(models.TextChoices):
    VISITOR = "visitor", _("Visitor by link")
    USER = "user", _("Staff")
    SYSTEM = "system", _("The system")


@dataclass(frozen=True)
class Actor:
    """Whoever caused a change: a visitor by link, a signed-in user, or the system."""

    kind: ActorKind
    user: Any = None

    @classmethod
    def by(cls, user: AbstractBaseUser) -> "Actor":
        return cls(ActorKind.USER, user)


VISITOR = Actor(ActorKind.VISITOR)
SYSTEM = Actor(ActorKind.SYSTEM)


class AuditEntry(models.Model):
    """One change of one row. Never updated. ``data`` holds no personal data, only field names."""

    at = models.DateTimeField(_("time"), auto_now_add=True)
    actor_kind = models.CharField(_("actor"), max_length=10, choices=ActorKind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    action = models.CharField(_("action"), max_length=60)
    subject = models.CharField(_("subject"), max_length=80)
    reason = models.TextField(_("reason"), blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["subject", "at"], name="audit_subject_at")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


def reference(instance: models.Model) -> str:
    """How a row is named in the audit log and in opaque references: ``app.model:pk``."""
    return f"{instance._meta.label_lower}:{instance.pk}"


def record(
    *, actor: Actor, action: str, subject: models.Model, reason: str = "", **data: Any
) -> AuditEntry:
    """Write one entry, in the transaction of the change that it tells of."""
    return AuditEntry.objects.create(
        actor_kind=actor.kind,
        user=actor.user,
        action=action,
        subject=reference(subject),
        reason=reason,
        data=data,
    )


def record_all(
    *,
    actor: Actor,
    action: str,
    subjects: Iterable[models.Model],
    reason: str = "",
    **data: Any,
) -> None:
    """Write the same entry for each of many rows, in the transaction of their change."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor_kind=actor.kind,
            user=actor.user,
            action=action,
            subject=reference(subject),
            reason=reason,
            data=data,
        )
        for subject in subjects
    )


def history(subject: models.Model) -> models.QuerySet[AuditEntry]:
    """The row's entries, newest first."""
    return AuditEntry.objects.filter(subject=reference(subject)).select_related("user")
