"""Municipalities that merge: what the one had is the other's from then on.

Memberships in all states, with their history, and people move. Where both have an open membership
of one network, an administrator has chosen which goes on; the other is ended.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Membership, Municipality, Participant, Person, SeasonEntry, Unit
from networks.rules.eligibility import normalise_email
from networks.rules.states import Status
from networks.services import paying, season_fees, seats, settlement
from networks.services.entries import enter_first_season, entries_of, year_of
from networks.services.errors import NotPossible
from networks.services.merger_outlook import (
    Choice,
    Conflict,
    CreditChoice,
    Merger,
    preview,
    unit_key_of,
)
from networks.services.notices import years as notices
from networks.services.transitions import lock_places, locked, transition
from payments.services.charging import lock_charges

__all__ = ["Choice", "Conflict", "CreditChoice", "Merger", "merge", "preview"]

#: How often it is begun anew when somebody signs up in the very moment.
TURNS = 5


class _SignedUpMeanwhile(Exception):
    """There is a membership that was not there when the locks were taken."""


def merge(
    old_id: int,
    new_id: int,
    *,
    choices: Mapping[int, Choice],
    actor: Actor,
    reason: str,
) -> Municipality:
    """Merge a municipality into another, in one transaction.

    ``choices``: {network: choice}, one for each conflict. Raises NotPossible when one is missing,
    when the two are the same or one is merged already, and when somebody is paying at this moment
    for a sign-up that is to end.
    """
    old, new = Municipality.objects.get(pk=old_id), Municipality.objects.get(pk=new_id)
    _check(old, new)
    for conflict in preview(old, new).conflicts:
        _close_payment(conflict, choices)
    for _turn in range(TURNS):
        try:
            return _merge(old_id, new_id, choices, actor, reason)
        except _SignedUpMeanwhile:
            continue
    raise NotPossible(_("Somebody is signing up at this moment. Try again shortly."))


@transaction.atomic
def _merge(
    old_id: int, new_id: int, choices: Mapping[int, Choice], actor: Actor, reason: str
) -> Municipality:
    old, new = Municipality.objects.get(pk=old_id), Municipality.objects.get(pk=new_id)
    rows = _lock_memberships(preview(old, new))
    old, new = _locked(old_id, new_id)
    _check(old, new)
    merger = preview(old, new)
    if not {row.pk for row in _touched(merger)} <= set(rows):
        raise _SignedUpMeanwhile
    for conflict in merger.conflicts:
        _settle(conflict, _choice(conflict, choices), rows, actor, reason)
    for membership in merger.memberships:
        _move(rows[membership.pk], new, actor, reason)
    for conflict in merger.conflicts:
        _take_over(conflict, _choice(conflict, choices), rows, actor)
    _move_people(old, new, actor, reason)
    _close(old, new, actor, reason)
    return new


def _check(old: Municipality, new: Municipality) -> None:
    if old.pk == new.pk:
        raise NotPossible(_("A municipality can't be merged into itself."))
    for each in (old, new):
        if each.merged_into_id is not None:
            raise NotPossible(
                _("%(municipality)s is merged already.") % {"municipality": each.name}
            )


def _choice(conflict: Conflict, choices: Mapping[int, Choice]) -> Choice:
    choice = choices.get(conflict.network_id)
    if choice is None or choice.surviving not in (conflict.old.pk, conflict.new.pk):
        raise NotPossible(
            _("Choose which membership of %(network)s goes on.")
            % {"network": conflict.old.network.title}
        )
    return choice


def _close_payment(conflict: Conflict, choices: Mapping[int, Choice]) -> None:
    """Outside any transaction: an open payment page of what is to end is closed at Stripe."""
    ending = conflict.other(_choice(conflict, choices).surviving)
    if ending.state == Status.AWAITING_PAYMENT and not paying.close_payment(ending.pk):
        raise NotPossible(_("The payment has gone through meanwhile: the membership is active."))


def _locked(old_id: int, new_id: int) -> tuple[Municipality, Municipality]:
    """After the places and memberships, as a sign-up does. From here on nobody can sign up at
    either before it is known what became of them."""
    rows = Municipality.objects.select_for_update().filter(pk__in=[old_id, new_id]).order_by("pk")
    found = {municipality.pk: municipality for municipality in rows}
    return found[old_id], found[new_id]


def _touched(merger: Merger) -> list[Membership]:
    """Every membership that is written."""
    return [*merger.memberships, *(conflict.new for conflict in merger.conflicts)]


def _lock_memberships(merger: Merger) -> dict[UUID, Membership]:
    """The memberships under their locks: of all first the charges, then the places, then the
    memberships, as whoever locks one does."""
    rows = {membership.pk: membership for membership in _touched(merger)}
    lock_charges(*(audit.reference(membership) for membership in rows.values()))
    networks = {membership.network_id: membership.network for membership in rows.values()}
    for network_id in sorted(networks):
        lock_places(networks[network_id])
    return {key: locked(key) for key in sorted(rows)}


def _settle(
    conflict: Conflict,
    choice: Choice,
    rows: dict[UUID, Membership],
    actor: Actor,
    reason: str,
) -> None:
    """End the one that does not go on, with what is credited of it."""
    ending, surviving = rows[conflict.other(choice.surviving).pk], rows[choice.surviving]
    if ending.state != Status.ACTIVE:
        if paying.money_may_come(ending):
            raise NotPossible(_("A payment is being made at this moment. Try again shortly."))
        transition(ending, Status.WITHDRAWN, actor=actor, reason=reason)
        settlement.credit_open_charges(ending, reason=reason)
        notices.merged(ending, surviving, credited=0)
        return
    credited = _credit(ending, choice.credit, reason)
    ending.ends_on = timezone.localdate()
    ending.cancelled_at = ending.cancelled_at or timezone.now()
    ending.save(update_fields=["ends_on", "cancelled_at"])
    transition(ending, Status.ENDED, actor=actor, reason=reason)
    notices.merged(ending, surviving, credited=credited)


def _credit(ending: Membership, choice: CreditChoice, reason: str) -> int:
    """Returns the øre excl. VAT credited."""
    if choice == CreditChoice.NOTHING:
        return 0
    enter_first_season(ending, settlement.first_charge_key(ending))
    entries = [entry for entry in entries_of(ending) if _is_credited(entry, choice)]
    credited = season_fees.credit_entries(entries, reason=reason)
    today = timezone.localdate()
    season_fees.leave(
        entry
        for entry in entries
        if entry.entered_at is not None and year_of(entry).season.starts_on > today
    )
    return credited


def _is_credited(entry: SeasonEntry, choice: CreditChoice) -> bool:
    season, today = year_of(entry).season, timezone.localdate()
    if choice == CreditChoice.COMING:
        return season.starts_on > today
    return season.ends_on >= today


def _move(membership: Membership, new: Municipality, actor: Actor, reason: str) -> None:
    """The membership is the new municipality's; a person's stays the person's."""
    former = membership.municipality_id
    membership.municipality = new
    changed = ["municipality"]
    if membership.unit == Unit.MUNICIPALITY:
        membership.unit_key = unit_key_of(new)
        changed.append("unit_key")
    membership.save(update_fields=changed)
    audit.record(
        actor=actor,
        action="membership.municipality_merged",
        subject=membership,
        reason=reason,
        before=former,
        after=new.pk,
    )


