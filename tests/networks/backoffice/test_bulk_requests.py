"""Many requests to join, answered at once."""

import pytest
from django.test import Client

from cms.audit import history
from cms.messages.models import Message
from networks import roles
from networks.models import JoinRequest, RequestState
from networks.rules.states import Status
from networks.wagtail_hooks import join_requests
from tests.factories.networks import JoinRequestFactory, MembershipFactory, make_user
from tests.networks.backoffice.bulk_steps import address, assert_refused, send, told

pytestmark = pytest.mark.django_db

TAKE_IN, TURN_DOWN = join_requests.row_url("take_in_many"), join_requests.row_url("turn_down_many")


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def asked_of(status: str = Status.ACTIVE, **facts: object) -> JoinRequest:
    return JoinRequestFactory(membership=MembershipFactory(status=status), **facts)


def state(request: JoinRequest) -> str:
    return str(JoinRequest.objects.get(pk=request.pk).state)


def test_the_preview_says_what_becomes_of_each(administrator: Client) -> None:
    active, pending = asked_of(), asked_of(Status.PENDING_APPROVAL)
    over, answered = asked_of(Status.ENDED), asked_of(state=RequestState.DECLINED)
    page = administrator.get(address(TAKE_IN, active, pending, over, answered))
    assert told(page, "coming") == {
        "Bliver deltager med de pladser, der er ledige": [str(active)],
        "Får pladser, når medlemskabet bliver aktivt": [str(pending)],
    }
    assert told(page, "impossible") == {
        "Medlemskabet er lukket.": [str(over)],
        "Denne anmodning er allerede besvaret.": [str(answered)],
    }


def test_many_are_taken_in_and_told(administrator: Client) -> None:
    one, two, answered = asked_of(), asked_of(), asked_of(state=RequestState.DECLINED)
    done = send(administrator, address(TAKE_IN, one, two, answered), reason="Aftalt")
    assert done.context["number_done"] == 2
    assert [state(each) for each in (one, two, answered)] == ["accepted", "accepted", "declined"]
    for each in (one, two):
        assert each.membership.participants.get().email == each.email
        assert Message.objects.filter(to_email=each.email).exists()
        assert history(each.membership).filter(reason="Aftalt").exists()


def test_many_are_turned_down_with_a_text(administrator: Client) -> None:
    one, two = asked_of(), asked_of(Status.ENDED)
    done = send(administrator, address(TURN_DOWN, one, two), text="Næste år er der plads")
    assert done.context["number_done"] == 2
    assert (state(one), state(two)) == ("declined", "declined")
    assert "Næste år er der plads" in Message.objects.get(to_email=one.email).body


def test_only_who_answers_one_answers_many(client: Client) -> None:
    request = asked_of()
    network = request.membership.network
    for user in (make_user(roles.COORDINATORS, networks=[network]), make_user(roles.AUDITORS)):
        client.force_login(user)
        page = client.get(join_requests.row_url("index"))
        assert request.name in page.content.decode()
        assert page.context["bulk_actions"] == []
        for action in (TAKE_IN, TURN_DOWN):
            assert_refused(client.get(address(action, request)))
            assert_refused(client.post(address(action, request)))
    assert state(request) == "waiting"


def test_the_preview_takes_few_queries(
    administrator: Client, django_assert_max_num_queries: object
) -> None:
    rows = [asked_of() for _turn in range(5)]
    administrator.get(address(TAKE_IN, *rows))
    with django_assert_max_num_queries(8):
        administrator.get(address(TAKE_IN, *rows))
