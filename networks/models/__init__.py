"""The membership module's tables."""

from networks.models.membership import (
    ORGANISATION_CHOICES,
    STATUS_CHOICES,
    Membership,
    PlaceLock,
)
from networks.models.municipality import Facilitator, Municipality
from networks.models.page_parts import ContactPerson, NetworkFacilitator, Question, QuestionKind
from networks.models.pages import NetworkIndexPage, NetworkPage, Unit
from networks.models.person import Coordinator, Person
from networks.models.seasons import (
    ExtraScope,
    Meeting,
    MeetingKind,
    MeetingRecord,
    PriceStep,
    Season,
)
from networks.models.seats import Answer, JoinRequest, Participant, Seat

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
