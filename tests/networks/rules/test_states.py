"""Every pair of states against the table of the domain."""

from itertools import product

import pytest

from networks.rules.states import (
    FINAL,
    HOLDS_PLACE,
    OPEN,
    PRICE_FROZEN,
    Status,
    TransitionNotAllowed,
    can_become,
    check_transition,
)

#: Written out again, from the domain's words and not from the code.
TABLE = {
    "unconfirmed": "pending_approval awaiting_payment active waitlisted withdrawn expired",
    "pending_approval": "awaiting_payment active waitlisted rejected withdrawn",
    "waitlisted": "offered withdrawn",
    "offered": "awaiting_payment active withdrawn expired",
    "awaiting_payment": "active expired withdrawn",
    "active": "ended",
    "ended": "",
    "expired": "",
    "rejected": "",
    "withdrawn": "",
}


@pytest.mark.parametrize(("status", "target"), list(product(Status, Status)))
def test_each_pair_of_states(status, target):
    allowed = target.value in TABLE[status.value].split()
    assert can_become(status, target) is allowed
    assert can_become(status.value, target.value) is allowed
    if allowed:
        check_transition(status, target)
    else:
        with pytest.raises(TransitionNotAllowed) as refused:
            check_transition(status, target)
        assert (refused.value.status, refused.value.target) == (status, target)


@pytest.mark.parametrize(
    ("status", "place", "open_one", "final"),
    [
        ("unconfirmed", False, False, False),  # its place is a matter of hours, not of its state
        ("pending_approval", True, True, False),
        ("waitlisted", False, True, False),
        ("offered", True, True, False),
        ("awaiting_payment", True, True, False),
        ("active", True, True, False),
        ("ended", False, False, True),
        ("expired", False, False, True),
        ("rejected", False, False, True),
        ("withdrawn", False, False, True),
    ],
)
def test_what_a_state_means(status, place, open_one, final):
    state = Status(status)
    assert (state in HOLDS_PLACE, state in OPEN, state in FINAL) == (place, open_one, final)


def test_the_price_is_frozen_when_payment_is_awaited_or_the_membership_is_active():
    assert {Status.AWAITING_PAYMENT, Status.ACTIVE} == PRICE_FROZEN


def test_nothing_leads_back_to_the_first_state_and_every_state_can_end():
    assert not any(can_become(status, Status.UNCONFIRMED) for status in Status)
    for status in set(Status) - FINAL:
        assert any(can_become(status, target) for target in set(Status) - {status})
