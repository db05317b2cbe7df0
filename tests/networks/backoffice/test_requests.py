"""Requests and handovers in the administration: waiting ones first, answered through services."""

import pytest
from django.test import Client
from django.utils import timezone

from networks import roles
from networks.models import HandoverKind, RequestState
from networks.wagtail_hooks import erasure_requests, handovers, join_requests
from tests.factories.networks import JoinRequestFactory, MembershipFactory, make_network, make_user
from tests.factories.requests import ErasureRequestFactory, HandoverFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def listed(client: Client, admin: object, **parameters: str) -> list[object]:
    response = client.get(admin.row_url("index"), parameters)
    return list(response.context["object_list"])


def test_waiting_ones_stand_first(administrator: Client) -> None:
    waiting = JoinRequestFactory()
    JoinRequestFactory(state=RequestState.ACCEPTED)
    assert listed(administrator, join_requests)[0] == waiting
    still = HandoverFactory()
    HandoverFactory(state=RequestState.DECLINED)
    assert listed(administrator, handovers)[0] == still
    older = ErasureRequestFactory()
    ErasureRequestFactory()
    ErasureRequestFactory(handled_at=timezone.now())
    assert listed(administrator, erasure_requests)[0] == older


def test_they_are_filtered_by_state(administrator: Client) -> None:
    waiting = JoinRequestFactory()
    JoinRequestFactory(state=RequestState.ACCEPTED)
    assert listed(administrator, join_requests, state="waiting") == [waiting]
    still = HandoverFactory(kind=HandoverKind.TAKE_OVER)
    HandoverFactory()
    assert listed(administrator, handovers, kind="take_over") == [still]


@pytest.mark.parametrize("admin", [join_requests, handovers, erasure_requests])
def test_a_list_takes_few_queries_whatever_its_rows(
    administrator: Client, admin: object, django_assert_max_num_queries: object
) -> None:
    network = make_network()
    for _turn in range(8):
        membership = MembershipFactory(network=network)
        JoinRequestFactory(membership=membership)
        HandoverFactory(membership=membership)
        ErasureRequestFactory(person=membership.contact)
    administrator.get(admin.row_url("index"))
    with django_assert_max_num_queries(13):
        assert administrator.get(admin.row_url("index")).status_code == 200


def test_a_colleague_is_taken_in(administrator: Client) -> None:
    request = JoinRequestFactory()
    page = administrator.get(join_requests.row_url("inspect", request.pk)).content.decode()
    assert join_requests.row_url("take_in", request.pk) in page
    administrator.post(join_requests.row_url("take_in", request.pk), {"reason": "Aftalt"})
    request.refresh_from_db()
    assert request.state == RequestState.ACCEPTED
    assert request.membership.participants.get().email == request.email


def test_a_colleague_is_turned_down(administrator: Client) -> None:
    request = JoinRequestFactory()
    administrator.post(join_requests.row_url("turn_down", request.pk), {"text": "Næste år"})
    request.refresh_from_db()
    assert request.state == RequestState.DECLINED


def test_an_answered_one_offers_nothing(administrator: Client) -> None:
    request = JoinRequestFactory(state=RequestState.DECLINED)
    page = administrator.get(join_requests.row_url("inspect", request.pk)).content.decode()
    assert join_requests.row_url("take_in", request.pk) not in page
    response = administrator.post(join_requests.row_url("take_in", request.pk), {"reason": "x"})
    assert response.status_code == 200
    request.refresh_from_db()
    assert request.state == RequestState.DECLINED


def test_a_take_over_is_approved_once_the_address_is_proved(administrator: Client) -> None:
    handover = HandoverFactory(kind=HandoverKind.TAKE_OVER)
    address = handovers.row_url("approve", handover.pk)
    administrator.post(address, {"reason": "Aftalt"})
    handover.refresh_from_db()
    assert handover.state == RequestState.WAITING
    handover.confirmed_at = timezone.now()
    handover.save()
    administrator.post(address, {})
    handover.refresh_from_db()
    assert handover.state == RequestState.WAITING  # A reason is asked for.
    administrator.post(address, {"reason": "Bekræftet pr. telefon"})
    handover.refresh_from_db()
    assert handover.state == RequestState.ACCEPTED
    handover.membership.refresh_from_db()
    assert handover.membership.contact.email == handover.email


def test_a_take_over_is_declined(administrator: Client) -> None:
    handover = HandoverFactory(kind=HandoverKind.TAKE_OVER, confirmed_at=timezone.now())
    given = {"reason": "Kontakten er der endnu", "text": ""}
    administrator.post(handovers.row_url("decline", handover.pk), given)
    handover.refresh_from_db()
    assert handover.state == RequestState.DECLINED


def test_coordinators_see_handovers_and_decide_none(client: Client) -> None:
    handover = HandoverFactory(kind=HandoverKind.TAKE_OVER, confirmed_at=timezone.now())
    client.force_login(make_user(roles.COORDINATORS, networks=[handover.membership.network]))
    page = client.get(handovers.row_url("inspect", handover.pk)).content.decode()
    assert handovers.row_url("approve", handover.pk) not in page
    client.post(handovers.row_url("approve", handover.pk), {"reason": "x"})
    handover.refresh_from_db()
    assert handover.state == RequestState.WAITING


def test_erasure_is_marked_as_handled_with_its_outcome(administrator: Client) -> None:
    request = ErasureRequestFactory(person=MembershipFactory().contact)
    page = administrator.get(erasure_requests.row_url("inspect", request.pk))
    assert request.person.email in page.content.decode()
    address = erasure_requests.row_url("handle", request.pk)
    administrator.post(address, {"outcome": ""})
    request.refresh_from_db()
    assert request.handled_at is None
    administrator.post(address, {"outcome": "Navn og adresse er slettet"})
    request.refresh_from_db()
    assert request.outcome == "Navn og adresse er slettet"
    assert request.handled_by is not None
