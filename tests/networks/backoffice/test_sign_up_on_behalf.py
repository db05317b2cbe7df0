"""Signing a municipality up on its behalf."""

import pytest
from django.test import Client

from networks import roles
from networks.models import Answer, Membership, NetworkPage, Question
from networks.rules.pricing import TariffKind
from networks.rules.states import Status
from networks.wagtail_hooks import memberships
from payments.models import Charge
from tests.factories.networks import (
    BUYER,
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
    season,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def address(network: NetworkPage) -> str:
    return f"{memberships.row_url('create')}?network={network.pk}"


def filled_in(network: NetworkPage, **changes: object) -> dict[str, object]:
    seasons = network.seasons.all()
    return {
        "season": seasons[0].pk if seasons else "",
        "organisation": "municipality",
        "municipality": MunicipalityFactory().pk,
        "name": "Ane Prøve",
        "email": "ane@proevekoebing.example",
        "participants": "Bo Prøve, bo@proevekoebing.example, Chef\n",
        "method": "invoice",
        "reason": "Ringede ind",
        **BUYER,
        **changes,
    }


def test_the_network_is_chosen_first(administrator: Client) -> None:
    network, draft = make_network(), make_network(live=False)
    page = administrator.get(memberships.row_url("create")).content.decode()
    assert f'value="{network.pk}"' in page
    assert f'value="{draft.pk}"' not in page
    assert administrator.get(f"{memberships.row_url('create')}?network=x").status_code == 200
    assert administrator.post(memberships.row_url("create"), {}).status_code == 200


def test_a_municipality_is_accepted_at_once(administrator: Client) -> None:
    network = make_network()
    question = Question.objects.create(page=network, label="Allergier", purpose="Mad")
    assert administrator.get(address(network)).status_code == 200
    data = filled_in(network, **{f"question_{question.pk}": "Nødder"})
    response = administrator.post(address(network), data)
    membership = Membership.objects.get()
    assert response["Location"] == memberships.row_url("inspect", membership.pk)
    assert membership.status == Status.ACTIVE
    assert membership.price_net == LADDER[3]
    assert membership.participants.get().job_title == "Chef"
    assert Answer.objects.get().value == "Nødder"
    assert Charge.objects.get().buyer_gln == BUYER["buyer_gln"]


def test_a_free_network_asks_for_no_money(administrator: Client) -> None:
    network = make_network(free_of_charge=True)
    form = administrator.get(address(network)).context["form"]
    assert not {"method", "buyer_gln", "season", "meetings"} & set(form.fields)
    administrator.post(address(network), filled_in(network))
    assert Membership.objects.get().status == Status.ACTIVE


def test_meetings_are_chosen_where_they_are_paid_for(administrator: Client) -> None:
    tariff = TariffKind.PER_PERSON_PER_MEETING.value
    network = make_network(seasons=[season(tariff=tariff, price_per_person=150_000)])
    chosen = [meeting.pk for meeting in network.seasons.get().meetings.all()[:2]]
    administrator.post(address(network), filled_in(network, meetings=chosen))
    assert Membership.objects.get().price_net == 300_000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"municipality": ""}, "municipality"),
        ({"organisation": "company"}, "organisation"),
        ({"participants": "Bo uden adresse"}, "participants"),
        ({"buyer_gln": ""}, "buyer_gln"),
        ({"buyer_reference": ""}, "buyer_reference"),
        ({"reason": ""}, "reason"),
        ({"season": "999999"}, "season"),
    ],
)
def test_what_is_wrong_is_told_in_the_form(
    administrator: Client, changes: dict[str, str], field: str
) -> None:
    network = make_network()
    response = administrator.post(address(network), filled_in(network, **changes))
    assert field in response.context["form"].errors
    assert not Membership.objects.exists()


def test_an_open_network_takes_any_organisation(administrator: Client) -> None:
    network = make_network(eligibility="open")
    data = filled_in(network, organisation="region", municipality="", organisation_name="")
    response = administrator.post(address(network), data)
    assert "organisation_name" in response.context["form"].errors
    administrator.post(address(network), {**data, "organisation_name": "Region Prøve"})
    assert Membership.objects.get().organisation == "Region Prøve"


def test_a_member_already_and_a_full_network_are_errors_in_the_form(
    administrator: Client,
) -> None:
    network = make_network(capacity=1)
    member = MembershipFactory(network=network)
    again = administrator.post(
        address(network), filled_in(network, municipality=member.municipality.pk)
    )
    assert again.context["form"].non_field_errors()
    data = filled_in(network)
    full = administrator.post(address(network), data)
    assert full.context["form"].non_field_errors()
    administrator.post(address(network), {**data, "above_capacity": "on"})
    assert Membership.objects.filter(network=network).count() == 2


@pytest.mark.parametrize("role", [roles.COORDINATORS, roles.AUDITORS, roles.FINANCE])
def test_others_may_not(client: Client, role: str) -> None:
    network = make_network()
    networks = [network] if role == roles.COORDINATORS else []
    client.force_login(make_user(role, networks=networks))
    assert client.post(address(network), filled_in(network)).status_code == 302
    assert not Membership.objects.exists()
