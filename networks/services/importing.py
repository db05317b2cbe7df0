"""Members from a list: uploaded, looked at, and taken in all or none.

What a member owed before is settled elsewhere: the import charges nothing and mails nobody. It
enters each membership in its seasons up to the one that was chosen, without a fee; the year change
charges the seasons that follow. Addresses stay unconfirmed: that somebody wrote them in a list
proves nothing, so the personal link goes out when it is asked for.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import MemberImport, Membership, NetworkPage, Season, Unit
from networks.rules import importing as rules
from networks.rules.import_columns import Column, guess, missing
from networks.rules.import_files import read_table
from networks.rules.importing import Plan
from networks.services import imported_rows, imported_seats
from networks.services.errors import NotPossible
from networks.services.import_context import Context, context_of, dated_seasons
from networks.services.terms import places_of
from networks.services.transitions import first_in_line, lock_places


class Changed(NotPossible):
    """Something is otherwise than it was shown; nothing was taken in."""


@dataclass(frozen=True)
class Outlook:
    """What an import would do now. ``left``: free places, None without a limit; ``needed``: places
    that its new memberships take. ``context`` names what the plan points to."""

    plan: Plan
    context: Context
    needed: int
    left: int | None

    @property
    def exceeds(self) -> bool:
        return self.left is not None and self.needed > self.left


@dataclass(frozen=True)
class Taken:
    """How many memberships were made, and how many participants were added to others."""

    members: int
    participants: int


def upload(content: bytes, *, network: NetworkPage, actor: Actor) -> MemberImport:
    """Keep the rows of a file for its user. Raises ``import_files.Unreadable``."""
    table = read_table(content)
    seasons = dated_seasons(network)
    return MemberImport.objects.create(
        user=actor.user,
        network=network,
        season=seasons[0] if len(seasons) == 1 else None,
        headings=list(table.headings),
        rows=[[number, list(cells)] for number, cells in table.rows],
        columns={str(place): column for place, column in guess(table.headings).items()},
    )


def choose(waiting: MemberImport, columns: dict[int, Column], season: Season | None) -> None:
    """Say what the columns are, and up to which season all is settled."""
    waiting.columns = {str(place): column for place, column in columns.items()}
    waiting.season = season
    waiting.save(update_fields=["columns", "season"])


def columns_of(waiting: MemberImport) -> dict[int, Column]:
    return {int(place): Column(column) for place, column in waiting.columns.items()}


def is_ready(waiting: MemberImport) -> bool:
    """Whether it is known what the columns are, and up to which season all is settled."""
    if missing(columns_of(waiting)):
        return False
    return waiting.season_id is not None or not dated_seasons(waiting.network)


def outlook(waiting: MemberImport) -> Outlook:
    """What becomes of each row now; changes nothing."""
    network = waiting.network
    context = context_of(network, waiting.season)
    entries, wrong = rules.read_rows(waiting.rows, columns_of(waiting), context.known)
    is_personal = network.unit == Unit.PERSON
    plan = rules.plan(entries, wrong, context.members, is_personal=is_personal)
    return Outlook(plan, context, *_places(network, plan, context))


def _places(network: NetworkPage, plan: Plan, context: Context) -> tuple[int, int | None]:
    """(needed, left): those in line come first, and a unit that holds one needs no other."""
    needed = sum(new.unit not in context.holding for new in plan.members)
    left = places_of(network).left
    if left is None:
        return needed, None
    return needed, max(left - first_in_line(network).count(), 0)


@transaction.atomic
def take_in(
    import_id: UUID | str,
    *,
    digest: str,
    actor: Actor,
    reason: str = "",
    above_capacity: bool = False,
) -> Taken:
    """Take the whole list in, as it was shown (``digest`` of its plan), and forget it.

    Raises Changed when something else would become of a row by now, NotPossible when the list is
    gone, has errors, or needs more places than are left and no reason is given for that.
    """
    mine = MemberImport.objects.waiting().filter(pk=import_id, user=actor.user)
    waiting = mine.select_for_update(of=("self",)).select_related("network", "season").first()
    if waiting is None:
        raise NotPossible(_("This list was taken in already, or has waited more than a day."))
    if not is_ready(waiting):
        raise NotPossible(_("Say first what the columns are, and which season."))
    lock_places(waiting.network)
    now = outlook(waiting)
    if now.plan.digest != digest:
        raise Changed(_("Something has changed meanwhile. Nothing was taken in; see below."))
    if now.plan.errors:
        raise NotPossible(_("The list has errors. Nothing was taken in."))
    if now.exceeds and not (above_capacity and reason.strip()):
        raise NotPossible(_("Not so many places are left. Above capacity needs a reason."))
    taken = _write(waiting, now, actor, reason)
    waiting.delete()
    return taken


def _write(waiting: MemberImport, now: Outlook, actor: Actor, reason: str) -> Taken:
    network, plan = waiting.network, now.plan
    made = imported_rows.memberships(network, waiting.season, plan.members, now.context)
    joined = Membership.objects.filter(pk__in=list(plan.additions)).order_by("pk")
    others = {str(row.pk): row for row in joined.select_for_update()}
    named = [(made[new.unit], new.people) for new in plan.members]
    named += [(others[key], entries) for key, entries in plan.additions.items()]
    people = imported_rows.participants(named)
    imported_seats.give(people, [*made.values(), *others.values()])
    season = waiting.season_id
    audit.record_all(
        actor=actor,
        action="membership.imported",
        subjects=made.values(),
        reason=reason,
        season=season,
        above_capacity=now.exceeds,
    )
    audit.record_all(
        actor=actor,
        action="membership.people_imported",
        subjects=others.values(),
        reason=reason,
    )
    return Taken(len(made), sum(map(len, plan.additions.values())))
