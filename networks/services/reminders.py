"""Reminding of what comes: meetings, missing names, offers and payments.

Due and not yet done: what is due is worked out from the dates as they are now, what is done stands
in the outbox under a key with that date. So a missed run is caught up while it is of use, a moved
meeting is reminded of anew, a cancelled one not at all. Each is looked at again under its lock.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from cms.audit import reference
from cms.messages.models import Message
from cms.messages.outbox import already_put
from networks.models import Meeting, Membership, Seat, Unit
from networks.rules import reminders as rules
from networks.rules.pricing import TariffKind
from networks.rules.seats import change_deadline
from networks.rules.states import Status
from networks.services.notices import reminders as notices
from networks.services.transitions import locked
from payments.models import UNDER_WAY, Charge, ChargeState, PaymentMethod

_PREFIX = f"{Membership._meta.label_lower}:"


def _new(template: str, keys: Iterable[str]) -> set[str]:
    """Those of the keys that nobody was reminded of yet; each begins with its membership's."""
    full = {f"{template}:{key}": key for key in keys}
    done = already_put(list(full))
    return {key for each, key in full.items() if each not in done}


def _coming_meetings(now: datetime) -> list[Meeting]:
    """Dated, not cancelled, of networks that remind."""
    return list(
        Meeting.objects.filter(starts_at__gt=now, season__page__reminder_days__gt=0)
        .filter(Q(record__isnull=True) | Q(record__cancelled_at__isnull=True))
        .select_related("season__page", "record", "host")
        .order_by("starts_at", "pk")
    )


def _still(meeting: Meeting) -> Meeting | None:
    """The meeting under its lock, if it still is held at that time."""
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("season__page", "record", "host").get(pk=meeting.pk)
    return found if found.starts_at == meeting.starts_at and not found.is_cancelled else None


# Meetings ---------------------------------------------------------------------------------------


def remind_of_meetings(now: datetime | None = None) -> int:
    """Remind those who come, the network's number of days before; returns how many.

    Whoever got the seat after that has just been told.
    """
    now = now or timezone.now()
    zone = timezone.get_default_timezone()
    due = [
        meeting
        for meeting in _coming_meetings(now)
        if meeting.starts_at
        and rules.meeting_is_due(meeting.starts_at, meeting.season.page.reminder_days, now, zone)
    ]
    return sum(_remind_of(meeting, seats, now) for meeting, seats in _seats_to_remind(due, now))


def _seats_to_remind(meetings: list[Meeting], now: datetime) -> list[tuple[Meeting, list[int]]]:
    """The seats whose participants were not reminded yet, by meeting; three queries in all."""
    if not meetings:
        return []
    by_key = {meeting.pk: meeting for meeting in meetings}
    seats = Seat.objects.filter(meeting__in=meetings).counted(now)
    keys: dict[str, Seat] = {}
    for seat in seats.order_by("meeting_id", "pk"):
        seat.meeting = by_key[seat.meeting_id]
        if seat.created_at <= _due_from(seat.meeting):
            keys[f"{seat.membership_id}:{notices.meeting_key(seat)}"] = seat
    found: dict[int, list[int]] = {}
    for key in sorted(_new("meeting_reminder", keys)):
        found.setdefault(keys[key].meeting_id, []).append(keys[key].pk)
    return [(by_key[meeting_id], pks) for meeting_id, pks in found.items()]


def _due_from(meeting: Meeting) -> datetime:
    assert meeting.starts_at is not None
    zone = timezone.get_default_timezone()
    return rules.due_from(meeting.starts_at, meeting.season.page.reminder_days, zone)


@transaction.atomic
def _remind_of(meeting: Meeting, seats: list[int], now: datetime) -> int:
    current = _still(meeting)
    if current is None:
        return 0
    rows = Seat.objects.filter(pk__in=seats).counted(now)
    related = ("participant", "membership__network", "membership__contact")
    reminded = list(rows.select_related(*related).order_by("pk"))
    for seat in reminded:
        seat.meeting = current
        notices.meeting_comes(seat)
    return len(reminded)


# Missing names ----------------------------------------------------------------------------------


def remind_of_names(now: datetime | None = None) -> int:
    """Ask the contacts of municipalities for the participants that are missing, a week before
    they can no longer be named; returns how many were asked."""
    now = now or timezone.now()
    zone = timezone.get_default_timezone()
    asked = 0
    for meeting in _coming_meetings(now):
        deadline = change_deadline(meeting.starts_at, meeting.season.page.swap_deadline_hours)
        if deadline and rules.names_are_due(deadline, now, zone) and _has_seats_of_its_own(meeting):
            asked += _ask_for_names(meeting, deadline)
    return asked


def _has_seats_of_its_own(meeting: Meeting) -> bool:
    """Whether each membership has a number of seats there that cost nothing further."""
    season = meeting.season
    limited = season.seats_per_meeting is not None
    return limited and meeting.included and season.tariff != TariffKind.PER_PERSON_PER_MEETING


