"""What becomes of each row of a list of members: decided from the rows and from what is there.

A row is one person. The first row of a member makes the membership and is its contact, unless
another says that it is; whoever the rows name comes to every meeting, unless the row says that the
person is the contact alone. Asked again after it was done, nothing is left to do.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256

from networks.rules.import_columns import Column
from networks.rules.import_entries import Entry, Known, read_entry
from networks.rules.import_values import Reason, Refused, Role


class Fate(StrEnum):
    MEMBER = "member"
    PARTICIPANT = "participant"
    NOTHING = "nothing"
    ERROR = "error"


@dataclass(frozen=True)
class Member:
    """A membership that is there. ``people``: {address: whether still a participant}."""

    key: str
    is_active: bool
    state: str
    contact: str
    people: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """``what``: the value, row or state that the reason is about. ``said``: member, name and
    address as the file has them."""

    row: int
    fate: Fate
    said: tuple[str, str, str]
    reason: Reason | None = None
    what: str = ""
    entry: Entry | None = None


@dataclass
class NewMember:
    """A membership to be made of one member's rows."""

    unit: str
    contact: Entry
    people: list[Entry]
    facts: dict[Column, str]
    signed_up: date | None

    @property
    def rows(self) -> int:
        """How many rows of the list it is made of."""
        return len({entry.row for entry in (self.contact, *self.people)})


@dataclass
class Plan:
    outcomes: list[Outcome]
    members: list[NewMember] = field(default_factory=list)
    #: {key of a membership: whom it gets}
    additions: dict[str, list[Entry]] = field(default_factory=dict)
    #: What else it rests on, in a text.
    basis: str = ""

    @property
    def counts(self) -> Counter[Fate]:
        return Counter(each.fate for each in self.outcomes)

    @property
    def errors(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.fate == Fate.ERROR]

    @property
    def has_work(self) -> bool:
        return bool(self.members or self.additions)

    @property
    def digest(self) -> str:
        """The same as long as the same becomes of every row."""
        said = [(each.row, each.fate, each.reason, each.what) for each in self.outcomes]
        rests_on = (self.basis, said, sorted(self.additions))
        return sha256(repr(rests_on).encode()).hexdigest()


def read_rows(
    rows: Iterable[tuple[int, Sequence[str]]], columns: Mapping[int, Column], known: Known
) -> tuple[list[Entry], list[Outcome]]:
    """The entries, and what is wrong with the other rows."""
    entries: list[Entry] = []
    wrong: list[Outcome] = []
    for number, cells in rows:
        told = {column: cells[place] for place, column in columns.items()}
        try:
            entries.append(read_entry(number, told, known))
        except Refused as refusal:
            wrong.append(Outcome(number, Fate.ERROR, _said(told), refusal.reason, refusal.what))
    return entries, wrong


def _said(told: Mapping[Column, str]) -> tuple[str, str, str]:
    member = told.get(Column.MUNICIPALITY) or told.get(Column.ORGANISATION) or ""
    parts = (told.get(Column.FIRST_NAME, ""), told.get(Column.LAST_NAME, ""))
    name = told.get(Column.NAME) or " ".join(filter(None, parts))
    return member, name, told.get(Column.EMAIL, "")


def unit_of(entry: Entry, *, is_personal: bool) -> str:
    """What has one membership: the municipality or organisation, or the person by address."""
    return f"person:{entry.email}" if is_personal else entry.unit


