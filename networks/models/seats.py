"""Who comes to which meeting: a membership's participants and seats, and the meeting's guests."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.searching import search_index
from networks.models.membership import Membership
from networks.rules.states import HOLDS_PLACE


class Participant(models.Model):
    """Someone who comes on a membership. *Standing*: taken for every coming meeting and season
    until changed. Who was taken off keeps the row, with ``left_at``: past meetings tell who came.
    """

    SEARCHED = ("name", "email")

    membership = models.ForeignKey(
        Membership,
        verbose_name=_("membership"),
        on_delete=models.CASCADE,
        related_name="participants",
    )
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"))
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    standing = models.BooleanField(_("every meeting"), default=True)
    #: Shown to the network's other members by name, title and municipality; theirs to turn off.
    shown_to_members = models.BooleanField(_("shown to fellow members"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(_("taken off"), null=True, blank=True)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "email"], name="participant_named_once"),
        ]
        indexes = [
            models.Index(fields=["email"], name="participant_email"),
            search_index("name", "email", name="participant_search"),
        ]

    def __str__(self) -> str:
        return self.name


class SeatQuerySet(models.QuerySet["Seat"]):
    def current(self) -> "SeatQuerySet":
        """Seats that are taken, not given back."""
        return self.filter(released_at__isnull=True)

    def counted(self, now: datetime) -> "SeatQuerySet":
        """Those that fill the venue: current, of memberships that hold a place."""
        return self.current().filter(
            Q(membership__status__in=HOLDS_PLACE) | Q(membership__holds_until__gt=now)
        )


class Seat(models.Model):
    """One participant at one meeting, on one membership. Given back, the row stays.

    ``number`` (1 … seats per meeting) is which of the membership's included seats it is: two
    people can't have the same one. Empty where the tariff sets no limit, and for an extra
    participant, who has a charge of their own (``charge_key``).
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="seats")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="seats")
    meeting = models.ForeignKey("networks.Meeting", on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    is_extra = models.BooleanField(_("extra participant"), default=False)
    charge_key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(_("given back"), null=True, blank=True)
    #: Given back since the membership was cancelled, by nobody's wish: undone, it comes back.
    by_cancellation = models.BooleanField(default=False, db_default=False)
    #: None: not noted.
    came = models.BooleanField(_("came"), null=True, blank=True)
    came_noted_at = models.DateTimeField(null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints = [
            models.UniqueConstraint(fields=["participant", "meeting"], name="one_seat_a_meeting"),
            models.UniqueConstraint(
                fields=["membership", "meeting", "number"],
                condition=Q(released_at__isnull=True, number__isnull=False),
                name="included_seat_taken_once",
            ),
            models.CheckConstraint(
                condition=Q(is_extra=False) | Q(number__isnull=True),
                name="extra_is_no_included_seat",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gte=1), name="seat_number_from_one"
            ),
            models.CheckConstraint(
                condition=Q(by_cancellation=False) | Q(released_at__isnull=False),
                name="cancelled_seat_is_given_back",
            ),
        ]
        indexes = [
            models.Index(
                fields=["meeting", "membership"],
                name="seat_current",
                condition=Q(released_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} – {self.meeting}"


class GuestState(models.TextChoices):
    INVITED = "invited", _("Invited")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Invitation withdrawn")


class Guest(models.Model):
    """A speaker or expert invited to one meeting (gæst): no member, never counted or charged."""

    SEARCHED = ("name", "email", "organisation")

    meeting = models.ForeignKey(
        "networks.Meeting",
        verbose_name=_("meeting"),
        on_delete=models.PROTECT,
        related_name="guests",
    )
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"))
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    purpose = models.CharField(
        _("invited to"), max_length=200, blank=True, help_text=_("For example: give a talk.")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=GuestState.choices, default=GuestState.INVITED
    )
    invited_at = models.DateTimeField(_("invited"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    came = models.BooleanField(_("came"), null=True, blank=True)
    came_noted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        ordering = ["name"]
        permissions = [("export_guest", "Can export guests")]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "email"], name="guest_invited_once"),
        ]
        indexes = [search_index("name", "email", "organisation", name="guest_search")]

    def __str__(self) -> str:
        return self.name
