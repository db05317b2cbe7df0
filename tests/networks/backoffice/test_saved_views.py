"""Saved views: one's own alone to change, shared by who may, and never more than a query."""

import pytest
from django.test import Client

from cms import audit
from cms.saved_views import LONGEST_QUERY, SavedView, essence
from networks import roles
from networks.wagtail_hooks import join_requests, memberships
from tests.factories.networks import MembershipFactory, make_network, make_user

pytestmark = pytest.mark.django_db

INDEX, SAVE = memberships.row_url("index"), memberships.row_url("save_view")
VIEWS = memberships.row_url("views")


def signed_in(role: str, **facts: object) -> Client:
    client = Client()
    client.user = make_user(role, **facts)
    client.force_login(client.user)
    return client


@pytest.fixture
def administrator() -> Client:
    return signed_in(roles.MEMBER_ADMINISTRATORS)


def tabs(client: Client, address: str = INDEX) -> dict[str, str]:
    return {str(tab.label): tab.url for tab in client.get(address).context["view_tabs"].tabs}


def save(client: Client, query: str, **data: str) -> SavedView:
    response = client.post(f"{SAVE}?{query}", data)
    assert response.status_code == 302, response.context["form"].errors
    return SavedView.objects.get(name=data["name"], user=client.user)


def change_url(view: SavedView) -> str:
    return memberships.row_url("change_view", view.pk)


def test_what_is_filtered_searched_and_sorted_is_saved_and_found_again(administrator):
    query = "status=active&status=waitlisted&q=Ba&ordering=status"
    page = administrator.get(f"{INDEX}?{query}&p=1")
    assert page.context["view_tabs"].save_url == f"{SAVE}?{essence(query)}"
    view = save(administrator, f"{query}&p=3&export=csv&id=all", name="Mine")
    assert view.query == essence(query)
    address = tabs(administrator)["Mine"]
    assert address == f"{INDEX}?{essence(query)}"
    shown = administrator.get(address).context["view_tabs"]
    assert [str(tab.label) for tab in shown.tabs if tab.is_current] == ["Mine"]
    assert shown.save_url == ""
    assert audit.history(view).get().action == "saved_view.saved"


def test_saved_again_under_its_name_it_has_the_new_query(administrator):
    save(administrator, "status=active", name="Mine")
    save(administrator, "status=ended", name="Mine")
    assert SavedView.objects.get().query == "status=ended"


@pytest.mark.parametrize("query", ["", "p=2", "status=", "q=" + "a" * LONGEST_QUERY])
def test_nothing_and_too_much_is_not_saved(administrator, query):
    page = administrator.post(f"{SAVE}?{query}", {"name": "Mine"})
    assert page.context["form"].non_field_errors()
    assert not SavedView.objects.exists()


def test_the_signed_up_stand_above_the_list_for_everybody(administrator):
    pending = MembershipFactory(status="pending_approval")
    active = MembershipFactory()
    page = administrator.get(tabs(administrator)["Tilmeldinger"]).content.decode()
    assert str(pending.pk) in page
    assert str(active.pk) not in page


def test_a_view_is_its_owners_alone_until_it_is_shared(administrator):
    other = signed_in(roles.MEMBER_ADMINISTRATORS)
    save(administrator, "status=active", name="Mine")
    assert "Mine" not in tabs(other)
    save(administrator, "status=active", name="Vores", is_shared="on")
    assert tabs(other)["Vores"] == f"{INDEX}?status=active"
    assert "Vores" not in other.get(VIEWS).content.decode()
    assert "Vores" not in tabs(other, join_requests.row_url("index"))


def test_who_may_not_share_does_not(administrator):
    network = make_network()
    coordinator = signed_in(roles.COORDINATORS, networks=[network])
    assert "is_shared" not in coordinator.get(f"{SAVE}?status=active").context["form"].fields
    view = save(coordinator, "status=active", name="Mit", is_shared="on")
    assert not view.is_shared
    coordinator.post(change_url(view), {"name": "Mit", "is_shared": "on"})
    view.refresh_from_db()
    assert not view.is_shared


def test_a_shared_view_shows_each_only_what_they_may_see(administrator):
    own, foreign = MembershipFactory(), MembershipFactory()
    save(administrator, "status=active", name="Vores", is_shared="on")
    coordinator = signed_in(roles.COORDINATORS, networks=[own.network])
    page = coordinator.get(tabs(coordinator)["Vores"]).content.decode()
    assert str(own.pk) in page
    assert str(foreign.pk) not in page


def test_one_is_renamed_and_deleted(administrator):
    view = save(administrator, "status=active", name="Mine")
    taken = save(administrator, "status=ended", name="Ophørte")
    assert change_url(view) in administrator.get(VIEWS).content.decode()
    page = administrator.post(change_url(view), {"name": taken.name})
    assert page.context["form"].non_field_errors()
    administrator.post(change_url(view), {"name": "Aktive medlemmer"})
    assert "Aktive medlemmer" in tabs(administrator)
    administrator.post(change_url(view), {"delete": "1"})
    assert SavedView.objects.get() == taken


def test_anothers_view_is_not_found(administrator):
    view = save(administrator, "status=active", name="Mine", is_shared="on")
    other = signed_in(roles.MEMBER_ADMINISTRATORS)
    assert other.get(change_url(view)).status_code == 404
    assert other.post(change_url(view), {"name": "Min"}).status_code == 404
    assert other.post(change_url(view), {"delete": "1"}).status_code == 404
    in_another_list = join_requests.row_url("change_view", view.pk)
    assert administrator.get(in_another_list).status_code == 404
    view.refresh_from_db()
    assert view.name == "Mine"


@pytest.mark.parametrize("address", [f"{SAVE}?status=active", VIEWS])
def test_views_are_for_who_may_open_the_list(address):
    assert signed_in(roles.FINANCE).get(address).status_code == 302