def plan(
    entries: Sequence[Entry],
    wrong: Sequence[Outcome],
    members: Mapping[str, Member],
    *,
    is_personal: bool = False,
) -> Plan:
    """What becomes of every row. ``members``: the open memberships, by their units; of a personal
    membership everybody is a member of their own."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(unit_of(entry, is_personal=is_personal), []).append(entry)
    made = Plan(list(wrong))
    for unit, group in groups.items():
        member = members.get(unit)
        if member is None:
            _found(made, unit, group, is_personal)
        else:
            _join(made, member, group, is_personal)
    made.outcomes.sort(key=lambda outcome: outcome.row)
    return made


def _note(
    made: Plan, entry: Entry, fate: Fate, reason: Reason | None = None, what: str = ""
) -> None:
    said = (entry.organisation, entry.name, entry.email)
    made.outcomes.append(Outcome(entry.row, fate, said, reason, what, entry))


def _distinct(made: Plan, group: Sequence[Entry], is_personal: bool) -> list[Entry]:
    """Each person once; a row that says it again, or says otherwise, is noted."""
    first: dict[str, Entry] = {}
    for entry in group:
        earlier = first.setdefault(entry.email, entry)
        if earlier is entry:
            continue
        if earlier.name.lower() != entry.name.lower() or earlier.role != entry.role:
            _note(made, entry, Fate.ERROR, Reason.OTHER_NAME, str(earlier.row))
        elif is_personal and earlier.unit != entry.unit:
            _note(made, entry, Fate.ERROR, Reason.OTHER_FACTS, str(earlier.row))
        else:
            _note(made, entry, Fate.NOTHING, Reason.REPEATED, str(earlier.row))
    return list(first.values())


# A membership to be made --------------------------------------------------------------------------


def _found(made: Plan, unit: str, group: Sequence[Entry], is_personal: bool) -> None:
    people = _distinct(made, group, is_personal)
    contact = people[0] if is_personal else _contact(people)
    if contact is None:
        for entry in people:
            _note(made, entry, Fate.ERROR, Reason.NO_CONTACT)
        return
    new = NewMember(unit, contact, [], {}, None)
    # The contact's row is the membership's; the others are held against it.
    for entry in [contact, *(entry for entry in people if entry is not contact)]:
        if _fits(made, new, entry):
            is_contact = entry is contact
            _note(made, entry, Fate.MEMBER if is_contact else Fate.PARTICIPANT)
            if is_personal or entry.role != Role.CONTACT:
                new.people.append(entry)
    days = [entry.signed_up for entry in people if entry.signed_up]
    new.signed_up = min(days, default=None)
    made.members.append(new)


def _contact(people: Sequence[Entry]) -> Entry | None:
    """Whoever is said to be; otherwise the first who is not said to be a participant alone."""
    said = (entry for entry in people if entry.role in (Role.CONTACT, Role.BOTH))
    unsaid = (entry for entry in people if entry.role == Role.UNSAID)
    return next(said, None) or next(unsaid, None)


def _fits(made: Plan, new: NewMember, entry: Entry) -> bool:
    """Whether the row agrees with the membership's other rows; what it adds is taken over."""
    if entry is not new.contact and entry.role in (Role.CONTACT, Role.BOTH):
        _note(made, entry, Fate.ERROR, Reason.TWO_CONTACTS, str(new.contact.row))
        return False
    for column, value in entry.facts.items():
        if new.facts.setdefault(column, value) != value:
            _note(made, entry, Fate.ERROR, Reason.OTHER_FACTS, str(new.contact.row))
            return False
    return True


# A membership that is there -----------------------------------------------------------------------


def _join(made: Plan, member: Member, group: Sequence[Entry], is_personal: bool) -> None:
    for entry in _distinct(made, group, is_personal):
        reason = _refusal(member, entry) or _idleness(member, entry, is_personal)
        if reason in (Reason.NOT_ACTIVE, Reason.OTHER_CONTACT):
            what = member.state if reason == Reason.NOT_ACTIVE else ""
            _note(made, entry, Fate.ERROR, reason, what)
        elif reason:
            _note(made, entry, Fate.NOTHING, reason, member.key)
        else:
            _note(made, entry, Fate.PARTICIPANT, what=member.key)
            made.additions.setdefault(member.key, []).append(entry)


def _refusal(member: Member, entry: Entry) -> Reason | None:
    if not member.is_active:
        return Reason.NOT_ACTIVE
    says_contact = entry.role in (Role.CONTACT, Role.BOTH)
    return Reason.OTHER_CONTACT if says_contact and entry.email != member.contact else None


def _idleness(member: Member, entry: Entry, is_personal: bool) -> Reason | None:
    """Why nothing is to be done; None: the person is taken in as a participant."""
    if entry.email in member.people:
        return Reason.ALREADY_THERE if member.people[entry.email] else Reason.TAKEN_OFF
    if is_personal or entry.email == member.contact:
        comes = entry.role in (Role.PARTICIPANT, Role.BOTH) and not is_personal
        return None if comes else Reason.ALREADY_THERE
    return None
