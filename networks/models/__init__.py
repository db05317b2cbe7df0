"""The membership module's tables."""

from networks.models.consent import Consent, ConsentGiven, ConsentText
from networks.models.contributions import (
    Contribution,
    ContributionState,
    Material,
    Offer,
    OfferKind,
    ProgrammeItem,
    ProgrammeKind,
    Topic,
    TopicSupport,
)
from networks.models.imports import KnownHeading, MemberImport
from networks.models.meetings import Meeting, MeetingKind, MeetingRecord
from networks.models.membership import (
    ORGANISATION_CHOICES,
    STATUS_CHOICES,
    Membership,
    PlaceLock,
)
from networks.models.municipality import Facilitator, Municipality
from networks.models.page_parts import ContactPerson, NetworkFacilitator, Question, QuestionKind
from networks.models.pages import NetworkIndexPage, NetworkPage, Unit
from networks.models.person import Coordinator, MeetingHost, Person
from networks.models.privacy import (
    PrivacySettings,
    ProcessingActivity,
    RetentionRun,
    privacy_settings,
)
from networks.models.requests import (
    Answer,
    ErasureRequest,
    Handover,
    HandoverKind,
    JoinRequest,
    RequestState,
)
from networks.models.seasons import ExtraScope, PriceStep, Season
from networks.models.seats import Guest, GuestState, Participant, Seat
from networks.models.years import SeasonEntry, SettledElsewhere

__all__ = [
    "privacy_settings",
    "RetentionRun",
    "ProcessingActivity",
    "PrivacySettings",
    "ConsentText",
    "ConsentGiven",
    "Consent",
    "SettledElsewhere",
    "SeasonEntry",
    "GuestState",
    "Guest",
    "RequestState",
    "HandoverKind",
    "Handover",
    "ErasureRequest",
    "MeetingHost",
    "TopicSupport",
    "Topic",
    "ProgrammeKind",
    "ProgrammeItem",
    "OfferKind",
    "Offer",
    "Material",
    "ContributionState",
    "Contribution",
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
    "KnownHeading",
    "MemberImport",
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
