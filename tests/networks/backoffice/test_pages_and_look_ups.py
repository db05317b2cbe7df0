"""Pages with members stay; municipalities, facilitators, coordinators; what editors may do."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Page

from networks import roles
from networks.models import Coordinator, NetworkPage
from networks.rules.states import Status
from tests.factories.networks import (
    FacilitatorFactory,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(make_user(superuser=True))
    return client


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.ENDED])
def test_a_network_with_members_is_not_deleted_nor_are_its_ancestors(
    superuser: Client, status: Status
) -> None:
    network = MembershipFactory(status=status).network
    for page in [network, *network.get_ancestors()[1:]]:
        address = reverse("wagtailadmin_pages:delete", args=[page.pk])
        for response in (superuser.get(address), superuser.post(address)):
            assert response.status_code == 302
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    superuser.post(f"{bulk}?id={network.pk}&next=/admin/")
    superuser.post(f"{bulk}?id={network.get_parent().pk}&next=/admin/")
    assert NetworkPage.objects.filter(pk=network.pk).exists()


def test_a_network_with_members_can_be_unpublished(superuser: Client) -> None:
    network = MembershipFactory().network
    superuser.post(reverse("wagtailadmin_pages:unpublish", args=[network.pk]))
    network.refresh_from_db()
    assert not network.live


def test_a_network_without_members_is_deleted(superuser: Client) -> None:
    network, other = make_network(), make_network()
    superuser.post(reverse("wagtailadmin_pages:delete", args=[network.pk]))
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    superuser.post(f"{bulk}?id={other.pk}&next=/admin/")
    assert not NetworkPage.objects.exists()


@pytest.mark.parametrize("name", ["municipalities", "facilitators", "coordinators"])
def test_look_ups_are_listed_searched_and_shown(superuser: Client, name: str) -> None:
    MunicipalityFactory(name="Særkøbing")
    FacilitatorFactory(name="Særforening")
    make_user(networks=[make_network(title="Særnetværk")])
    page = superuser.get(reverse(f"{name}:index"), {"q": "sær"})
    assert page.status_code == 200
    assert "Sær" in page.content.decode()
    nothing = superuser.get(reverse(f"{name}:index_results"), {"q": "findes-ikke"})
    assert "Sær" not in nothing.content.decode()


def test_a_look_up_takes_few_queries(
    superuser: Client, django_assert_max_num_queries: object
) -> None:
    MunicipalityFactory.create_batch(30)
    network = make_network()
    for _turn in range(10):
        make_user(networks=[network])
    for name in ("municipalities", "facilitators", "coordinators"):
        superuser.get(reverse(f"{name}:index"))
        with django_assert_max_num_queries(12):
            superuser.get(reverse(f"{name}:index"))


def test_a_member_administrator_remembers_a_mail_domain(client: Client) -> None:
    municipality = MunicipalityFactory()
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    address = reverse("municipalities:edit", args=[municipality.pk])
    form = client.get(address).context["form"]
    data = {name: value or "" for name, value in form.initial.items()}
    client.post(address, {**data, "mail_domains": "institution.example"})
    municipality.refresh_from_db()
    assert municipality.domains == ["institution.example"]


def test_a_coordinator_is_assigned_with_the_rights(client: Client) -> None:
    network, user = make_network(), make_user()
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    client.post(reverse("coordinators:add"), {"network": network.pk, "user": user.pk})
    assert Coordinator.objects.get().user == user
    assert user.groups.filter(name=roles.COORDINATORS).exists()
    again = client.post(reverse("coordinators:add"), {"network": network.pk, "user": user.pk})
    assert again.status_code == 200
    assert Coordinator.objects.count() == 1


@pytest.mark.parametrize("name", ["municipality_chooser", "facilitator_chooser"])
def test_editors_choose_municipalities_and_facilitators(client: Client, name: str) -> None:
    client.force_login(make_user(roles.EDITORS))
    MunicipalityFactory(name="Særkøbing")
    FacilitatorFactory(name="Særforening")
    response = client.get(reverse(f"{name}:choose_results"), {"q": "Sær"})
    assert response.status_code == 200
    assert "Sær" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "may_edit", "may_publish"),
    [
        (roles.EDITORS, True, False),
        (roles.PUBLISHERS, True, True),
        (roles.MEMBER_ADMINISTRATORS, False, False),
        (roles.COORDINATORS, False, False),
        (roles.FINANCE, False, False),
        (roles.AUDITORS, False, False),
        (roles.HOSTS, False, False),
    ],
)
def test_who_edits_and_publishes_pages(role: str, may_edit: bool, may_publish: bool) -> None:
    permissions = make_network().permissions_for_user(make_user(role))
    assert permissions.can_edit() == may_edit
    assert permissions.can_publish() == may_publish


def test_an_editor_opens_the_networks_form(client: Client) -> None:
    network = make_network()
    client.force_login(make_user(roles.EDITORS))
    page = client.get(reverse("wagtailadmin_pages:edit", args=[network.pk]))
    assert page.status_code == 200
    assert "/admin/municipality_chooser/" in page.content.decode()


def test_finance_alone_sets_the_bank_account(client: Client) -> None:
    address = reverse("wagtailsettings:edit", args=["payments", "paymentsettings"])
    make_network()
    for role in roles.ROLES:
        client.force_login(make_user(role))
        expected = 200 if role == roles.FINANCE else 302
        assert client.get(address, follow=role == roles.FINANCE).status_code == expected


def test_wagtails_own_groups_are_gone_and_publishers_moderate() -> None:
    assert not Group.objects.filter(name__in=["Editors", "Moderators"]).exists()
    task = GroupApprovalTask.objects.first()
    assert task is None or task.groups.filter(name=roles.PUBLISHERS).exists()
    assert Page.objects.exists()
