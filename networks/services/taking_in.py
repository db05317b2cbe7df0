"""Taking a list of members in: the whole of it or nothing, at once or, when it is long, by a job.

What a member owed before is settled elsewhere: the import charges nothing and mails nobody. It
enters each membership in its seasons up to the one that was chosen, without a fee; the year change
charges the seasons that follow. Addresses stay unconfirmed: that somebody wrote them in a list
proves nothing, so the personal link goes out when it is asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit, progress, queue
from cms.audit import Actor
from networks.models import MemberImport, Membership
from networks.rules.importing import Fate
from networks.services import imported_rows, imported_seats, municipalities
from networks.services.errors import NotPossible
from networks.services.importing import Outlook, is_ready, outlook
from networks.services.transitions import lock_places

TAKE_IN = queue.Job("networks.take_in_list")

#: So many rows are taken in while the user waits; more are a job's.
AT_ONCE = 300
#: So many people are written at a time, within the one transaction.
BATCH = 1000

Item = TypeVar("Item")


class Changed(NotPossible):
    """Something is otherwise than it was shown; nothing was taken in."""


@dataclass(frozen=True)
class Taken:
    """How many memberships were made, and how many participants were added to others."""

    members: int
    participants: int


@transaction.atomic
def begin(
    import_id: UUID | str,
    *,
    digest: str,
    actor: Actor,
    reason: str = "",
    above_capacity: bool = False,
) -> Taken | None:
    """Take a short list in; have a long one taken in by a job (None), which does so or says why
    not. Raises what ``take_in`` raises."""
    waiting = _mine(import_id, actor)
    if len(waiting.rows) <= AT_ONCE:
        return take_in(
            import_id, digest=digest, actor=actor, reason=reason, above_capacity=above_capacity
        )
    if waiting.begun_at is not None:
        raise NotPossible(_("It has been begun already."))
    accepts_more = bool(above_capacity and reason.strip())
    _check(outlook(waiting), digest, accepts_more=accepts_more)
    waiting.digest, waiting.reason = digest, reason
    waiting.above_capacity, waiting.begun_at, waiting.refusal = above_capacity, timezone.now(), ""
    waiting.save(update_fields=["digest", "reason", "above_capacity", "begun_at", "refusal"])
    TAKE_IN.enqueue(key=f"import-{waiting.pk}", import_id=str(waiting.pk))
    return None


def carry_out(import_id: UUID | str) -> None:
    """The job's part: what was begun and is not over. Killed half-way it leaves nothing, and is
    done when the job runs anew."""
    begun = MemberImport.objects.filter(
        pk=import_id, begun_at__isnull=False, finished_at__isnull=True
    )
    waiting = begun.defer("rows").select_related("user").first()
    if waiting is None:
        return
    try:
        take_in(
            waiting.pk,
            digest=waiting.digest,
            actor=Actor.by(waiting.user),
            reason=waiting.reason,
            above_capacity=waiting.above_capacity,
        )
    except NotPossible as refusal:
        refuse(waiting.pk, refusal.message)


def refuse(import_id: UUID | str, why: str) -> None:
    """Give one that was begun back to its user, who is told why."""
    rows = MemberImport.objects.filter(pk=import_id, finished_at__isnull=True)
    rows.update(begun_at=None, refusal=why)


@transaction.atomic
def stop(import_id: UUID | str, *, actor: Actor) -> None:
    """Take back the yes to one whose turn has not come. Raises NotPossible."""
    mine = MemberImport.objects.filter(
        pk=import_id, user=actor.user, begun_at__isnull=False, finished_at__isnull=True
    )
    # Whoever takes it in holds its row.
    if not mine.select_for_update(skip_locked=True).exists():
        raise NotPossible(_("It is being taken in at this moment, or it is over."))
    mine.update(begun_at=None)


def how_far(waiting: MemberImport) -> progress.Progress | None:
    """None: its turn has not come."""
    return progress.told(_progress_key(waiting))


def _progress_key(waiting: MemberImport) -> str:
    return f"i:{waiting.pk}"


@transaction.atomic
def take_in(
    import_id: UUID | str,
    *,
    digest: str,
    actor: Actor,
    reason: str = "",
    above_capacity: bool = False,
) -> Taken:
    """Take the whole list in, as it was shown (``digest`` of its plan), and forget its rows.

    Raises Changed when something else would become of a row by now, NotPossible when the list is
    gone, has errors, or needs more places than are left and no reason is given for that.
    """
    waiting = _mine(import_id, actor)
    # From here on others see that somebody is at it.
    progress.tell(_progress_key(waiting), 0, len(waiting.rows))
    lock_places(waiting.network)
    now = outlook(waiting)
    _check(now, digest, accepts_more=bool(above_capacity and reason.strip()))
    if _were_merged(now):
        raise Changed(_changed())
    taken = _write(waiting, now, actor, reason)
    _finish(waiting, taken)
    return taken


def _mine(import_id: UUID | str, actor: Actor) -> MemberImport:
    """The actor's list, locked. Raises NotPossible."""
    mine = MemberImport.objects.waiting().filter(pk=import_id, user=actor.user)
    waiting = mine.select_for_update(of=("self",)).select_related("network", "season").first()
    if waiting is None:
        raise NotPossible(_("This list was taken in already, or has waited more than a day."))
    if not is_ready(waiting):
        raise NotPossible(_("Say first what the columns are, and which season."))
    return waiting


