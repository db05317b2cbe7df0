"""The states of a membership and the ways between them (the table of the domain)."""

from enum import StrEnum


class Status(StrEnum):
    UNCONFIRMED = "unconfirmed"
    PENDING_APPROVAL = "pending_approval"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    AWAITING_PAYMENT = "awaiting_payment"
    ACTIVE = "active"
    ENDED = "ended"
    EXPIRED = "expired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.UNCONFIRMED: frozenset(
        {
            Status.PENDING_APPROVAL,
            Status.AWAITING_PAYMENT,
            Status.ACTIVE,
            Status.WAITLISTED,
            Status.WITHDRAWN,
            Status.EXPIRED,
        }
    ),
    Status.PENDING_APPROVAL: frozenset(
        {
            Status.AWAITING_PAYMENT,
            Status.ACTIVE,
            Status.WAITLISTED,
            Status.REJECTED,
            Status.WITHDRAWN,
        }
    ),
    Status.WAITLISTED: frozenset({Status.OFFERED, Status.WITHDRAWN}),
    Status.OFFERED: frozenset(
        {Status.AWAITING_PAYMENT, Status.ACTIVE, Status.WITHDRAWN, Status.EXPIRED}
    ),
    Status.AWAITING_PAYMENT: frozenset({Status.ACTIVE, Status.EXPIRED, Status.WITHDRAWN}),
    Status.ACTIVE: frozenset({Status.ENDED}),
    Status.ENDED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}

#: Holds a place whatever the clock says; an unconfirmed one holds it for a time of its own.
HOLDS_PLACE = frozenset(
    {Status.PENDING_APPROVAL, Status.OFFERED, Status.AWAITING_PAYMENT, Status.ACTIVE}
)

#: Counts as *the* membership of its unit in its network.
OPEN = HOLDS_PLACE | {Status.WAITLISTED}

#: Nothing leads out of these; a new membership begins anew.
FINAL = frozenset(status for status, ways in TRANSITIONS.items() if not ways)

#: The price is frozen from here on.
PRICE_FROZEN = frozenset({Status.AWAITING_PAYMENT, Status.ACTIVE})


class TransitionNotAllowed(Exception):
    """The membership is in a state from which that step does not lead."""

    def __init__(self, status: Status, target: Status) -> None:
        super().__init__(f"A membership can't go from {status} to {target}.")
        self.status = status
        self.target = target


def can_become(status: Status, target: Status) -> bool:
    return target in TRANSITIONS[Status(status)]


def check_transition(status: Status, target: Status) -> None:
    """Raises TransitionNotAllowed when the table has no such way."""
    if not can_become(status, target):
        raise TransitionNotAllowed(Status(status), Status(target))
