"""Invoices and credit notes: immutable documents in one gapless number series a year."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cms.searching import search_index
from payments.invoice_document import DocumentKind, InvoiceDocument
from payments.models.charge import Charge, Credit

KIND_CHOICES = [
    (DocumentKind.INVOICE.value, _("Invoice")),
    (DocumentKind.CREDIT_NOTE.value, _("Credit note")),
]


class NumberSeries(models.Model):
    """The numbers of one accounting year: locked and raised in the issuing transaction, so that a
    rollback or a kill leaves no gap."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class SkippedNumbers(models.Model):
    """Numbers of one accounting year that no document of ours has: they were given out after the
    backup from which the database was restored. The database refuses to change or delete it."""

    year = models.PositiveSmallIntegerField(_("accounting year"))
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    reason = models.CharField(_("reason"), max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["year", "first"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["year", "first"], name="numbers_skipped_once"),
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=F("first")), name="skipped_numbers_in_order"
            ),
        ]

    def __str__(self) -> str:
        numbers = f"{self.year}-{self.first:05d}"
        if self.last > self.first:
            numbers += f" – {self.year}-{self.last:05d}"
        return f"{numbers}: {self.reason}"

    @property
    def count(self) -> int:
        return self.last - self.first + 1


class Invoice(models.Model):
    """One document, with all that it says (``content``). The database refuses to change or delete
    it; every correction is a credit note. Amounts are whole øre, of a credit note too positive.
    """

    SEARCHED = ("number", "buyer_name")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=KIND_CHOICES)
    number = models.CharField(_("number"), max_length=30, unique=True)
    #: The accounting year, named by the calendar year in which it begins, and the place in it.
    year = models.PositiveSmallIntegerField(_("accounting year"))
    sequence = models.PositiveIntegerField()
    issued_on = models.DateField(_("issued"))
    due_on = models.DateField(_("due"), null=True, blank=True)
    charge = models.ForeignKey(
        Charge, verbose_name=_("charge"), on_delete=models.PROTECT, related_name="invoices"
    )
    #: What a credit note documents; empty for an invoice.
    credit = models.OneToOneField(
        Credit, null=True, blank=True, on_delete=models.PROTECT, related_name="credit_note"
    )
    corrects = models.ForeignKey(
        "self",
        verbose_name=_("corrects"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="credit_notes",
    )
    buyer_name = models.CharField(_("buyer"), max_length=200)
    net = models.BigIntegerField(_("excl. VAT"))
    vat = models.BigIntegerField(_("VAT"))
    gross = models.BigIntegerField(_("incl. VAT"))
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-year", "-sequence"]
        indexes = [search_index("number", "buyer_name", name="invoice_search")]
        permissions = [("export_invoice", "Can export invoices")]
        constraints = [
            models.UniqueConstraint(fields=["year", "sequence"], name="invoice_numbered_once"),
            models.UniqueConstraint(
                fields=["charge"], condition=Q(kind="invoice"), name="one_invoice_a_charge"
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", credit__isnull=True, corrects__isnull=True)
                | Q(kind="credit_note", credit__isnull=False, corrects__isnull=False),
                name="credit_note_corrects_an_invoice",
            ),
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("vat")) & Q(gross__gt=0),
                name="invoice_amounts_agree",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def document(self) -> InvoiceDocument:
        return InvoiceDocument.from_json(self.content)
