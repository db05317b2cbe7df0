"""The kinds of personal data that are kept for a time, in the order in which they are forgotten."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms import queue
from networks.models import Membership
from networks.services import retention_due as due
from networks.services.retention import Kind
from payments.models import Invoice
from payments.services import privacy as kept_by_law


def months(number: int) -> str:
    text: str = ngettext("%(number)s month", "%(number)s months", number)
    return text % {"number": number}


def days(number: int) -> str:
    text: str = ngettext("%(number)s day", "%(number)s days", number)
    return text % {"number": number}


def named_row(row: Any) -> str:
    """By its key: the preview is read by who may not see the members."""
    return f"{row._meta.verbose_name} {row.pk}"


def named_membership(row: Membership) -> str:
    return f"{row.network.title}: {row.organisation or row.pk}"


def named_invoice(row: Invoice) -> str:
    return str(row)


KINDS: tuple[Kind, ...] = (
    Kind(
        "unconfirmed",
        _("Unconfirmed sign-ups"),
        lambda row: days(row.unconfirmed_days),
        due.unconfirmed,
        due.forget_unconfirmed,
        named_membership,
    ),
    Kind(
        "closed",
        _("People of rejected, withdrawn and lapsed sign-ups"),
        lambda row: months(row.closed_months),
        due.closed,
        due.forget_people,
        named_membership,
    ),
    Kind(
        "ended",
        _("People of ended memberships"),
        lambda row: months(row.ended_months),
        due.ended,
        due.forget_people,
        named_membership,
    ),
    Kind(
        "participants",
        _("Participants who were taken off"),
        lambda row: months(row.ended_months),
        due.former_participants,
        due.forget_participants,
        named_row,
    ),
    Kind(
        "answers",
        _("Answers to extra questions"),
        lambda _row: _t("as each question says, after the end of the membership"),
        due.answers,
        due.delete,
        named_row,
    ),
    Kind(
        "guests",
        _("Guests"),
        lambda row: _t("%(span)s after the meeting") % {"span": months(row.guests_months)},
        due.old_guests,
        due.forget_guests,
        named_row,
    ),
    Kind(
        "join_requests",
        _("Requests to join"),
        lambda row: months(row.requests_months),
        due.join_requests,
        due.delete,
        named_row,
    ),
    Kind(
        "handovers",
        _("Handovers"),
        lambda row: months(row.requests_months),
        due.handovers,
        due.delete,
        named_row,
    ),
    Kind(
        "erasure_requests",
        _("Answered requests for erasure"),
        lambda row: months(row.requests_months),
        due.erasure_requests,
        due.delete,
        named_row,
    ),
    Kind(
        "people",
        _("People without a membership"),
        lambda row: months(row.closed_months),
        due.people_without_part,
        due.delete,
        named_row,
    ),
    Kind(
        "messages",
        _("Texts and addresses of mails"),
        lambda row: months(row.messages_months),
        due.messages,
        due.forget_messages,
        named_row,
    ),
    Kind(
        "history",
        _("Names and words of staff in the history"),
        lambda row: months(row.history_months),
        due.history,
        due.forget_history,
    ),
    Kind(
        "readings",
        _("Who read what"),
        lambda row: months(row.access_months),
        due.readings,
        due.delete,
    ),
    Kind(
        "member_imports",
        _("Lists of members that were not taken in"),
        lambda _row: days(1),
        due.member_imports,
        due.delete,
    ),
    Kind(
        "bulk_runs",
        _("Bulk actions"),
        lambda row: days(row.technical_days),
        due.bulk_runs,
        due.delete,
    ),
    Kind(
        "links",
        _("Personal links that work no more"),
        lambda row: days(row.technical_days),
        due.expired_links,
        due.delete,
    ),
    Kind(
        "jobs",
        _("Finished jobs"),
        lambda row: days(row.technical_days),
        due.finished_jobs,
        queue.forget,
    ),
    Kind(
        "sessions",
        _("Sessions that are over"),
        lambda _row: _t("until they end"),
        due.sessions,
        due.delete,
    ),
    Kind(
        "invoices",
        _("Names on invoices"),
        lambda row: (
            _t("%(years)s years after the end of the accounting year")
            % {"years": row.invoice_years}
        ),
        due.invoices,
        kept_by_law.forget_invoices,
        named_invoice,
    ),
)
