"""What merging two municipalities would mean, and what an administrator chooses about it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from networks.models import Membership, Municipality, Person, Unit


class CreditChoice(StrEnum):
    """What is credited of a membership that ends in favour of another."""

    NOTHING = "nothing"
    #: Seasons that have not begun.
    COMING = "coming"
    #: Also the season that runs.
    RUNNING = "running"


@dataclass(frozen=True)
class Choice:
    """What becomes of two open memberships of one network."""

    surviving: UUID
    credit: CreditChoice = CreditChoice.COMING
    move_participants: bool = True


@dataclass(frozen=True)
class Conflict:
    """Both municipalities have an open membership of the network."""

    old: Membership
    new: Membership

    @property
    def network_id(self) -> int:
        return self.old.network_id

    def other(self, surviving: UUID) -> Membership:
        return self.new if surviving == self.old.pk else self.old


@dataclass(frozen=True)
class Merger:
    """What merging would mean: the memberships that move, the conflicts among them, the people."""

    memberships: tuple[Membership, ...]
    conflicts: tuple[Conflict, ...]
    people: int


def unit_key_of(municipality: Municipality) -> str:
    return f"municipality:{municipality.pk}"


def preview(old: Municipality, new: Municipality) -> Merger:
    """What merging ``old`` into ``new`` would mean."""
    related = ("network", "municipality", "contact")
    memberships = Membership.objects.filter(municipality=old).select_related(*related)
    ordered = tuple(memberships.order_by("network__title", "signed_up_at"))
    open_of_new = {
        membership.network_id: membership
        for membership in Membership.objects.open()
        .filter(unit=Unit.MUNICIPALITY, unit_key=unit_key_of(new))
        .select_related(*related)
    }
    open_of_old = Membership.objects.open().filter(unit_key=unit_key_of(old))
    open_keys = set(open_of_old.values_list("pk", flat=True))
    conflicts = tuple(
        Conflict(membership, open_of_new[membership.network_id])
        for membership in ordered
        if membership.pk in open_keys and membership.network_id in open_of_new
    )
    return Merger(ordered, conflicts, Person.objects.filter(municipality=old).count())
