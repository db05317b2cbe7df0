"""Mails to finance about what a person must look at. Each has a key: told once, whatever repeats.

They go to the address of the payment settings; without one to everybody who may change payments;
without such a person to the organisation. Whoever calls is in the transaction of what is told.
"""

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cms.messages import kinds, outbox
from cms.messages.kinds import Context, Group, MessageKind, Placeholder
from payments import money
from payments.models import AWAITS_EVIDENCE, Payment, PaymentState, Refund, seller_settings
from payments.stripe_facts import DisputeFacts

ALERTS = Group(9, _("To finance"))
#: Finance is reminded of a dispute that is not answered so long before its deadline.
NEARLY_DUE = timedelta(days=3)
#: Stripe's words for the end of a dispute or inquiry.
CLOSED = ("won", "lost", "warning_closed")


def recipients() -> list[tuple[str, str]]:
    """(name, address) of those who are told."""
    organisation, own = seller_settings()
    if own.alert_email:
        return [("", own.alert_email)]
    people = get_user_model().objects.with_perm(
        "payments.change_payment",
        include_superusers=False,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    found = [(person.get_full_name(), person.email) for person in people if person.email]
    return found or ([("", organisation.email)] if organisation.email else [])


def _tell(key: str, *, title: str, text: str, payment: Payment | None = None) -> None:
    where = reverse("payments_payment_modeladmin_index")
    if payment:
        where = reverse("payments_payment_modeladmin_inspect", args=[quote(payment.pk)])
    for name, address in recipients():
        outbox.put(
            key=f"{key}:{address}"[:200],
            template="finance_alert",
            to=(name, address),
            context={
                "title": title,
                "text": text,
                "what": payment.charge.description if payment else "",
                "amount": money.format_kroner(payment.amount) if payment else "",
                "url": urljoin(settings.WAGTAILADMIN_BASE_URL, where),
            },
        )


def needs_review(payment: Payment) -> None:
    """Stripe says something else than was asked for, or the money came too late."""
    with override(settings.LANGUAGE_CODE):
        _tell(
            f"review:{payment.pk}:{payment.state}",
            title=_t("A payment needs review"),
            text=payment.review_reason,
            payment=payment,
        )


def refund_failed(refund: Refund) -> None:
    """The money is back with us and still owed to the buyer."""
    with override(settings.LANGUAGE_CODE):
        text = _t(
            "%(amount)s could not be sent back: %(failure)s. What was credited stays credited, "
            "and the buyer is owed the money. Send it back again from the payment's page."
        ) % {"amount": money.format_kroner(refund.amount), "failure": refund.failure or "–"}
        _tell(
            f"refund_failed:{refund.pk}",
            title=_t("A refund failed"),
            text=text,
            payment=refund.payment,
        )


def dispute_changed(payment: Payment, dispute: DisputeFacts) -> None:
    """A dispute was opened, or closed; what lies between is Stripe's business."""
    with override(settings.LANGUAGE_CODE):
        if dispute.status in AWAITS_EVIDENCE:
            title, text = _t("A payment is disputed"), _disputed(payment)
        elif dispute.status in CLOSED:
            title, text = _t("A dispute is closed"), _closed(dispute.status)
        else:
            return
        _tell(f"dispute:{dispute.id}:{dispute.status}", title=title, text=text, payment=payment)


def _disputed(payment: Payment) -> str:
    due = payment.dispute_due_by
    return _t(
        "Disputed: %(amount)s, reason: %(reason)s. Send the evidence in Stripe's dashboard by "
        "%(due)s. The membership stays as it is."
    ) % {
        "amount": money.format_kroner(payment.dispute_amount or payment.amount),
        "reason": payment.dispute_reason or "–",
        "due": date_format(localtime(due), "DATETIME_FORMAT") if due else "–",
    }


def _closed(status: str) -> str:
    return {
        "won": _t("It was won: the money comes back. Stripe's fee does not."),
        "lost": _t(
            "It was lost: the money stays with the buyer's bank. The membership stays as it is; "
            "decide whether the charge is credited or the buyer is asked to pay again."
        ),
    }.get(status, _t("The bank asks no further questions. No money moved."))


def remind_of_disputes() -> None:
    """Disputes that are still ours to answer shortly before the deadline, once each."""
    now = timezone.now()
    due = Payment.objects.filter(
        state=PaymentState.SUCCEEDED,
        dispute_state__in=AWAITS_EVIDENCE,
        dispute_due_by__range=(now, now + NEARLY_DUE),
    )
    for payment in due.select_related("charge"):
        with override(settings.LANGUAGE_CODE), transaction.atomic():
            _tell(
                f"dispute_due:{payment.pk}:{payment.dispute_due_by}",
                title=_t("A dispute must be answered soon"),
                text=_disputed(payment),
                payment=payment,
            )


def key_refused() -> None:
    """Stripe refuses our key: card payment is off until it is mended; told once a day."""
    with override(settings.LANGUAGE_CODE), transaction.atomic():
        _tell(
            f"key_refused:{timezone.localdate()}",
            title=_t("Stripe refuses the site's key"),
            text=_t(
                "Card payment is off until the key is replaced. Sign-up goes on with e-invoice, "
                "and payments made before are brought in afterwards. Tell whoever runs the site."
            ),
        )


def stripe_silent(since: datetime) -> None:
    """Stripe's events can't be read, or nobody read them; told once a day."""
    with override(settings.LANGUAGE_CODE), transaction.atomic():
        _tell(
            f"stripe_silent:{timezone.localdate()}",
            title=_t("Stripe's events have not been read for long"),
            text=_t(
                "Last read: %(when)s. Payments, refunds and disputes since then may be missing "
                "here. They are brought in by themselves when Stripe answers again; tell whoever "
                "runs the site if it goes on."
            )
            % {"when": date_format(localtime(since), "DATETIME_FORMAT")},
        )


# The kind of message ---------------------------------------------------------------------------


def _sample(row: object) -> Context:
    return {
        "title": _t("A payment is disputed"),
        "text": _t("The bank asks no further questions. No money moved."),
        "what": _t("Membership"),
        "amount": money.format_kroner(875_000),
        "url": urljoin(settings.WAGTAILADMIN_BASE_URL, "/"),
    }


kinds.register(
    MessageKind(
        "finance_alert",
        group=ALERTS,
        label=_("Alert about a payment"),
        sent=_("When a payment needs a person: disputed, not sent back, not as it was asked for."),
        to=_("The address in the payment settings, else everybody who may change payments"),
        placeholders=(
            Placeholder("modtager", _("the recipient's name"), "to_name"),
            Placeholder("hændelse", _("what has happened"), "title"),
            Placeholder("forklaring", _("what it means and what is to be done"), "text"),
            Placeholder("ydelse", _("what was paid for"), "what"),
            Placeholder("beløb", _("the amount"), "amount"),
            Placeholder("adresse", _("the page in the administration"), "url"),
        ),
        sample=_sample,
        of_one_network=False,
    )
)
