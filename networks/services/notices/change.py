"""A meeting that says something else than people were told."""

from dataclasses import dataclass
from datetime import datetime

from cms.messages.outbox import Attachment
from networks.models import Meeting
from networks.services import calendar
from networks.services.calendar import Attendee, Said


@dataclass(frozen=True)
class Change:
    """``before``: what was told; ``now``: what the published meeting says."""

    meeting: Meeting
    before: Said
    now: Said

    @property
    def name(self) -> str:
        return str(self.meeting.title or self.meeting.get_kind_display())

    @property
    def is_moved(self) -> bool:
        return (self.before.starts_at, self.before.ends_at) != (
            self.now.starts_at,
            self.now.ends_at,
        )

    @property
    def is_elsewhere(self) -> bool:
        return self.before.place != self.now.place

    @property
    def has_another_link(self) -> bool:
        return self.before.online_link != self.now.online_link

    @property
    def ends_at(self) -> datetime | None:
        """When it is no use any more to hear of it; None while that is not known."""
        ends = (self.before.ends_at, self.now.ends_at)
        return max(end for end in ends if end) if self.now.ends_at else None

    def file_for(self, person: Attendee) -> tuple[Attachment, ...]:
        """What corrects the person's calendar; without a date it is taken out for the time
        being, and comes back under the same UID."""
        if self.now.starts_at:
            return (calendar.invitation(self.meeting, person),)
        if self.before.starts_at and self.before.ends_at:
            dates = (self.before.starts_at, self.before.ends_at)
            return (calendar.withdrawal(self.meeting, person, dates),)
        return ()
