"""The year change: every uncancelled active membership enters a new season exactly once, with
exactly one charge where the season has a fee.

Whatever is due and not yet done is done, in small batches with a transaction each: killed, it goes
on where it was; run twice at once, the second finds nothing to do. What happens to whom is decided
by ``rules.renewal.plan`` alone, and again under the membership's lock.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cms import audit, queue
from cms.audit import SYSTEM, Actor
from networks.models import Membership, Participant, Season, SeasonEntry
from networks.rules import renewal as rules
from networks.rules.renewal import Hold, Plan, Step, YearChange
from networks.services import season_fees, seats
from networks.services.notices import years as notices
from networks.services.years import active_members, coming_seasons, members_of, year_change
from payments.models import PaymentMethod
from payments.services.charging import lock_charges
from payments.services.ordering import create_charges

CHANGE_YEAR = queue.Job("networks.change_year")

#: Memberships in one transaction: few enough that nobody waits long for one of them.
BATCH = 50


@dataclass
class Outcome:
    """What a run did to a season, or would do. ``net``: øre excl. VAT charged."""

    season: Season
    announced: int = 0
    charged: int = 0
    net: int = 0
    free: int = 0
    held: Counter[Hold] = field(default_factory=Counter)

    def count(self, plan: Plan, step: Step) -> None:
        if step == Step.ANNOUNCE:
            self.announced += 1
        elif step == Step.ENTER and plan.net:
            self.charged += 1
            self.net += plan.net
        elif step == Step.ENTER:
            self.free += 1


def due_seasons(today: date) -> list[Season]:
    """The seasons for which something may be left to be done."""
    return [season for season in coming_seasons(today) if year_change(season).is_due(today)]


def start_due() -> None:
    """Enqueue the run of every season for which something may be due."""
    for season in due_seasons(timezone.localdate()):
        CHANGE_YEAR.enqueue(key=f"change-year-{season.pk}", season_id=season.pk)


def start_early(season_id: int, *, user_id: int) -> None:
    """Enqueue a run before the season's own dates, on behalf of a user."""
    CHANGE_YEAR.enqueue(season_id=season_id, early=True, user_id=user_id)


def outlook(season: Season, *, early: bool = False) -> Outcome:
    """What a run would do now."""
    return _look(season, year_change(season), early)[0]


def run(season_id: int, *, actor: Actor = SYSTEM, early: bool = False) -> Outcome:
    """Announce and charge what is due for a season.

    ``early``: before the season's own dates; nobody is charged without the full notice all the
    same. A season that is over, or not published, has nothing due.
    """
    today = timezone.localdate()
    season = coming_seasons(today).filter(pk=season_id).first()
    if season is None:
        return Outcome(Season(pk=season_id))
    change = year_change(season)
    expected, due = _look(season, change, early)
    outcome = Outcome(season, held=expected.held)
    for start in range(0, len(due), BATCH):
        _take_in(season, change, due[start : start + BATCH], outcome, actor, early)
    return outcome


def _look(season: Season, change: YearChange, early: bool) -> tuple[Outcome, list[UUID]]:
    """What is due, and the keys of those for whom something is; those who have entered are not
    read."""
    today = timezone.localdate()
    outcome, due = Outcome(season), list[UUID]()
    if not early and not change.is_due(today):
        return outcome, due
    waiting = active_members(season).filter(entry__entered_at__isnull=True).order_by("pk")
    for key, known in members_of(waiting):
        plan = rules.plan(change, known, today, early=early)
        step = plan.step(today)
        outcome.count(plan, step)
        if plan.hold:
            outcome.held[plan.hold] += 1
        if step != Step.WAIT:
            due.append(key)
    return outcome, due


@transaction.atomic
def _take_in(
    season: Season,
    change: YearChange,
    keys: Sequence[UUID],
    outcome: Outcome,
    actor: Actor,
    early: bool,
) -> None:
    """Do what is due for a batch, decided once more from what is read under the locks.

    Charges are locked before the memberships: giving people their seats may take one off.
    """
    today = timezone.localdate()
    lock_charges(*(audit.reference(Membership(pk=key)) for key in keys))
    list(Membership.objects.filter(pk__in=keys).order_by("pk").select_for_update().values("pk"))
    rows = active_members(season).filter(pk__in=keys)
    steps: dict[Step, list[tuple[Membership, Plan]]] = {Step.ANNOUNCE: [], Step.ENTER: []}
    memberships = rows.select_related("municipality", "contact", "invoice_contact").in_bulk()
    for key, known in members_of(rows.order_by("pk")):
        plan = rules.plan(change, known, today, early=early)
        step = plan.step(today)
        outcome.count(plan, step)
        if step in steps:
            memberships[key].network = season.page
            steps[step].append((memberships[key], plan))
    _announce(season, change, steps[Step.ANNOUNCE], actor)
    _enter(season, steps[Step.ENTER], actor)


def _announce(
    season: Season, change: YearChange, due: list[tuple[Membership, Plan]], actor: Actor
) -> None:
    """Tell members what the season costs, when it is charged, and how to leave before."""
    now, today = timezone.now(), timezone.localdate()
    _write(
        (
            SeasonEntry(membership=membership, season=season, announced_at=now, price_net=plan.net)
            for membership, plan in due
        ),
        ["announced_at", "price_net"],
    )
    _record("membership.season_announced", season, due, actor)
    last_day = rules.last_day_to_cancel(change.season, today)
    for membership, plan in due:
        notices.season_announced(membership, season, plan, last_day)


def _enter(season: Season, due: list[tuple[Membership, Plan]], actor: Actor) -> None:
    """Make the charges and the entries, and give standing participants their seats."""
    now = timezone.now()
    left = SeasonEntry.objects.filter(season=season, membership__in=[row for row, _plan in due])
    # Who left the season, and stays after all, had its charge credited: that one pays nothing.
    former = dict(left.exclude(charge_key="").values_list("membership_id", "charge_key"))
    keys = {
        membership.pk: season_fees.next_key(former[membership.pk])
        if membership.pk in former
        else season_fees.charge_key(membership, season)
        for membership, plan in due
        if plan.net
    }
    create_charges(
        [
            season_fees.season_order(membership, season, net=plan.net, key=keys[membership.pk])
            for membership, plan in due
            if plan.net
        ]
    )
    _write(
        (
            SeasonEntry(
                membership=membership,
                season=season,
                entered_at=now,
                price_net=plan.net,
                charge_key=keys.get(membership.pk, ""),
            )
            for membership, plan in due
        ),
        ["entered_at", "price_net", "charge_key"],
    )
    _record("membership.season_entered", season, due, actor)
    _seat([membership for membership, _plan in due])
    for membership, plan in due:
        if plan.net and membership.method == PaymentMethod.CARD:
            notices.season_to_pay(membership, season, plan.net)


def _write(entries: Iterable[SeasonEntry], fields: list[str]) -> None:
    SeasonEntry.objects.bulk_create(
        entries,
        update_conflicts=True,
        unique_fields=["membership", "season"],
        update_fields=fields,
    )


def _record(action: str, season: Season, due: list[tuple[Membership, Plan]], actor: Actor) -> None:
    subjects = [membership for membership, _plan in due]
    audit.record_all(actor=actor, action=action, subjects=subjects, season=season.pk)


def _seat(memberships: list[Membership]) -> None:
    standing = Participant.objects.filter(
        membership__in=memberships, standing=True, left_at__isnull=True
    )
    with_standing = set(standing.values_list("membership_id", flat=True))
    for membership in memberships:
        if membership.pk in with_standing:
            seats.take_standing(membership)
