"""Pages of long lists: the last one costs about what the first one does."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from wagtail.admin.paginator import WagtailPaginator


class KeysFirstPaginator(WagtailPaginator):
    """Skips over keys alone, without the joins of the rows, and from the nearer end of the list.

    The order is made total by the key, so that no row stands on two pages.
    """

    object_list: QuerySet[Any]
    #: The very same rows, if they were searched for: by conditions that each row answers by
    #: itself, where those of ``object_list`` gather keys from other tables first.
    walked: QuerySet[Any] | None = None
    #: The ends of the list, for which that is cheaper: this part of all that is found.
    WALKED_PART, WALKED_LEAST = 20, 1_000

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        stop = min(start + self.per_page, self.count)
        page: Page[Any] = self._get_page(self._rows(start, stop), number, self)
        return page

    def _rows(self, start: int, stop: int) -> Sequence[Any]:
        if not isinstance(self.object_list, QuerySet) or not self.object_list.ordered:
            return list(self.object_list[start:stop])
        rows = self._totally_ordered(self.object_list if self.walked is None else self.walked)
        found = rows if self._is_near_an_end(start, stop) else self.object_list
        keys = self._totally_ordered(found).select_related(None).values("pk")
        if start > self.count // 2:
            near = keys.reverse()[self.count - stop : self.count - start]
        else:
            near = keys[start:stop]
        return list(rows.filter(pk__in=near))

    def _is_near_an_end(self, start: int, stop: int) -> bool:
        passed = min(stop, self.count - start)
        return self.count >= self.WALKED_LEAST and passed * self.WALKED_PART <= self.count

    def _totally_ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        ordering = rows.query.order_by or rows.model._meta.ordering
        if "pk" in ordering or "-pk" in ordering:
            return rows
        descending = str(ordering[0]).startswith("-")
        return rows.order_by(*ordering, "-pk" if descending else "pk")
