"""Meetings: inlines of their season, edited with the network's page.

Publishing writes every column of these rows. Whatever anything but the editor's form writes about
a meeting lives in ``MeetingRecord``.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from cms.searching import search_index
from home.blocks import PLAIN_FEATURES
from networks.models.panels import MeetingStatePanel
from networks.rules.pricing import MeetingFacts


class MeetingKind(models.TextChoices):
    MEETING = "meeting", _("Meeting")
    WORKSHOP = "workshop", _("Workshop")
    STUDY_TRIP = "study_trip", _("Study trip")
    ONLINE = "online", _("Online meeting")


class Meeting(Orderable):
    """A meeting (møde): aware start and end, **or** a text in place of a date."""

    SEARCHED = ("title", "venue")

    season = ParentalKey("networks.Season", on_delete=models.CASCADE, related_name="meetings")
    kind = models.CharField(
        _("kind"), max_length=12, choices=MeetingKind.choices, default=MeetingKind.MEETING
    )
    title = models.CharField(_("title"), max_length=150, blank=True)
    starts_at = models.DateTimeField(_("start"), null=True, blank=True)
    ends_at = models.DateTimeField(_("end"), null=True, blank=True)
    date_text = models.CharField(
        _("date to be announced"),
        max_length=60,
        blank=True,
        help_text=_("In place of start and end, for example: September 2027."),
    )
    included = models.BooleanField(
        _("included in the fee"),
        default=True,
        help_text=_("Only included meetings count for the price by meetings left."),
    )
    venue = models.CharField(_("venue"), max_length=200, blank=True)
    host = models.ForeignKey(
        "networks.Municipality",
        verbose_name=_("host municipality"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    capacity = models.PositiveIntegerField(
        _("room for"),
        null=True,
        blank=True,
        help_text=_("The number of people that the venue holds. Empty: no limit."),
    )
    online_link = models.URLField(
        _("online link"), blank=True, help_text=_("Shown to members only.")
    )
    speakers = models.TextField(_("speakers"), blank=True, help_text=_("One a line."))
    agenda = RichTextField(_("agenda"), features=PLAIN_FEATURES, blank=True)

    panels = [
        MeetingStatePanel(),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("title")]),
        FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at"), FieldPanel("date_text")]),
        FieldPanel("included"),
        FieldRowPanel([FieldPanel("venue"), FieldPanel("host"), FieldPanel("capacity")]),
        FieldPanel("online_link"),
        FieldPanel("speakers"),
        FieldPanel("agenda"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes = [search_index("title", "venue", name="meeting_search")]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The meeting ends before it starts.")})
        if bool(self.starts_at) != bool(self.ends_at):
            missing = "ends_at" if self.starts_at else "starts_at"
            raise ValidationError({missing: _("A meeting with a date has both start and end.")})

    @property
    def label(self) -> str:
        """Title, or kind; with the date, so that an error can name the meeting."""
        name = self.title or str(MeetingKind(self.kind).label)
        if self.starts_at:
            return f"{name} {timezone.localtime(self.starts_at):%d.%m.%Y}"
        return f"{name} {self.date_text}".strip()

    @property
    def uid(self) -> str:
        """The iCalendar UID: derived from the key, so that nothing can change it (RFC 5545)."""
        return f"meeting-{self.pk}@kommunenetvaerk"

    @property
    def is_cancelled(self) -> bool:
        record = getattr(self, "record", None)
        return record is not None and record.cancelled_at is not None

    def is_left(self, now: datetime) -> bool:
        return self.facts().is_left(now)

    def facts(self, cancelled: set[int] | None = None) -> MeetingFacts:
        return MeetingFacts(
            key=self.pk,
            starts_at=self.starts_at,
            included=self.included,
            cancelled=self.is_cancelled if cancelled is None else self.pk in cancelled,
        )


class MeetingRecord(models.Model):
    """What is written about a meeting by anything but the editor's form.

    ``told_*`` is what the calendar last said; a publication that changes it raises ``sequence``.
    """

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="record")
    sequence = models.PositiveIntegerField(default=0)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    told_starts_at = models.DateTimeField(null=True, blank=True)
    told_ends_at = models.DateTimeField(null=True, blank=True)
    told_place = models.CharField(max_length=300, blank=True)
    told_online_link = models.CharField(max_length=250, blank=True)
    #: Empty: nothing was told yet, so that what is published first is what calendars begin with.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("meeting record")
        verbose_name_plural = _("meeting records")

    def __str__(self) -> str:
        return str(self.meeting)
