"""A network's next season, made from its last in a new draft of the page.

Nothing that is live is touched: prices are copied and wait for an editor to confirm them, without
which the draft can't be published.
"""

from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Meeting, NetworkPage, PriceStep, Season
from networks.rules import new_season as rules
from networks.rules.pricing import TariffKind
from networks.services.errors import NotPossible

#: What a new season does not take over as it stands.
_OWN = {"id", "page", "sort_order", "name", "starts_on", "ends_on", "opens_on"}
_OWN_OF_MEETING = {"id", "season", "starts_at", "ends_at"}
#: What belongs to the one meeting and not to the next year's.
_CLEARED = {"agenda": "", "speakers": "", "online_link": ""}


def next_season(page: NetworkPage) -> Season:
    """The season that follows the last one of the page's newest draft; unsaved.

    Raises NotPossible when there is none to begin from, or when the new one would share days with
    another.
    """
    draft = page.get_latest_revision_as_object()
    seasons = _dated(draft)
    if not seasons:
        raise NotPossible(_("There is no season with dates to make the next one from."))
    season = _following(seasons[-1])
    assert season.starts_on is not None
    assert season.ends_on is not None
    others = [(other.starts_on, other.ends_on) for other in seasons]
    shared = rules.overlaps(season.starts_on, season.ends_on, others)
    if shared is not None:
        raise NotPossible(
            _("%(new)s would share days with %(other)s: see the dates of that season first.")
            % {"new": season.name, "other": seasons[shared].name}
        )
    return season


def make_next_season(page_id: int, *, begins: date, actor: Actor) -> Season:
    """Save a new draft of the page with its next season.

    ``begins``: the first day of the season that was asked for; pressed twice it is there already,
    and NotPossible says so. Raises NotPossible also when somebody has locked the page.
    """
    with transaction.atomic():
        page = NetworkPage.objects.select_for_update(of=("self",)).get(pk=page_id)
        if page.locked and page.locked_by_id != getattr(actor.user, "pk", None):
            raise NotPossible(_("The page is locked by somebody else."))
        season = next_season(page)
        if season.starts_on != begins:
            raise NotPossible(_("The season is there already, in the newest draft."))
        draft = page.get_latest_revision_as_object()
        season.sort_order = max((row.sort_order or 0 for row in draft.seasons.all()), default=0) + 1
        draft.seasons.add(season)
        draft.save_revision(user=actor.user, clean=False, log_action=True)
        audit.record(actor=actor, action="network.season_made", subject=page, begins=str(begins))
    return season


def _dated(draft: NetworkPage) -> list[Any]:
    seasons = [season for season in draft.seasons.all() if season.starts_on and season.ends_on]
    return sorted(seasons, key=lambda season: season.starts_on)


def _following(last: Any) -> Season:
    begins, ends = rules.a_year_later(last.starts_on), rules.a_year_later(last.ends_on)
    copied = _copied(last, _OWN)
    if last.last_cancellation_on:
        copied["last_cancellation_on"] = rules.a_year_later(last.last_cancellation_on)
    return Season(
        **{
            **copied,
            "name": rules.next_name(last.name, begins),
            "starts_on": begins,
            "ends_on": ends,
            "opens_on": rules.a_year_later(last.opens_on) if last.opens_on else None,
            "prices_confirmed": last.tariff == TariffKind.FREE,
            "ladder": [_step(step) for step in last.ladder.all()],
            "meetings": [_meeting(meeting, begins, ends) for meeting in last.meetings.all()],
        }
    )


def _copied(row: Any, own: set[str]) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in own
    }


def _step(step: PriceStep) -> PriceStep:
    return PriceStep(**_copied(step, {"id", "season"}))


def _meeting(meeting: Meeting, begins: date, ends: date) -> Meeting:
    """The meeting a year later; one without a date stays without."""
    copied = _copied(meeting, _OWN_OF_MEETING)
    texts = {name: rules.count_years(copied[name]) for name in ("title", "date_text")}
    starts_at, ends_at = _times(meeting, begins, ends)
    return Meeting(**{**copied, **texts, **_CLEARED, "starts_at": starts_at, "ends_at": ends_at})


def _times(meeting: Meeting, begins: date, ends: date) -> tuple[datetime | None, datetime | None]:
    """The same weekday and the same local hours."""
    if meeting.starts_at is None or meeting.ends_at is None:
        return None, None
    start = timezone.localtime(meeting.starts_at)
    end = timezone.localtime(meeting.ends_at)
    day = rules.same_weekday_later(start.date(), begins, ends)
    length = end.date() - start.date()
    return _local(day, start.time()), _local(day + length, end.time())


def _local(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
