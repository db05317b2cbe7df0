"""A list of members between its upload and the moment when it is taken in; what headings mean."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from networks.models.membership import ORGANISATION_CHOICES

#: For so long a list that was uploaded waits; then it is forgotten.
WAITS = timedelta(hours=24)


class MemberImportQuerySet(models.QuerySet["MemberImport"]):
    def kept(self) -> "MemberImportQuerySet":
        """Those that are shown: of the last day."""
        return self.filter(created_at__gt=timezone.now() - WAITS)

    def waiting(self) -> "MemberImportQuerySet":
        """Those that may be taken in."""
        return self.kept().filter(finished_at__isnull=True)


class MemberImport(models.Model):
    """The rows of one user's file, for that user alone; they go as soon as they are taken in, and
    what became of it is told for the rest of the day. The name of the file is not kept: it may
    hold a person's.

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
    #: Of organisations of which no column says it.
    organisation_kind = models.CharField(
        _("kind of organisation"), max_length=20, choices=ORGANISATION_CHOICES, blank=True
    )
    #: What was said yes to: the plan that was shown, and places that there are not.
    digest = models.CharField(max_length=64, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    above_capacity = models.BooleanField(default=False)
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    #: Why it was not taken in, in words.
    refusal = models.TextField(blank=True)
    members = models.PositiveIntegerField(_("new memberships"), default=0)
    participants = models.PositiveIntegerField(_("participants added"), default=0)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True, db_index=True)

    objects = MemberImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("list of members to import")
        verbose_name_plural = _("lists of members to import")
        ordering = ["-created_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"import {self.pk}"


class KnownHeading(models.Model):
    """What a column was said to be when its heading was met last, in whichever network's list.

    Kept as a digest: of a list without headings the first row is somebody's name and address.
    ``column`` empty: it was not used.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    column = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("heading of a list of members")
        verbose_name_plural = _("headings of lists of members")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.column}"
