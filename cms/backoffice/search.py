"""One search over everything that the user may see, grouped by kind.

Each app names its sources (hook ``SEARCH_HOOK``); one query asks them all, each within the rows
of its own policy. When nothing is written as it was typed, what resembles it is shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail import hooks
from wagtail.admin.search import SearchArea
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.searching import Search, SearchText, highlighted, set_likeness

#: Hooks of that name return the sources of an app.
SEARCH_HOOK = "register_search_sources"
URL_NAME = "cms_search"
#: Of each kind beside the others, and on a page of its own.
FEW, MANY = 8, 50
#: How many rows are looked at in their order for each that is shown, and at the most. A word that
#: more of the rows hold is common: it would cost more to gather all of them by the indexes.
WALKED_EACH, WALKED_MOST = 20, 2_000


@dataclass(frozen=True)
class Hit:
    """One row found: what it is called, and what else is told of it."""

    title: str
    details: Sequence[str] = ()
    status: SafeString | str = ""


def matching_in(*fields: str) -> Callable[[QuerySet[Any], Search, Any], QuerySet[Any]]:
    """The rows with every term in these fields of their own, which have an index together."""

    def matching(rows: QuerySet[Any], search: Search, user: Any) -> QuerySet[Any]:
        for term in search.terms:
            rows = rows.filter(search.found_in(term, *fields))
        return rows

    return matching


@dataclass(frozen=True)
class Source:
    """Rows of one kind that are searched.

    ``matching`` narrows the rows of the policy to those found. ``walking`` finds the very same
    ones, each row by itself, where ``matching`` gathers keys from several tables first.
    ``values`` are read with each (name → expression), which may come from annotations of ``told``;
    ``hit`` tells them. ``likeness``: the text by which a loose search puts the most alike first;
    otherwise the order is ``order_by``'s, which an index should have.
    """

    kind: str
    label: Any
    icon_name: str
    policy: Any
    url_name: str
    matching: Callable[[QuerySet[Any], Search, Any], QuerySet[Any]]
    values: Mapping[str, Any]
    hit: Callable[[dict[str, Any]], Hit]
    likeness: SearchText
    order_by: tuple[str, ...] = ("pk",)
    position: int = 100
    walking: Callable[[QuerySet[Any], Search, Any], QuerySet[Any]] | None = None
    told: Callable[[QuerySet[Any], Search], QuerySet[Any]] | None = None

    def rows(self, search: Search, user: Any, start: int, number: int) -> list[QuerySet[Any]]:
        """(kind, key, values) of the rows found, and of one more, which tells that there are.

        What several tables are searched for is first walked to in the order shown, and gathered
        by the indexes only unless the first rows held enough of it already: a common word is soon
        met, a rare one soon gathered. Of the two parts one is empty.
        """
        visible = self.policy.instances_user_has_permission_for(user, "view")
        gathered = self._in_order(self.matching(visible, search, user), search)
        stop = start + number + 1
        if self.walking is None or search.loosely or search.reference:
            return [self._read(gathered, search)[start:stop]]
        looked_at = min(stop * WALKED_EACH, WALKED_MOST)
        first = visible.order_by(*self.order_by).values("pk")[:looked_at]
        walked = self.walking(visible.filter(pk__in=first), search, user).order_by(*self.order_by)
        enough = Exists(walked.values("pk")[stop - 1 : stop])
        return [
            self._read(walked.filter(enough), search)[start:stop],
            self._read(gathered.filter(~enough), search)[start:stop],
        ]

    def _read(self, found: QuerySet[Any], search: Search) -> QuerySet[Any]:
        rows = self.told(found, search) if self.told else found
        return rows.annotate(
            search_kind=Value(self.kind, output_field=TextField()),
            search_key=Cast("pk", TextField()),
            search_values=JSONObject(**self.values),
        ).values_list("search_kind", "search_key", "search_values")

    def _in_order(self, found: QuerySet[Any], search: Search) -> QuerySet[Any]:
        if not search.loosely:
            return found.order_by(*self.order_by)
        alike = [TrigramWordSimilarity(term, self.likeness) for term in search.terms]
        ranked = found.annotate(search_likeness=reduce(add, alike))
        return ranked.order_by(F("search_likeness").desc(nulls_last=True), *self.order_by)


def sources_for(user: Any) -> list[Source]:
    """Those of which the user may see any rows, in order."""
    sources = [source for hook in hooks.get_hooks(SEARCH_HOOK) for source in hook()]
    visible = [each for each in sources if each.policy.user_has_permission(user, "view")]
    return sorted(visible, key=lambda source: source.position)


@dataclass
class Group:
    """What was found of one kind. ``has_more``: beyond those shown."""

    source: Source
    search: Search
    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    has_more: bool = False

    @property
    def hits(self) -> list[dict[str, Any]]:
        return [self._hit(key, values) for key, values in self.rows]

    def _hit(self, key: str, values: dict[str, Any]) -> dict[str, Any]:
        hit = self.source.hit(values)
        return {
            "url": reverse(self.source.url_name, args=[quote(key)]),
            "title": highlighted(hit.title, self.search),
            "details": [highlighted(str(each), self.search) for each in hit.details if each],
            "status": hit.status,
        }


def find(
    sources: Sequence[Source], search: Search, user: Any, *, start: int = 0, number: int = FEW
) -> list[Group]:
    """What each source has, in one query; kinds of which nothing was found are left out."""
    groups = {source.kind: Group(source, search) for source in sources}
    parts = [part for each in sources for part in each.rows(search, user, start, number)]
    # One alone is no union: its limit would be lost.
    rows = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True)
    for kind, key, values in rows:
        group = groups[kind]
        if len(group.rows) < number:
            group.rows.append((key, values))
        else:
            group.has_more = True
    return [group for group in groups.values() if group.rows]


class SearchView(WagtailAdminTemplateMixin, View):
    """``q``: what is looked for; ``kind`` and ``p``: one kind alone, page by page."""

    template_name = "cms/backoffice/search.html"
    page_title = _("Search")
    header_icon = "search"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.sources:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.render_to_response(self.get_context_data())
        return response

    @cached_property
    def sources(self) -> list[Source]:
        return sources_for(self.request.user)

    @cached_property
    def kind(self) -> Source | None:
        asked = self.request.GET.get("kind", "")
        return next((source for source in self.sources if source.kind == asked), None)

    @cached_property
    def page(self) -> int:
        asked = self.request.GET.get("p", "")
        return min(max(int(asked), 1), 1000) if asked.isdecimal() else 1

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": _("Search")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").replace("\x00", "").strip()
        search = Search(text)
        groups = self.found(search) if search else []
        if search and not groups and not search.is_number:
            search = Search(text, loosely=True)
            set_likeness()
            groups = self.found(search)
        context: dict[str, Any] = super().get_context_data(
            **{
                "query": text,
                "search": search,
                "groups": groups,
                "kind": self.kind,
                "all_url": self.address(text),
                **self.pages(text, groups),
                **kwargs,
            }
        )
        return context

    def found(self, search: Search) -> list[Group]:
        user = self.request.user
        if self.kind is None:
            return find(self.sources, search, user)
        start = (self.page - 1) * MANY
        return find([self.kind], search, user, start=start, number=MANY)

    def pages(self, text: str, groups: list[Group]) -> dict[str, Any]:
        """The addresses that lead on from here."""
        more = {each.source.kind: self.address(text, kind=each.source.kind) for each in groups}
        if self.kind is None:
            return {"groups_with_address": [(group, more[group.source.kind]) for group in groups]}
        has_next = any(group.has_more for group in groups)
        here = self.kind.kind
        return {
            "groups_with_address": [(group, "") for group in groups],
            "next_url": self.address(text, kind=here, p=self.page + 1) if has_next else "",
            "previous_url": self.address(text, kind=here, p=self.page - 1) if self.page > 1 else "",
        }

    def address(self, text: str, **more: Any) -> str:
        return f"{reverse(URL_NAME)}?{urlencode({'q': text, **more})}"


class EverythingArea(SearchArea):
    """Stands first among Wagtail's searches: the field in the sidebar (shortcut: /) is its."""

    def __init__(self) -> None:
        super().__init__(
            _("Members and money"), reverse(URL_NAME), name="all", icon_name="search", order=1
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(sources_for(request.user))


urlpatterns = [path("find/", SearchView.as_view(), name=URL_NAME)]