def _check(now: Outlook, digest: str, *, accepts_more: bool) -> None:
    if now.plan.digest != digest:
        raise Changed(_changed())
    if now.plan.errors:
        raise NotPossible(_("The list has errors. Nothing was taken in."))
    if now.exceeds and not accepts_more:
        raise NotPossible(_("Not so many places are left. Above capacity needs a reason."))


def _changed() -> str:
    return _("Something has changed meanwhile. Nothing was taken in; see below.")


def _were_merged(now: Outlook) -> bool:
    """Whether a municipality of the list was merged since the plan was made; held from here on."""
    keys = {new.contact.municipality for new in now.plan.members if new.contact.municipality}
    return any(row.merged_into_id is not None for row in municipalities.hold(keys))


def _finish(waiting: MemberImport, taken: Taken) -> None:
    waiting.headings, waiting.rows, waiting.columns = [], [], {}
    waiting.digest = waiting.reason = waiting.refusal = ""
    waiting.members, waiting.participants = taken.members, taken.participants
    waiting.finished_at = timezone.now()
    waiting.save()


def _write(waiting: MemberImport, now: Outlook, actor: Actor, reason: str) -> Taken:
    """In batches: each is a few queries, however many people it has."""
    plan, network = now.plan, waiting.network
    # Before the meetings, whose locks come with the seats.
    joined = Membership.objects.filter(pk__in=list(plan.additions)).order_by("pk")
    others = {str(row.pk): row for row in joined.select_for_update()}
    total = plan.counts[Fate.MEMBER] + plan.counts[Fate.PARTICIPANT]
    done = 0
    for batch in _batches(plan.members, lambda new: new.rows):
        made = imported_rows.memberships(network, waiting.season, batch, now.context)
        imported_seats.give([(made[new.unit], new.people) for new in batch])
        audit.record_all(
            actor=actor,
            action="membership.imported",
            subjects=made.values(),
            reason=reason,
            season=waiting.season_id,
            above_capacity=now.exceeds,
        )
        done += sum(new.rows for new in batch)
        progress.tell(_progress_key(waiting), done, total)
    for added in _batches(plan.additions.items(), lambda item: len(item[1])):
        imported_seats.give([(others[key], entries) for key, entries in added])
        done += sum(len(entries) for _key, entries in added)
        progress.tell(_progress_key(waiting), done, total)
    audit.record_all(
        actor=actor,
        action="membership.people_imported",
        subjects=others.values(),
        reason=reason,
    )
    return Taken(len(plan.members), sum(map(len, plan.additions.values())))


def _batches(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """In their order; a batch is full when its items are of the size of ``BATCH`` together."""
    batch: list[Item] = []
    filled = 0
    for item in items:
        batch.append(item)
        filled += size(item)
        if filled >= BATCH:
            yield batch
            batch, filled = [], 0
    if batch:
        yield batch
