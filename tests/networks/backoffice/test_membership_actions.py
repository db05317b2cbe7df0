"""What administrators do to a membership: each through its service, each error in words."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cms.audit import AuditEntry, history, reference
from cms.messages.models import Message
from networks import roles
from networks.models import Membership
from networks.rules.states import Status
from networks.services.actions import allowed_actions
from networks.wagtail_hooks import memberships
from tests.factories.networks import (
    BUYER,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
)

pytestmark = pytest.mark.django_db

ACTIONS = {action.name: action for action in memberships.actions}


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def pending(**facts: object) -> Membership:
    """Waits for approval: confirmed, from a domain that its municipality has not."""
    return MembershipFactory(
        **{
            "status": Status.PENDING_APPROVAL,
            "address_at_domain": False,
            "with_buyer": True,
            **facts,
        }
    )


def post(client: Client, membership: Membership, action: str, **data: object) -> str:
    """The page that is seen after the form of the action was sent."""
    response = client.post(memberships.row_url(action, membership.pk), data, follow=True)
    assert response.status_code == 200
    membership.refresh_from_db()
    return response.content.decode()


def latest(membership: Membership) -> AuditEntry:
    return history(membership).first()


def test_approving_makes_the_membership_active_and_remembers_the_domain(
    administrator: Client,
) -> None:
    membership = pending(contact__email="leder@institution.example")
    post(administrator, membership, "approve", reason="Kendt institution", remember_domain="on")
    assert membership.status == Status.ACTIVE
    membership.municipality.refresh_from_db()
    assert "institution.example" in membership.municipality.domains
    assert latest(membership).user.groups.get().name == roles.MEMBER_ADMINISTRATORS


def test_approving_at_a_risen_price_says_that_the_applicant_is_asked(
    administrator: Client,
) -> None:
    membership = pending(accepted_net=1)
    page = post(administrator, membership, "approve")
    assert membership.status == Status.PENDING_APPROVAL
    assert "has risen" in page or "steget" in page


def test_rejecting_needs_a_reason_and_mails_the_text(administrator: Client) -> None:
    membership = pending()
    post(administrator, membership, "reject", text="Vi kan desværre ikke.")
    assert membership.status == Status.PENDING_APPROVAL
    post(administrator, membership, "reject", reason="Ikke en kommune", text="Desværre ikke.")
    assert membership.status == Status.REJECTED
    assert latest(membership).reason == "Ikke en kommune"
    assert "Desværre ikke." in Message.objects.get(about=reference(membership)).body


def test_moving_up_offers_a_place_and_above_capacity_needs_a_reason(
    administrator: Client,
) -> None:
    network = make_network(capacity=1)
    MembershipFactory(network=network)
    waiting = MembershipFactory(network=network, status=Status.WAITLISTED)
    post(administrator, waiting, "offer")
    assert waiting.status == Status.WAITLISTED
    post(administrator, waiting, "offer", above_capacity="on")
    assert waiting.status == Status.WAITLISTED
    post(administrator, waiting, "offer", above_capacity="on", reason="Vært for næste møde")
    assert waiting.status == Status.OFFERED
    assert latest(waiting).reason == "Vært for næste møde"


def test_the_line_can_be_reordered_with_a_reason(administrator: Client) -> None:
    network = make_network()
    first, second = (
        MembershipFactory(network=network, status=Status.WAITLISTED) for _turn in range(2)
    )
    post(administrator, second, "move", position=1, reason="Aftalt")
    first.refresh_from_db()
    assert second.queued_at < first.queued_at


def test_cancelling_shows_the_last_day_before_it_acts(administrator: Client) -> None:
    membership = MembershipFactory()
    season = membership.first_season
    address = memberships.row_url("cancel", membership.pk)
    page = administrator.get(address).content.decode()
    assert str(season.ends_on.year) in page
    assert str(season.ends_on.day) in page
    post(administrator, membership, "cancel")
    assert membership.ends_on == season.ends_on
    assert membership.cancelled_at


def test_another_last_day_needs_a_reason_and_is_not_in_the_past(administrator: Client) -> None:
    membership = MembershipFactory()
    today = timezone.localdate()
    day = today + timedelta(days=10)
    post(administrator, membership, "cancel", ends_on=day.isoformat())
    post(
        administrator,
        membership,
        "cancel",
        ends_on=(today - timedelta(days=1)).isoformat(),
        reason="x",
    )
    assert membership.ends_on is None
    post(administrator, membership, "cancel", ends_on=day.isoformat(), reason="Efter aftale")
    assert membership.ends_on == day


def test_withdrawing_takes_the_sign_up_back(administrator: Client) -> None:
    membership = MembershipFactory(status=Status.WAITLISTED)
    post(administrator, membership, "withdraw", reason="Fortrød")
    assert membership.status == Status.WITHDRAWN


def test_a_new_link_is_mailed(administrator: Client) -> None:
    membership = MembershipFactory()
    post(administrator, membership, "new_link")
    message = Message.objects.get(about=reference(membership))
    assert message.to_email == membership.contact.email


def test_contact_data_is_corrected(administrator: Client) -> None:
    membership = MembershipFactory()
    form = administrator.get(memberships.row_url("contact", membership.pk)).context["form"]
    assert form.initial["email"] == membership.contact.email
    data = {**form.initial, "email": "ny@proevekoebing.example"}
    post(administrator, membership, "contact", **data)
    membership.contact.refresh_from_db()
    assert membership.contact.email == "ny@proevekoebing.example"


def test_an_address_that_another_person_has_is_an_error_in_the_form(
    administrator: Client,
) -> None:
    membership, other = MembershipFactory(), MembershipFactory()
    data = {"name": "x", "email": other.contact.email}
    page = post(administrator, membership, "contact", **data)
    membership.contact.refresh_from_db()
    assert membership.contact.email != other.contact.email
    assert 'class="error"' in page


def test_invoice_details_are_corrected_and_checked(administrator: Client) -> None:
    membership = MembershipFactory(with_buyer=True)
    post(administrator, membership, "buyer", **{**BUYER, "buyer_gln": "1234567890123"})
    assert membership.buyer_gln == BUYER["buyer_gln"]
    post(administrator, membership, "buyer", **{**BUYER, "buyer_reference": ""})
    assert membership.buyer_reference == BUYER["buyer_reference"]
    post(administrator, membership, "buyer", **{**BUYER, "buyer_name": "Ny Kommune"})
    assert membership.buyer_name == "Ny Kommune"


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_that_the_state_does_not_allow_says_so(
    administrator: Client, name: str, status: Status
) -> None:
    membership = MembershipFactory(status=status, address_at_domain=False, with_buyer=True)
    if ACTIONS[name].fits(membership):
        assert administrator.get(memberships.row_url(name, membership.pk)).status_code == 200
        return
    inspect = memberships.row_url("inspect", membership.pk)
    got = administrator.get(memberships.row_url(name, membership.pk))
    assert (got.status_code, got["Location"]) == (302, inspect)
    before = membership.status
    data = {**BUYER, "reason": "x", "position": 1, "name": "x", "email": "x@example.org"}
    post(administrator, membership, name, **data)
    assert membership.status == before


@pytest.mark.parametrize("status", Status)
def test_the_page_offers_what_the_state_and_the_role_allow(client: Client, status: Status) -> None:
    membership = MembershipFactory(status=status, address_at_domain=False)
    allowed = set(allowed_actions(membership))
    handled = {"approve", "reject", "offer", "new_link"}
    for role, steps in (
        (roles.MEMBER_ADMINISTRATORS, allowed),
        (roles.COORDINATORS, allowed & handled),
        (roles.AUDITORS, set()),
    ):
        client.force_login(make_user(role, networks=[membership.network]))
        if role == roles.AUDITORS:
            client.force_login(make_user(role))
        page = client.get(memberships.row_url("inspect", membership.pk)).content.decode()
        for name, action in ACTIONS.items():
            if getattr(action, "step", ""):
                offered = memberships.row_url(name, membership.pk) in page
                assert offered == (action.step in steps), (role, name)


def test_a_coordinator_approves_but_does_not_cancel(client: Client) -> None:
    membership = pending()
    client.force_login(make_user(roles.COORDINATORS, networks=[membership.network]))
    post(client, membership, "approve")
    assert membership.status == Status.ACTIVE
    post(client, membership, "cancel")
    assert membership.cancelled_at is None


def test_an_error_of_the_service_is_no_500(administrator: Client) -> None:
    """Between the form and the button somebody else was quicker."""
    membership = MembershipFactory(
        status=Status.WAITLISTED, address_confirmed_at=None, municipality=MunicipalityFactory()
    )
    page = post(administrator, membership, "offer", reason="x")
    assert membership.status == Status.WAITLISTED
    assert 'class="error"' in page