def _take_over(
    conflict: Conflict, choice: Choice, rows: dict[UUID, Membership], actor: Actor
) -> None:
    """Participants of the one that has ended come on the one that goes on, where it has seats."""
    ending, surviving = rows[conflict.other(choice.surviving).pk], rows[choice.surviving]
    if not choice.move_participants:
        return
    there = {
        normalise_email(participant.email): participant
        for participant in surviving.participants.all()
    }
    for participant in ending.participants.filter(left_at__isnull=True):
        if normalise_email(participant.email) not in there:
            moved = Participant.objects.create(
                membership=surviving,
                name=participant.name,
                email=participant.email,
                job_title=participant.job_title,
                standing=participant.standing,
                shown_to_members=participant.shown_to_members,
            )
            audit.record(
                actor=actor,
                action="membership.participant_moved",
                subject=surviving,
                participant=moved.pk,
            )
        participant.left_at = timezone.now()
        participant.save(update_fields=["left_at"])
    seats.take_standing(surviving, actor=actor)


def _move_people(old: Municipality, new: Municipality, actor: Actor, reason: str) -> None:
    people = list(Person.objects.select_for_update().filter(municipality=old).order_by("pk"))
    Person.objects.filter(pk__in=[person.pk for person in people]).update(municipality=new)
    audit.record_all(
        actor=actor,
        action="person.municipality_merged",
        subjects=people,
        reason=reason,
        before=old.pk,
        after=new.pk,
    )


def _close(old: Municipality, new: Municipality, actor: Actor, reason: str) -> None:
    """Addresses of the old one count at the new one from now on; the old one is chosen no more."""
    new.mail_domains = "\n".join(dict.fromkeys([*new.domains, *old.domains]))
    new.save(update_fields=["mail_domains"])
    old.merged_into = new
    old.save(update_fields=["merged_into"])
    for subject, action in ((old, "municipality.merged_away"), (new, "municipality.merged_in")):
        audit.record(
            actor=actor, action=action, subject=subject, reason=reason, before=old.pk, after=new.pk
        )
