"""The membership module's tables."""

from networks.models.membership import (
    ORGANISATION_CHOICES,
    STATUS_CHOICES,
    Answer,
    Coordinator,
    JoinRequest,
    Membership,
    Participant,
    Person,
    PlaceLock,
    Seat,
)
from networks.models.municipality import Facilitator, Municipality
from networks.models.pages import (
    ContactPerson,
    NetworkFacilitator,
    NetworkIndexPage,
    NetworkPage,
    Question,
    QuestionKind,
    Unit,
)
from networks.models.seasons import (
    ExtraScope,
    Meeting,
    MeetingKind,
    MeetingRecord,
    PriceStep,
    Season,
)

__all__ = [
    "ORGANISATION_CHOICES",
    "STATUS_CHOICES",
    "Answer",
    "ContactPerson",
    "Coordinator",
    "ExtraScope",
    "Facilitator",
    "JoinRequest",
    "Meeting",
    "MeetingKind",
    "MeetingRecord",
    "Membership",
    "Municipality",
    "NetworkFacilitator",
    "NetworkIndexPage",
    "NetworkPage",
    "Participant",
    "Person",
    "PlaceLock",
    "PriceStep",
    "Question",
    "QuestionKind",
    "Seat",
    "Season",
    "Unit",
]
