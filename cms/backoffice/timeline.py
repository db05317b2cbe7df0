"""What happened to a row and around it, newest first: one list, whatever the tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

#: On a page of a timeline.
EVENTS_A_PAGE = 50


@dataclass(frozen=True)
class Event:
    """``kind``: what it can be filtered by. ``text``: as it was written, for unfolding."""

    at: datetime
    kind: str
    title: Any
    actor: Any = ""
    reason: str = ""
    details: Sequence[Any] = ()
    url: str = ""
    status: SafeString | str = ""
    text: str = ""


class Timeline:
    """``kinds``: those that the reader may see, with their labels, in order."""

    def __init__(self, events: Iterable[Event], kinds: dict[str, Any], asked: Any) -> None:
        self.kinds = kinds
        self.chosen = asked.get("kind", "") if asked.get("kind", "") in kinds else ""
        seen = [event for event in events if event.kind in kinds]
        self.numbers = {kind: sum(event.kind == kind for event in seen) for kind in kinds}
        shown = [event for event in seen if not self.chosen or event.kind == self.chosen]
        shown.sort(key=lambda event: event.at, reverse=True)
        self.page: Page[Event] = Paginator(shown, EVENTS_A_PAGE).get_page(asked.get("p"))

    def label(self, event: Event) -> Any:
        return self.kinds[event.kind]

    @property
    def filters(self) -> list[dict[str, Any]]:
        """Links to each kind that there is something of, and to all of them."""
        number = sum(self.numbers.values())
        everything = {"label": _("Everything"), "number": number, "kind": ""}
        kinds = [
            {"label": label, "number": self.numbers[kind], "kind": kind}
            for kind, label in self.kinds.items()
            if self.numbers[kind]
        ]
        return [
            {**each, "url": self._address(each["kind"]), "is_chosen": each["kind"] == self.chosen}
            for each in (everything, *kinds)
        ]

    @property
    def newer_url(self) -> str:
        return self._turn(self.page.previous_page_number) if self.page.has_previous() else ""

    @property
    def older_url(self) -> str:
        return self._turn(self.page.next_page_number) if self.page.has_next() else ""

    def _turn(self, number: Any) -> str:
        return self._address(self.chosen, p=number())

    def _address(self, kind: str, **more: Any) -> str:
        chosen = {"kind": kind} if kind else {}
        return f"?{urlencode({**chosen, **more})}#timeline"
