"""What members get back for a cancelled meeting: once, to the øre, at most what was charged."""

from typing import Any

import pytest

from cms import audit
from networks.models import Meeting, Membership, NetworkPage
from networks.services import compensation, meetings
from networks.services.application import ParticipantEntry
from networks.services.compensation import Compensation
from networks.services.participants import name
from payments.models import Charge, ChargeState, Credit
from payments.services import crediting
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
    season,
)
from tests.factories.signups import applied, confirmed

pytestmark = pytest.mark.django_db
STEP = LADDER[3] - LADDER[2]
EXTRA = 150_000


@pytest.fixture
def network() -> NetworkPage:
    return make_network(seasons=[season(extra_price=EXTRA)])


@pytest.fixture
def meeting(network: NetworkPage) -> Meeting:
    return first(network)


def first(network: NetworkPage) -> Meeting:
    rows = Meeting.objects.filter(season__page=network).select_related("season__page", "record")
    return rows.order_by("pk").first()


def cancel(
    meeting: Meeting, run_jobs: Any, net: int = 0, *, seats: bool = False, **by: Any
) -> None:
    arguments = {"actor": audit.SYSTEM, "reason": "Sygdom", **by}
    meetings.cancel_meeting(meeting.pk, compensate=Compensation(net, seats), **arguments)
    run_jobs("networks.compensate")


def fee_of(membership: Membership) -> Charge:
    return Charge.objects.get(reference=audit.reference(membership), key__startswith="membership:")


def test_the_proposal_is_the_step_of_the_ladder(network, meeting):
    confirmed(network)
    offer = compensation.offer_of(meeting)
    assert (offer.proposed, offer.memberships, offer.seats) == (STEP, 1, 0)
    Meeting.objects.filter(pk=meeting.pk).update(included=False)
    assert compensation.offer_of(first(network)).proposed == 0


def test_each_member_gets_the_amount_once_and_the_history_says_who_gave_it(
    network, meeting, run_jobs
):
    members = [confirmed(network) for _turn in range(2)]
    user = make_user(superuser=True)
    cancel(meeting, run_jobs, STEP, actor=audit.Actor.by(user))
    for membership in members:
        charge = fee_of(membership)
        assert charge.credited == STEP + STEP // 4
        assert charge.state == ChargeState.OPEN
        entry = audit.history(membership).get(action="membership.compensated")
        assert (entry.user, entry.data["net"]) == (user, STEP)
        again = compensation.give(
            str(membership.pk),
            meeting.pk,
            charge_id=str(charge.pk),
            net=STEP,
            seat_ids=[],
            user_id=None,
            reason="",
        )
        assert again == 0
    assert Credit.objects.count() == 2


def test_nothing_is_given_unless_it_is_decided(network, meeting, run_jobs):
    confirmed(network)
    cancel(meeting, run_jobs)
    assert not Credit.objects.exists()


def test_no_more_is_given_than_is_left(network, meeting, run_jobs):
    membership = confirmed(network)
    crediting.credit_part(fee_of(membership), net=LADDER[3] - 100, key="k", reason="Rettelse")
    cancel(meeting, run_jobs, STEP)
    charge = fee_of(membership)
    assert (charge.credited, charge.state) == (charge.gross, ChargeState.CREDITED)


def test_who_has_not_paid_yet_owes_less_and_keeps_something_to_pay(network, meeting, run_jobs):
    membership = applied(network, method="card")
    assert membership.status == "awaiting_payment"
    cancel(meeting, run_jobs, LADDER[3])
    assert fee_of(membership).credited == 0
    other = first(network.__class__.objects.get(pk=network.pk))
    cancel(Meeting.objects.exclude(pk=other.pk).order_by("pk").first(), run_jobs, STEP)
    assert fee_of(membership).credited == STEP + STEP // 4


def test_who_leaves_before_the_meeting_or_was_never_charged_gets_nothing(
    network, meeting, run_jobs
):
    leaving = confirmed(network)
    Membership.objects.filter(pk=leaving.pk).update(ends_on=meeting.starts_at.date().replace(day=1))
    MembershipFactory(network=network, price_net=0)
    cancel(meeting, run_jobs, STEP)
    expected = meeting.starts_at.day == 1  # The last day may be the meeting's own.
    assert Credit.objects.exists() == expected


def test_an_extra_participant_is_credited_in_full_and_the_other_meetings_stand(
    network, meeting, run_jobs
):
    membership = confirmed(network)
    keys = list(Meeting.objects.order_by("pk").values_list("pk", flat=True))
    for number in range(3):
        entry = ParticipantEntry(f"Deltager {number}", f"d{number}@{_domain(membership)}", "", ())
        entry = ParticipantEntry(entry.name, entry.email, "", tuple(keys[:2]))
        name(membership.pk, entry, actor=audit.VISITOR, as_extra=True, accepted_net=2 * EXTRA)
    extras = Charge.objects.filter(key__startswith="extra:")
    assert extras.count() == 2
    offer = compensation.offer_of(first(network))
    assert (offer.seats, offer.seats_net) == (1, EXTRA)
    cancel(meeting, run_jobs, seats=True)
    assert sorted(extras.values_list("state", flat=True)) == ["credited", "open"]
    assert fee_of(membership).credited == 0


def _domain(membership: Membership) -> str:
    assert membership.municipality is not None
    return membership.municipality.domains[0]


def test_people_paid_for_one_by_one_at_sign_up_are_credited_for_that_meeting(run_jobs):
    network = make_network(
        seasons=[season(tariff="per_person_per_meeting", price_per_person=EXTRA)]
    )
    keys = tuple(Meeting.objects.order_by("pk").values_list("pk", flat=True))
    home = MunicipalityFactory()
    people = tuple(
        ParticipantEntry(f"Deltager {number}", f"d{number}@{home.domains[0]}", "", keys)
        for number in range(2)
    )
    membership = confirmed(network, home, participants=people, accepted_net=6 * EXTRA)
    cancel(first(network), run_jobs, STEP, seats=True)
    charge = fee_of(membership)
    assert charge.credited == 2 * EXTRA * 5 // 4
    assert charge.state == ChargeState.OPEN