def _with_free_seats(meeting: Meeting) -> QuerySet[Membership]:
    """Municipalities' active memberships of the season that have not filled their seats."""
    assert meeting.starts_at is not None
    day = timezone.localtime(meeting.starts_at).date()
    taken = Count(
        "seats",
        filter=Q(seats__meeting=meeting, seats__released_at__isnull=True, seats__is_extra=False),
        distinct=True,
    )
    in_season = Q(first_season=meeting.season_id) | Q(
        pk__in=meeting.season.entries.filter(entered_at__isnull=False).values("membership_id")
    )
    return (
        Membership.objects.filter(
            in_season,
            network=meeting.season.page_id,
            unit=Unit.MUNICIPALITY,
            status=Status.ACTIVE,
            # Names are given through the personal link, which an unproved address does not get.
            address_confirmed_at__isnull=False,
        )
        .exclude(ends_on__lt=day)
        .annotate(taken=taken)
        .filter(taken__lt=meeting.season.seats_per_meeting)
        .select_related("network", "contact", "municipality")
        .order_by("pk")
    )


@transaction.atomic
def _ask_for_names(meeting: Meeting, deadline: datetime) -> int:
    suffix = notices.names_key(meeting)
    keys = [f"{pk}:{suffix}" for pk in _with_free_seats(meeting).values_list("pk", flat=True)]
    to_ask = {key.partition(":")[0] for key in _new("names_reminder", keys)}
    if not to_ask or _still(meeting) is None:
        return 0
    memberships = list(_with_free_seats(meeting).filter(pk__in=to_ask))
    for membership in memberships:
        missing = (meeting.season.seats_per_meeting or 0) - membership.taken  # type: ignore[attr-defined]
        notices.names_missing(membership, meeting, missing=missing, deadline=deadline)
    return len(memberships)


# Offers and payments ----------------------------------------------------------------------------


def remind_of_deadlines(now: datetime | None = None) -> int:
    """Remind of offers, and of places to be paid by card, that lapse within a day."""
    now = now or timezone.now()
    return _remind_before_deadline(
        _lapsing(Status.OFFERED, now), "offer_reminder"
    ) + _remind_before_deadline(_told_a_day_ago(now), "payment_reminder")


def _lapsing(status: Status, now: datetime) -> list[Membership]:
    until = now + rules.BEFORE_DEADLINE
    rows = Membership.objects.filter(status=status, deadline__gt=now, deadline__lte=until)
    return list(rows.order_by("deadline", "pk"))


def _told_a_day_ago(now: datetime) -> list[Membership]:
    """Those with days to pay, by a mailed link; who pays right after the form has an hour."""
    lapsing = _lapsing(Status.AWAITING_PAYMENT, now)
    told = Message.objects.filter(
        template="approved_to_pay",
        about__in=[reference(membership) for membership in lapsing],
        created_at__lte=now - rules.BEFORE_DEADLINE,
    )
    about = set(told.values_list("about", flat=True))
    return [membership for membership in lapsing if reference(membership) in about]


def _remind_before_deadline(memberships: list[Membership], template: str) -> int:
    keys = {f"{each.pk}:{notices.deadline_key(each)}": each for each in memberships}
    return sum(_remind_of_deadline(keys[key]) for key in sorted(_new(template, keys)))


@transaction.atomic
def _remind_of_deadline(membership: Membership) -> int:
    current = locked(membership.pk)
    if (current.status, current.deadline) != (membership.status, membership.deadline):
        return 0
    if current.state == Status.OFFERED:
        notices.offer_lapses(current)
    else:
        notices.payment_lapses(current)
    return 1


# Unpaid charges ---------------------------------------------------------------------------------


def remind_of_charges(now: datetime | None = None) -> int:
    """Remind members who pay by card of charges that are still open some days after they were
    made. No state changes: an unpaid charge never frees a place."""
    now = now or timezone.now()
    charges = (
        Charge.objects.filter(
            state=ChargeState.OPEN, method=PaymentMethod.CARD, reference__startswith=_PREFIX
        )
        .exclude(payments__state__in=UNDER_WAY)
        .order_by("created_at", "pk")
    )
    of = {charge: UUID(charge.reference.removeprefix(_PREFIX)) for charge in charges}
    active = set(
        Membership.objects.filter(pk__in=of.values(), status=Status.ACTIVE).values_list(
            "pk", flat=True
        )
    )
    due: dict[str, tuple[Charge, UUID, int]] = {}
    for charge, membership_id in of.items():
        days = rules.unpaid_step(charge.created_at, now)
        if days is not None and membership_id in active:
            key = f"{membership_id}:{notices.charge_key(charge, days)}"
            due[key] = (charge, membership_id, days)
    return sum(_remind_of_charge(*due[key]) for key in sorted(_new("charge_reminder", due)))


@transaction.atomic
def _remind_of_charge(charge: Charge, membership_id: UUID, days: int) -> int:
    membership = locked(membership_id)
    still_open = Charge.objects.filter(pk=charge.pk, state=ChargeState.OPEN).exists()
    if membership.state != Status.ACTIVE or not still_open:
        return 0
    notices.charge_unpaid(membership, charge, days=days)
    return 1
