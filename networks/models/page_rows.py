"""Rows that hang on a network's page: whose they are, and which must not vanish.

Publishing deletes inline rows that the published version lacks. A meeting with participants, a
question with answers or a season with charges is protected by the database; here that becomes an
error that names it, whichever way the version is published.
"""

import copy
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.utils.translation import gettext as _

from networks.models.publication import PublicationRefused

if TYPE_CHECKING:
    from networks.models.pages import NetworkPage

#: Children of the page that state facts: only the page in the first language has them.
FACT_RELATIONS = ("seasons", "facilitators", "contact_people", "questions")


def _model(name: str) -> type[Model]:
    return apps.get_model("networks", name)


def own_rows_only(content: dict[str, Any], page_id: int, keeps_facts: bool) -> dict[str, Any]:
    """The revision's content with keys of foreign nested rows removed.

    After a page is copied, its revision still holds the original's keys of meetings and price
    steps; publishing it as it is would move the original's rows to the copy.
    """
    content = copy.deepcopy(content)
    if not keeps_facts:
        content.update({relation: [] for relation in FACT_RELATIONS if relation in content})
        return content
    seasons = content.get("seasons", [])
    for relation, name in (("meetings", "Meeting"), ("ladder", "PriceStep")):
        rows = [row for season in seasons for row in season.get(relation, [])]
        keys = {row["pk"] for row in rows if row.get("pk")}
        foreign = set(
            _model(name)
            ._default_manager.filter(pk__in=keys)
            .exclude(season__page_id=page_id)
            .values_list("pk", flat=True)
        )
        for row in rows:
            if row.get("pk") in foreign:
                row["pk"] = None
    return content


def protected_rows(page_id: int, kept: dict[str, set[int]]) -> list[Model]:
    """The page's stored rows that are not kept though something points to them.

    ``kept``: the keys that the new version has, for "Season", "Meeting" and "Question".
    """
    stored: list[tuple[str, dict[str, int]]] = [
        ("Meeting", {"season__page_id": page_id}),
        ("Season", {"page_id": page_id}),
        ("Question", {"page_id": page_id}),
    ]
    dropped: list[Model] = []
    for name, owner in stored:
        queryset = _model(name)._default_manager.filter(**owner)
        dropped += queryset.exclude(pk__in=kept.get(name, set()))
    return [row for row in dropped if is_protected(row) or _has_participants(row, page_id)]


def _has_participants(row: Model, page_id: int) -> bool:
    """A meeting of a network with members has their standing participants."""
    memberships = _model("Membership")._default_manager
    is_meeting = isinstance(row, _model("Meeting"))
    return is_meeting and memberships.filter(network_id=page_id, status="active").exists()


def lock_meetings(page_id: int) -> None:
    """Lock the page's stored meetings in the order in which everybody else locks them: publishing
    writes them in the order of the page, and would wait for one who waits for it."""
    rows = _model("Meeting")._default_manager.filter(season__page_id=page_id).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def is_protected(row: Model) -> bool:
    """True when the database would refuse to delete the row."""
    collector = Collector(using="default", origin=row)
    try:
        collector.collect([row])
    except (ProtectedError, RestrictedError):
        return True
    return False


def dropping_error(rows: Iterable[Model]) -> PublicationRefused:
    names = ", ".join(str(row) for row in rows)
    return PublicationRefused(
        _(
            "These are in use by members and can't be removed: %(names)s. "
            "Keep them; a meeting can be cancelled instead."
        )
        % {"names": names}
    )


def refuse_another_unit(page: "NetworkPage") -> None:
    """Raises PublicationRefused when the page has memberships of another unit: it is fixed once one
    exists, also for a draft or a scheduled version from before."""
    memberships = _model("Membership")._default_manager.filter(network_id=page.pk)
    if memberships.exclude(unit=page.unit).exists():
        raise PublicationRefused(_("The network has members: the unit can't be changed."))


def refuse_to_drop_rows(page: "NetworkPage") -> None:
    """Raises PublicationRefused when saving would delete rows that others point to, or give the
    page another membership unit than its memberships have."""
    refuse_another_unit(page)
    seasons = list(page.seasons.all())
    kept = {
        "Season": {season.pk for season in seasons if season.pk},
        "Meeting": {
            meeting.pk for season in seasons for meeting in season.meetings.all() if meeting.pk
        },
        "Question": {question.pk for question in page.questions.all() if question.pk},
    }
    rows = protected_rows(page.pk, kept)
    if rows:
        raise dropping_error(rows)
