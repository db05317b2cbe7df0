"""What is owed: a charge with its lines, and what was taken off it again."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cms.searching import search_index


class PaymentMethod(models.TextChoices):
    CARD = "card", _("Card or MobilePay")
    INVOICE = "invoice", _("E-invoice")


class ChargeState(models.TextChoices):
    OPEN = "open", _("Open")
    PAID = "paid", _("Paid")
    CREDITED = "credited", _("Credited")


class Buyer(models.Model):
    """What an invoice must say of its buyer (momsbekendtgørelsen § 58; Peppol BIS Billing 3.0).

    Abstract: a charge freezes a copy, a membership keeps what was given at sign-up.
    """

    SEARCHED: tuple[str, ...] = (
        "buyer_name",
        "buyer_cvr",
        "buyer_gln",
        "buyer_reference",
        "order_number",
        "buyer_contact",
        "buyer_email",
    )

    buyer_name = models.CharField(_("buyer"), max_length=200, blank=True)
    buyer_street = models.CharField(_("address"), max_length=200, blank=True)
    buyer_postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    buyer_city = models.CharField(_("city"), max_length=100, blank=True)
    buyer_cvr = models.CharField(_("CVR number"), max_length=8, blank=True)
    buyer_gln = models.CharField(_("EAN/GLN number"), max_length=13, blank=True)
    #: personreference → BuyerReference
    buyer_reference = models.CharField(_("person reference"), max_length=100, blank=True)
    #: → OrderReference/ID; one of the two references is mandatory (PEPPOL-EN16931-R003)
    order_number = models.CharField(_("order number"), max_length=100, blank=True)
    #: kontostreng → AccountingCost
    account_string = models.CharField(_("account string"), max_length=100, blank=True)
    buyer_contact = models.CharField(_("contact person"), max_length=200, blank=True)
    buyer_email = models.EmailField(_("e-mail"), blank=True)

    class Meta:
        abstract = True

    @classmethod
    def buyer_fields(cls) -> list[str]:
        return [field.name for field in Buyer._meta.get_fields()]

    def buyer(self) -> dict[str, str]:
        """The fields as a mapping, for freezing a copy."""
        return {name: getattr(self, name) for name in self.buyer_fields()}


class Charge(Buyer):
    """One sum owed for a stated reason. All amounts whole øre; frozen when made.

    ``reference`` (what is charged) and ``scope`` (who may see it) are opaque here. ``key`` is the
    caller's: many attempts to charge the same make one charge.
    """

    SEARCHED = ("description", *Buyer.SEARCHED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=120, unique=True)
    reference = models.CharField(max_length=80, db_index=True)
    scope = models.CharField(max_length=80)
    scope_label = models.CharField(_("network"), max_length=250)
    description = models.CharField(_("description"), max_length=250)
    method = models.CharField(_("payment method"), max_length=10, choices=PaymentMethod.choices)
    net = models.BigIntegerField(_("excl. VAT"))
    vat = models.BigIntegerField(_("VAT"))
    gross = models.BigIntegerField(_("incl. VAT"))
    credited = models.BigIntegerField(_("credited incl. VAT"), default=0)
    #: The period delivered, local dates (momsbekendtgørelsen § 58).
    period_start = models.DateField(_("period from"), null=True, blank=True)
    period_end = models.DateField(_("period until"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ChargeState.choices, default=ChargeState.OPEN
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    #: Why no document could be issued; empty when nothing is wrong.
    invoice_problem = models.CharField(_("not invoiced"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        ordering = ["-created_at"]
        permissions = [("export_charge", "Can export charges")]
        indexes = [
            models.Index(fields=["-created_at"], name="charge_created"),
            models.Index(fields=["scope", "state"], name="charge_scope_state"),
            search_index("description", *Buyer.SEARCHED, name="charge_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("vat")) & Q(net__gt=0) & Q(vat__gte=0),
                name="charge_amounts_agree",
            ),
            models.CheckConstraint(
                condition=Q(credited__gte=0) & Q(credited__lte=F("gross")),
                name="charge_credited_within_gross",
            ),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False) | ~Q(state="paid"),
                name="charge_paid_has_time",
            ),
        ]

    def __str__(self) -> str:
        """What it is for, and who owes it."""
        return ", ".join(each for each in (self.description, self.buyer_name) if each)


class ChargeLine(models.Model):
    """``quantity`` × ``unit_price`` øre excl. VAT."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(_("description"), max_length=250)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.BigIntegerField(_("unit price excl. VAT"))
    #: Hundredths of a percent; 0 with a reason when exempt.
    vat_rate = models.PositiveIntegerField(_("VAT rate"))
    vat_exemption_reason = models.CharField(_("reason for exemption"), max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["charge", "position"], name="charge_line_position"),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def net(self) -> int:
        return self.quantity * self.unit_price


class Credit(models.Model):
    """A sum taken off a charge, with its reason. Never changed; whole øre."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="credits")
    key = models.CharField(max_length=120, unique=True)
    net = models.BigIntegerField(_("excl. VAT"))
    vat = models.BigIntegerField(_("VAT"))
    gross = models.BigIntegerField(_("incl. VAT"))
    reason = models.CharField(_("reason"), max_length=250)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("vat")) & Q(gross__gt=0), name="credit_amounts_agree"
            ),
        ]

    def __str__(self) -> str:
        return self.reason
