"""Members from a list: uploaded, its columns named, and what would become of each row.

``taking_in`` does it.
"""

from dataclasses import dataclass

from django.db import transaction

from cms.audit import Actor
from networks.models import MemberImport, NetworkPage, Season, Unit
from networks.rules import importing as rules
from networks.rules.eligibility import OrganisationKind
from networks.rules.import_columns import Column, guess, missing
from networks.rules.import_files import read_table
from networks.rules.importing import Plan
from networks.services.import_context import Context, context_of, dated_seasons
from networks.services.known_headings import remember, remembered
from networks.services.terms import places_of
from networks.services.transitions import first_in_line


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
        columns={
            str(place): column
            for place, column in guess(table.headings, remembered(table.headings)).items()
        },
    )


@transaction.atomic
def choose(
    waiting: MemberImport,
    columns: dict[int, Column],
    season: Season | None,
    kind: OrganisationKind | None = None,
) -> None:
    """Say what the columns are, up to which season all is settled, and what organisations are of
    which no column says it. The next list with these headings comes so."""
    waiting.columns = {str(place): column for place, column in columns.items()}
    waiting.season = season
    waiting.organisation_kind = kind.value if kind else ""
    waiting.refusal = ""
    waiting.save(update_fields=["columns", "season", "organisation_kind", "refusal"])
    remember(waiting.headings, columns)


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
    context = context_of(network, waiting.season, waiting.organisation_kind)
    entries, wrong = rules.read_rows(waiting.rows, columns_of(waiting), context.known)
    is_personal = network.unit == Unit.PERSON
    plan = rules.plan(entries, wrong, context.members, is_personal=is_personal)
    columns = sorted(columns_of(waiting).items())
    plan.basis = repr((columns, waiting.season_id, waiting.organisation_kind))
    return Outlook(plan, context, *_places(network, plan, context))


def _places(network: NetworkPage, plan: Plan, context: Context) -> tuple[int, int | None]:
    """(needed, left): those in line come first, and a unit that holds one needs no other."""
    needed = sum(new.unit not in context.holding for new in plan.members)
    left = places_of(network).left
    if left is None:
        return needed, None
    return needed, max(left - first_in_line(network).count(), 0)
