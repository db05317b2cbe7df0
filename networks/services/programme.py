"""A meeting's programme, beside what its editor wrote: items by hand, from topics and offers.

Items stand in the order that coordinators give them (``position`` 1, 2, …).
"""

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import ContributionState, Meeting, Offer, ProgrammeItem, ProgrammeKind, Topic
from networks.services.errors import NotPossible
from networks.services.meeting_seats import coming


def coming_meetings_of(network_id: int) -> QuerySet[Meeting]:
    """The network's meetings that have not started and are not cancelled, by date; those without
    one last."""
    meetings = Meeting.objects.filter(coming(timezone.now()), season__page_id=network_id)
    return meetings.select_related("record", "host").order_by(
        F("starts_at").asc(nulls_last=True), "pk"
    )


def _lock(meeting_id: int) -> Meeting:
    """The meeting, locked while its programme's order is decided. Others may point to it."""
    return Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting_id)


def _locked_item(item_id: int) -> tuple[ProgrammeItem, Meeting]:
    """Raises NotPossible when somebody has removed it meanwhile."""
    item = ProgrammeItem.objects.filter(pk=item_id).first()
    if item is None:
        raise NotPossible(_("It has been taken off the programme."))
    meeting = _lock(item.meeting_id)
    item = ProgrammeItem.objects.select_related("topic", "offer").filter(pk=item_id).first()
    if item is None:
        raise NotPossible(_("It has been taken off the programme."))
    return item, meeting


@transaction.atomic
def add_item(
    meeting_id: int,
    *,
    kind: ProgrammeKind,
    text: str,
    on_page: bool,
    actor: Actor,
    topic: Topic | None = None,
    offer: Offer | None = None,
) -> ProgrammeItem:
    """Add an item at the end. ``on_page``: shown to the public too."""
    meeting = _lock(meeting_id)
    last = ProgrammeItem.objects.filter(meeting=meeting).order_by("-position").first()
    item = ProgrammeItem.objects.create(
        meeting=meeting,
        kind=kind,
        text=text,
        on_page=on_page,
        position=last.position + 1 if last else 1,
        topic=topic,
        offer=offer,
    )
    audit.record(actor=actor, action="meeting.programme_added", subject=meeting)
    return item


@transaction.atomic
def edit_item(
    item_id: int, *, kind: ProgrammeKind, text: str, on_page: bool, actor: Actor
) -> ProgrammeItem:
    """Change what an item says, and who sees it."""
    item, meeting = _locked_item(item_id)
    new = {"kind": kind, "text": text, "on_page": on_page}
    changed = [name for name, value in new.items() if getattr(item, name) != value]
    for name in changed:
        setattr(item, name, new[name])
    if changed:
        item.save(update_fields=changed)
        audit.record(
            actor=actor, action="meeting.programme_edited", subject=meeting, fields=changed
        )
    return item


@transaction.atomic
def show_item(item_id: int, *, on_page: bool, actor: Actor) -> ProgrammeItem:
    """Show an item on the network's page, or to members only."""
    item = ProgrammeItem.objects.filter(pk=item_id).first()
    if item is None:
        raise NotPossible(_("It has been taken off the programme."))
    kind = ProgrammeKind(item.kind)
    return edit_item(item_id, kind=kind, text=item.text, on_page=on_page, actor=actor)


@transaction.atomic
def move_item(item_id: int, *, steps: int, actor: Actor) -> None:
    """Move an item so many places down (negative: up); it stops at the ends."""
    item, meeting = _locked_item(item_id)
    items = list(ProgrammeItem.objects.filter(meeting=meeting))
    before = items.index(item)
    after = min(max(before + steps, 0), len(items) - 1)
    items.insert(after, items.pop(before))
    for position, each in enumerate(items, start=1):
        each.position = position
    ProgrammeItem.objects.bulk_update(items, ["position"])
    if after != before:
        audit.record(actor=actor, action="meeting.programme_ordered", subject=meeting)


@transaction.atomic
def remove_item(item_id: int, *, actor: Actor) -> None:
    """Take an item off. A topic or an offer that is on no programme any more is open again."""
    item, meeting = _locked_item(item_id)
    source = item.topic or item.offer
    item.delete()
    audit.record(actor=actor, action="meeting.programme_removed", subject=meeting)
    if source is None or source.programme.exists():
        return
    source.state = ContributionState.ANSWERED if source.answer else ContributionState.PROPOSED
    source.save(update_fields=["state"])
    audit.record(actor=actor, action=f"{source._meta.model_name}.taken_off", subject=source)
