"""Memberships, and the lock under which their places are decided."""

import uuid
from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.searching import search_index
from networks.models.pages import NetworkPage, Unit
from networks.models.person import Person
from networks.rules.eligibility import OrganisationKind
from networks.rules.states import HOLDS_PLACE, OPEN, Status
from payments.models import Buyer, PaymentMethod

STATUS_CHOICES = [
    (Status.UNCONFIRMED.value, _("Not confirmed")),
    (Status.PENDING_APPROVAL.value, _("Awaiting approval")),
    (Status.WAITLISTED.value, _("On the waiting list")),
    (Status.OFFERED.value, _("Offered a place")),
    (Status.AWAITING_PAYMENT.value, _("Awaiting payment")),
    (Status.ACTIVE.value, _("Active")),
    (Status.ENDED.value, _("Ended")),
    (Status.EXPIRED.value, _("Expired")),
    (Status.REJECTED.value, _("Rejected")),
    (Status.WITHDRAWN.value, _("Withdrawn")),
]

ORGANISATION_CHOICES = [
    (OrganisationKind.MUNICIPALITY.value, _("Municipality")),
    (OrganisationKind.STATE.value, _("State authority")),
    (OrganisationKind.REGION.value, _("Region")),
    (OrganisationKind.COMPANY.value, _("Private company")),
    (OrganisationKind.ASSOCIATION.value, _("Association or organisation")),
    (OrganisationKind.SELF_GOVERNING.value, _("Self-governing institution")),
]


class PlaceLock(models.Model):
    """The row that is locked while places of a network are decided.

    A row of its own, so that publishing the page and signing up don't wait for each other.
    """

    network = models.OneToOneField(
        NetworkPage, on_delete=models.CASCADE, related_name="place_lock", primary_key=True
    )

    def __str__(self) -> str:
        return f"place lock {self.network_id}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def open(self) -> "MembershipQuerySet":
        """Those that count as *the* membership of their unit."""
        return self.filter(status__in=OPEN)

    def holding(self, now: datetime) -> "MembershipQuerySet":
        """Those that hold a place now: by their state, or unconfirmed within their hours."""
        return self.filter(
            Q(status__in=HOLDS_PLACE) | Q(status=Status.UNCONFIRMED, holds_until__gt=now)
        )

    def occupying(self, now: datetime) -> int:
        """How many places are taken. Several unconfirmed ones of a unit hold one together, and
        none beside the unit's open membership."""
        return self.holding(now).values("unit_key").distinct().count()


class Membership(Buyer):
    """One unit's relation to one network, open-ended. ``status`` is written by
    ``services.lifecycle`` alone.

    ``unit_key`` names the unit: ``municipality:<id>``, ``organisation:<name>`` or
    ``person:<id>``. Amounts are whole øre excl. VAT. The ``buyer_*`` fields are what was given
    for the invoice; a charge freezes a copy.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(
        NetworkPage,
        verbose_name=_("network"),
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    unit_key = models.CharField(max_length=220)
    unit = models.CharField(_("unit"), max_length=12, choices=Unit.choices)
    municipality = models.ForeignKey(
        "networks.Municipality",
        verbose_name=_("municipality"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    organisation_kind = models.CharField(
        _("kind of organisation"),
        max_length=20,
        choices=ORGANISATION_CHOICES,
        default=OrganisationKind.MUNICIPALITY.value,
    )
    organisation_name = models.CharField(_("organisation"), max_length=200, blank=True)
    contact = models.ForeignKey(
        Person, verbose_name=_("contact"), on_delete=models.PROTECT, related_name="memberships"
    )
    invoice_contact = models.ForeignKey(
        Person,
        verbose_name=_("invoice contact"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    status = models.CharField(
        _("state"), max_length=20, choices=STATUS_CHOICES, default=Status.UNCONFIRMED.value
    )
    first_season = models.ForeignKey(
        "networks.Season",
        verbose_name=_("first season"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    method = models.CharField(
        _("payment method"), max_length=10, choices=PaymentMethod.choices, blank=True
    )
    #: The price that the visitor said yes to; a higher one is asked about again.
    accepted_net = models.BigIntegerField(_("accepted price excl. VAT"), default=0)
    #: Frozen on reaching awaiting payment or active.
    price_net = models.BigIntegerField(_("price excl. VAT"), null=True, blank=True)
    signed_up_at = models.DateTimeField(_("signed up"), auto_now_add=True)
    #: The order of the waiting list; an administrator may move one.
    queued_at = models.DateTimeField(_("in line since"), null=True, blank=True)
    address_at_domain = models.BooleanField(_("address at a known domain"), default=False)
    address_confirmed_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    #: Until when an unconfirmed one holds its place.
    holds_until = models.DateTimeField(null=True, blank=True)
    #: Of an offer, or of a payment by card.
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    activated_at = models.DateTimeField(_("active since"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancellation received"), null=True, blank=True)
    #: Local date of a cancellation: the last day of the membership.
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    #: Its people's names and addresses stand for nobody any more.
    erased_at = models.DateTimeField(_("people erased"), null=True, blank=True)
    #: The leaver's own words; erased with the people, unlike the history.
    leaving_reason = models.CharField(_("reason for leaving"), max_length=500, blank=True)
    #: Of the mails about it.
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="da"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["-signed_up_at"]
        permissions = [
            ("export_membership", "Can export memberships"),
            ("import_membership", "Can import memberships"),
        ]
        indexes = [
            models.Index(fields=["-signed_up_at"], name="membership_signed_up"),
            models.Index(fields=["network", "status", "queued_at"], name="membership_queue"),
            models.Index(
                fields=["deadline"],
                name="membership_deadline",
                condition=Q(deadline__isnull=False),
            ),
            search_index("organisation_name", name="membership_search"),
            search_index(*Buyer.SEARCHED, name="membership_buyer_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "unit_key"],
                condition=Q(status__in=sorted(OPEN)),
                name="one_open_membership",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ACTIVE)
                | Q(activated_at__isnull=False, price_net__isnull=False),
                name="active_has_time_and_price",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.AWAITING_PAYMENT, Status.OFFERED])
                | Q(deadline__isnull=False),
                name="deadline_where_one_is_promised",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.WAITLISTED) | Q(queued_at__isnull=False),
                name="waitlisted_is_in_line",
            ),
            models.CheckConstraint(
                condition=Q(unit=Unit.MUNICIPALITY) | Q(unit=Unit.PERSON),
                name="membership_unit_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_name} – {self.network.title}"

    @property
    def party_name(self) -> str:
        """Whose membership it is, as people say it."""
        if self.unit == Unit.PERSON:
            return self.contact.name
        return self.organisation

    @property
    def formal_name(self) -> str:
        """The party in a sentence of a letter: Vesthimmerlands Kommune."""
        if self.unit != Unit.PERSON and self.municipality:
            return self.municipality.official_name
        return self.party_name

    @property
    def organisation(self) -> str:
        return self.municipality.name if self.municipality else self.organisation_name

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def needs_approval(self) -> bool:
        """No offer and no place without an administrator's yes to the address."""
        return not self.address_at_domain and self.approved_at is None

    def is_leaving(self, today: date) -> bool:
        return self.state == Status.ACTIVE and self.ends_on is not None and self.ends_on >= today
