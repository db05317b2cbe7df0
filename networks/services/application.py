"""What was filled in, what the rules say of it, and what became of it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from networks.models import Membership, Municipality, NetworkPage
from networks.rules.eligibility import (
    OrganisationKind,
    Policy,
    Verdict,
    judge,
    normalise_email,
    participant_may_come,
)
from networks.rules.pricing import Quote
from networks.services import terms


class Outcome(StrEnum):
    """What became of a sign-up, for the screen."""

    CONFIRM_ADDRESS = "confirm_address"
    PAY = "pay"
    WAITLISTED = "waitlisted"
    JOIN_REQUESTED = "join_requested"
    ACCEPTED = "accepted"
    #: Nothing was stored; the form says why.
    PRICE_ROSE = "price_rose"
    REFUSED = "refused"
    CLOSED = "closed"
    #: At a meeting chosen there is no room for so many.
    MEETING_FULL = "meeting_full"


@dataclass(frozen=True)
class ParticipantEntry:
    name: str
    email: str
    job_title: str = ""
    meeting_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Application:
    """What was filled in. ``accepted_net``: the price shown, øre excl. VAT."""

    network: NetworkPage
    season_id: int | None
    organisation: OrganisationKind
    municipality: Municipality | None
    name: str
    email: str
    organisation_name: str = ""
    job_title: str = ""
    phone: str = ""
    participants: tuple[ParticipantEntry, ...] = ()
    answers: dict[int, str] = field(default_factory=dict)
    method: str = ""
    buyer: dict[str, str] = field(default_factory=dict)
    accepted_net: int = 0
    invited: bool = False
    #: Keys of the texts that were said yes to (``services.consents``).
    consents: tuple[int, ...] = ()

    @property
    def address(self) -> str:
        return normalise_email(self.email)

    @property
    def domains(self) -> list[str]:
        return self.municipality.domains if self.municipality else []

    @property
    def attendance(self) -> dict[int, int]:
        """{meeting: people}"""
        return dict(Counter(key for entry in self.participants for key in entry.meeting_ids))


@dataclass(frozen=True)
class SignUpResult:
    outcome: Outcome
    membership: Membership | None = None
    verdict: Verdict = Verdict.ACCEPTED


def verdict_on(application: Application) -> Verdict:
    return judge(
        policy=Policy(application.network.eligibility),
        organisation=application.organisation,
        address=application.address,
        domains=application.domains,
        invited=application.invited,
    )


def quote_for(application: Application) -> Quote | None:
    network = application.network
    return terms.quote_for(
        network, terms.terms_of(network), application.season_id, application.attendance
    )


def strangers_among(application: Application) -> list[str]:
    """Addresses of named colleagues who may not come: participants pass the same eligibility as
    members. Where the applicant's own address elsewhere is approved, so are the colleagues there,
    whom the administrator sees beside it."""
    own = application.address.rpartition("@")[2]
    return [
        entry.email
        for entry in application.participants
        if not participant_may_come(
            policy=Policy(application.network.eligibility),
            address=entry.email,
            contact_address=application.address,
            domains=[*application.domains, own],
        )
    ]
