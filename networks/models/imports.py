"""A list of members between its upload and the moment when it is taken in."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: For so long a list that was uploaded waits; then it is forgotten.
WAITS = timedelta(hours=24)


class MemberImportQuerySet(models.QuerySet["MemberImport"]):
    def waiting(self) -> "MemberImportQuerySet":
        return self.filter(created_at__gt=timezone.now() - WAITS)


class MemberImport(models.Model):
    """The rows of one user's file, for that user alone; deleted with the import. The name of the
    file is not kept: it may hold a person's.

    ``rows``: [[number, [text for each heading]]]. ``columns``: {place: what it tells}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    network = models.ForeignKey(
        "networks.NetworkPage",
        verbose_name=_("network"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    season = models.ForeignKey(
        "networks.Season",
        verbose_name=_("season"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    headings = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True, db_index=True)

    objects = MemberImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("list of members to import")
        verbose_name_plural = _("lists of members to import")
        ordering = ["-created_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"import {self.pk}"
