"""The desk: what waits for the user, on the administration's home.

Each app says what its tasks are, through the hook ``DESK_HOOK``: (request) → tasks that this user
may do something about. A task names the list behind its number and counts that list's own rows, so
that the two can't differ. All tasks are counted in one query.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Count, DateTimeField, F, Min, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

DESK_HOOK = "register_desk_tasks"


class Area(IntEnum):
    """What a task belongs to, in the order of the desk."""

    MEMBERS = 1
    MEETINGS = 2
    MESSAGES = 3
    MONEY = 4
    PAGES = 5


AREA_LABELS = {
    Area.MEMBERS: _("Members"),
    Area.MEETINGS: _("Meetings"),
    Area.MESSAGES: _("Mails"),
    Area.MONEY: _("Money"),
    Area.PAGES: _("Pages and seasons"),
}
AREA_ICONS = {
    Area.MEMBERS: "group",
    Area.MEETINGS: "date",
    Area.MESSAGES: "mail",
    Area.MONEY: "calculator",
    Area.PAGES: "doc-empty-inverse",
}

ALWAYS = timedelta(0)


@dataclass(frozen=True)
class Task:
    """One number of the desk. ``rows``: those of the list at ``url``; ``label`` is a plural
    (``ngettext_lazy``) without the number.

    ``since``: the field that says how long a row has waited; with ``is_deadline`` until when it can
    wait. It is urgent once the oldest has waited ``urgent_after``, or the first deadline is nearer
    than that; ``ALWAYS``, whatever the time. None: never.
    """

    key: str
    area: Area
    label: Any
    url: str
    rows: QuerySet[Any]
    since: str = ""
    is_deadline: bool = False
    urgent_after: timedelta | None = None

    def is_urgent(self, moment: datetime | None, now: datetime) -> bool:
        if self.urgent_after == ALWAYS:
            return True
        if self.urgent_after is None or moment is None:
            return False
        if self.is_deadline:
            return moment - now <= self.urgent_after
        return now - moment >= self.urgent_after


@dataclass(frozen=True)
class Waiting:
    """A task of which there is something: how much, and since or until when."""

    task: Task
    number: int
    moment: datetime | None
    is_urgent: bool

    @property
    def label(self) -> str:
        return str(self.task.label % self.number)


@dataclass(frozen=True)
class AreaOfDesk:
    area: Area
    tasks: Sequence[Waiting]

    @property
    def label(self) -> Any:
        return AREA_LABELS[self.area]

    @property
    def icon(self) -> str:
        return AREA_ICONS[self.area]

    @property
    def is_urgent(self) -> bool:
        return any(task.is_urgent for task in self.tasks)


def listed(
    model_admin: Any, request: HttpRequest, parameters: Mapping[str, Any]
) -> tuple[str, QuerySet[Any]]:
    """The address of a list with these filters, and the rows that it shows this user."""
    asked = copy(request)
    query = urlencode(parameters, doseq=True)
    asked.GET = QueryDict(query)
    listing = model_admin.index_view_class(model_admin=model_admin)
    listing.setup(asked)
    rows = listing.get_queryset()
    assert not listing.filters or listing.filters.is_valid(), f"{query}: {listing.filters.errors}"
    address = model_admin.row_url("index")
    return (f"{address}?{query}" if query else address), rows


@dataclass(frozen=True)
class ListEntry:
    """A task whose rows are a list with filters set, for those with ``permission`` on its model."""

    key: str
    area: Area
    label: Any
    model_admin: Any
    permission: str
    filters: Mapping[str, Any]
    since: str
    is_deadline: bool = False
    urgent_after: timedelta | None = None

    def task(self, request: HttpRequest) -> Task | None:
        if not self.model_admin.policy.user_has_permission(request.user, self.permission):
            return None
        url, rows = listed(self.model_admin, request, self.filters)
        how = (self.since, self.is_deadline, self.urgent_after)
        return Task(self.key, self.area, self.label, url, rows, *how)


def tasks_in(entries: Iterable[ListEntry], request: HttpRequest) -> list[Task]:
    """The tasks of those of the entries that are the user's."""
    tasks = (entry.task(request) for entry in entries)
    return [task for task in tasks if task]


def tasks_of(request: HttpRequest) -> list[Task]:
    """Whatever the user may do something about, also where nothing waits."""
    return [task for register in hooks.get_hooks(DESK_HOOK) for task in register(request)]


def waiting(tasks: Iterable[Task], now: datetime) -> list[Waiting]:
    """Those of the tasks of which there is something, from one query for all."""
    known = {task.key: task for task in tasks}
    counts = [_count(task) for task in known.values()]
    if not counts:
        return []
    found = counts[0].union(*counts[1:], all=True) if len(counts) > 1 else counts[0]
    return [
        Waiting(known[key], number, moment, known[key].is_urgent(moment, now))
        for key, number, moment in found
        if number
    ]


def _count(task: Task) -> QuerySet[Any]:
    """(key, number of rows, the first moment). A list's own joins and annotations stay inside a
    subquery, where they can't count a row twice."""
    keys = task.rows.order_by().values("pk")
    rows = task.rows.model._default_manager.filter(pk__in=keys).order_by()
    moment = Cast(F(task.since) if task.since else Value(None), DateTimeField())
    counted: QuerySet[Any] = (
        rows.values(task=Value(task.key))
        .annotate(number=Count("pk"), moment=Min(moment))
        .values_list("task", "number", "moment")
    )
    return counted


def desk_of(request: HttpRequest) -> list[AreaOfDesk]:
    """Urgent areas and tasks first; otherwise in the order of areas, and of registration."""
    found = waiting(tasks_of(request), timezone.now())
    areas = []
    for area in Area:
        mine = [each for each in found if each.task.area == area]
        if mine:
            areas.append(AreaOfDesk(area, sorted(mine, key=lambda each: not each.is_urgent)))
    return sorted(areas, key=lambda each: not each.is_urgent)


class DeskPanel(Component):
    """The desk on the home page, before Wagtail's own panels."""

    name = "desk"
    order = 10
    template_name = "cms/backoffice/desk.html"

    class Media:
        css: ClassVar = {"all": ["cms/desk.css"]}

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        areas = desk_of(self.request)
        number = sum(len(area.tasks) for area in areas)
        return {"areas": areas, "number": number, "today": timezone.localdate()}
