"""What follows from publishing a version of a network's page: for meetings, for those who come,
for what visitors pay. Told before it is published; nothing is written here.

"Before" is what visitors see and people were told, "after" what the version says, both at this
moment. Amounts are whole øre excl. VAT.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from wagtail.models import Revision

from networks.models import MeetingRecord, NetworkPage
from networks.services.consequences.meetings import MeetingConsequence, meeting_consequences
from networks.services.consequences.prices import PriceConsequence, price_consequences


@dataclass(frozen=True)
class Consequences:
    """Everything that follows; falsy when nothing does. ``go_live_at``: scheduled for then."""

    meetings: tuple[MeetingConsequence, ...]
    prices: tuple[PriceConsequence, ...]
    go_live_at: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.meetings or self.prices)

    @property
    def notices(self) -> int:
        """Mails: one to each, however many meetings change."""
        return len(frozenset().union(*(row.notices for row in self.meetings)))

    def digest(self, revision: Revision) -> str:
        """Of what was shown, and of the version it was shown for: published is no other."""
        rows = [replace(row, notices=frozenset()) for row in self.meetings]
        told = sorted({address for row in self.meetings for address in row.notices})
        shown = (revision.pk, revision.created_at, rows, told, self.prices, self.go_live_at)
        return hashlib.sha256(repr(shown).encode()).hexdigest()


def consequences_of(revision: Revision) -> Consequences:
    """What follows from publishing the version now."""
    draft: NetworkPage = revision.as_object()
    stored = NetworkPage.objects.get(pk=draft.pk)
    now = timezone.now()
    if draft.facts.pk != draft.pk:
        return Consequences((), ())
    cancelled = set(
        MeetingRecord.objects.filter(
            meeting__season__page=stored, cancelled_at__isnull=False
        ).values_list("meeting_id", flat=True)
    )
    scheduled = draft.go_live_at if draft.go_live_at and draft.go_live_at > now else None
    return Consequences(
        meetings=tuple(meeting_consequences(stored, draft, cancelled, now)),
        # Of a page that visitors don't see, nobody pays another price than before.
        prices=tuple(price_consequences(stored, draft, cancelled, now)) if stored.live else (),
        go_live_at=scheduled,
    )
