"""Which actions a membership's state allows now; screens offer these and no other."""

from django.utils import timezone

from networks.models import Membership
from networks.rules.states import FINAL, Status


def allowed_actions(membership: Membership) -> list[str]:
    """Names among approve, reject, offer, cancel, undo_cancellation, withdraw, new_link and
    correct."""
    state = membership.state
    confirmed = membership.address_confirmed_at is not None
    checks = {
        "approve": confirmed
        and membership.needs_approval
        and state in (Status.PENDING_APPROVAL, Status.WAITLISTED),
        "reject": state == Status.PENDING_APPROVAL,
        "offer": confirmed and state == Status.WAITLISTED,
        "cancel": state == Status.ACTIVE and membership.cancelled_at is None,
        "undo_cancellation": membership.cancelled_at is not None
        and membership.is_leaving(timezone.localdate()),
        "withdraw": state not in FINAL and state != Status.ACTIVE,
        "new_link": state not in FINAL,
        "correct": state not in FINAL,
    }
    return [name for name, allowed in checks.items() if allowed]
