"""Which rows of each kind are due to be forgotten at a moment, and how a batch is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cms import queue
from cms.access_log import AccessEntry
from cms.audit import AuditEntry
from cms.bulk import BulkRun
from cms.links import Link
from cms.messages.models import Message, MessageState
from networks.models import (
    Answer,
    ConsentGiven,
    ErasureRequest,
    Guest,
    Handover,
    JoinRequest,
    MemberImport,
    Membership,
    Participant,
    Person,
    PrivacySettings,
)
from networks.models.imports import WAITS
from networks.rules.retention import days_before, months_before
from networks.rules.states import Status
from networks.services import erasure, forgetting, guests
from networks.services.identity import ERASED_DOMAIN, new_pseudonym
from payments.services import privacy as kept_by_law

OVER = (MessageState.SENT, MessageState.FAILED, MessageState.BOUNCED, MessageState.STOPPED)


def delete(rows: Sequence[Any]) -> None:
    model = type(rows[0])
    model._default_manager.filter(pk__in=[row.pk for row in rows]).delete()


# Members and colleagues -----------------------------------------------------------------------


def unconfirmed(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = days_before(now, settings.unconfirmed_days)
    rows = Membership.objects.filter(status=Status.UNCONFIRMED, signed_up_at__lt=limit)
    return _with_names(rows)


def forget_unconfirmed(rows: Sequence[Membership]) -> None:
    for row in rows:
        forgetting.forget_unconfirmed(row.pk)


def closed(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = months_before(now, settings.closed_months)
    over = (Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED)
    rows = Membership.objects.filter(status__in=over, closed_at__lt=limit, erased_at__isnull=True)
    return _with_names(rows)


def ended(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = months_before(now, settings.ended_months)
    rows = Membership.objects.filter(
        status=Status.ENDED, closed_at__lt=limit, erased_at__isnull=True
    )
    return _with_names(rows)


def _with_names(rows: QuerySet[Membership]) -> QuerySet[Any]:
    return rows.select_related("network", "municipality", "contact").order_by("pk")


def forget_people(rows: Sequence[Membership]) -> None:
    for row in rows:
        forgetting.forget_membership(row.pk)


def former_participants(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    """Taken off long ago from a membership that goes on."""
    limit = months_before(now, settings.ended_months)
    gone = Participant.objects.filter(left_at__lt=limit).exclude(email__endswith=ERASED_DOMAIN)
    return gone.order_by("pk")


def forget_participants(rows: Sequence[Participant]) -> None:
    for row in rows:
        pseudonym = new_pseudonym()
        erasure.pseudonymise_participants(Participant.objects.filter(pk=row.pk), pseudonym)


def people_without_part(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    """Nobody's contact, participant or guest any more, and nothing asked or said yes to."""
    limit = months_before(now, settings.closed_months)
    person = OuterRef("pk")
    # A consent lasts as long as the people of its membership are remembered.
    holding = ConsentGiven.objects.filter(
        withdrawn_at__isnull=True, membership__erased_at__isnull=True
    )
    address = OuterRef("email")
    return Person.objects.filter(
        ~Exists(Membership.objects.filter(Q(contact=person) | Q(invoice_contact=person))),
        ~Exists(Participant.objects.filter(email=address)),
        ~Exists(Guest.objects.filter(email=address)),
        ~Exists(JoinRequest.objects.filter(email=address)),
        ~Exists(ErasureRequest.objects.filter(person=person)),
        ~Exists(holding.filter(person=person)),
        created_at__lt=limit,
    ).order_by("pk")


def join_requests(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = months_before(now, settings.requests_months)
    return JoinRequest.objects.filter(
        Q(handled_at__lt=limit) | Q(handled_at__isnull=True, created_at__lt=limit)
    ).order_by("pk")


def handovers(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = months_before(now, settings.requests_months)
    return Handover.objects.filter(
        Q(answered_at__lt=limit) | Q(answered_at__isnull=True, created_at__lt=limit)
    ).order_by("pk")


def erasure_requests(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = months_before(now, settings.requests_months)
    return ErasureRequest.objects.filter(handled_at__lt=limit).order_by("pk")


def answers(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    """Each question says for how long, from the end of the membership."""
    over = Answer.objects.filter(membership__closed_at__isnull=False)
    kept_for = over.order_by().values_list("question__keep_months", flat=True).distinct()
    due = Q(pk__in=[])
    for number in kept_for:
        limit = months_before(now, number)
        due |= Q(question__keep_months=number, membership__closed_at__lt=limit)
    return over.filter(due).order_by("pk")


def old_guests(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = months_before(now, settings.guests_months)
    return guests.due_to_be_forgotten(limit).order_by("pk")


def forget_guests(rows: Sequence[Guest]) -> None:
    for row in rows:
        guests.forget(row.pk)


# Mails, history and logs ------------------------------------------------------------------------


def messages(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    """And the mail that told somebody that they were erased, a day after it left."""
    limit = months_before(now, settings.messages_months)
    farewell = Q(template=erasure.FAREWELL, created_at__lt=now - timedelta(days=1))
    told = Message.objects.filter(state__in=OVER).exclude(to_email="")
    return told.filter(Q(created_at__lt=limit) | farewell).defer("attachments").order_by("pk")


def forget_messages(rows: Sequence[Message]) -> None:
    erasure.empty_messages(Message.objects.filter(pk__in=[row.pk for row in rows]))


def history(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = months_before(now, settings.history_months)
    named = Q(user__isnull=False) | ~Q(reason="")
    return AuditEntry.objects.filter(named, at__lt=limit).order_by("pk")


def forget_history(rows: Sequence[AuditEntry]) -> None:
    """Who it was and their words; that it was staff, what was done and when stay."""
    keys = [row.pk for row in rows]
    AuditEntry.objects.filter(pk__in=keys).update(user=None, reason="")


def readings(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = months_before(now, settings.access_months)
    return AccessEntry.objects.filter(at__lt=limit).order_by("pk")


def member_imports(_settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    return MemberImport.objects.filter(created_at__lt=now - WAITS).order_by("pk")


def bulk_runs(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = days_before(now, settings.technical_days)
    return BulkRun.objects.filter(finished_at__lt=limit).order_by("pk")


def expired_links(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    limit = days_before(now, settings.technical_days)
    return Link.objects.filter(Q(expires_at__lt=limit) | Q(revoked_at__lt=limit)).order_by("pk")


def finished_jobs(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    return queue.finished_before(days_before(now, settings.technical_days)).order_by("pk")


def sessions(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    return Session.objects.filter(expire_date__lt=now).order_by("pk")


def invoices(settings: PrivacySettings, now: datetime) -> QuerySet[Any]:
    return kept_by_law.invoices_to_forget(timezone.localdate(now), settings.invoice_years)
