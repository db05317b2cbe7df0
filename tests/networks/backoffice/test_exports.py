"""Taking a list out: a right of its own, an entry without anybody's data, the rows chosen."""

import csv
from io import StringIO

import pytest
from django.test import Client

from cms.audit import AuditEntry
from networks import roles
from networks.wagtail_hooks import (
    guests,
    join_requests,
    memberships,
    messages,
    offers,
    people,
    topics,
)
from payments.wagtail_hooks import charges, invoices, payments, postings
from tests.factories.networks import MembershipFactory, make_network, make_user

pytestmark = pytest.mark.django_db

MEMBERS = [memberships, people, join_requests, guests, topics, offers, messages]
MONEY = [charges, invoices, payments, postings]
EXPORTED_BY = {
    roles.MEMBER_ADMINISTRATORS: MEMBERS,
    roles.COORDINATORS: MEMBERS,
    roles.FINANCE: MONEY,
    roles.AUDITORS: MONEY,
    roles.EDITORS: [],
    roles.HOSTS: [],
}


def rows_of(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


@pytest.mark.parametrize("role", EXPORTED_BY)
def test_a_list_is_exported_by_who_has_the_right_alone(client: Client, role: str) -> None:
    network = make_network()
    networks = [network] if role == roles.COORDINATORS else []
    client.force_login(make_user(role, networks=networks))
    for admin in [*MEMBERS, *MONEY]:
        may = admin in EXPORTED_BY[role]
        for file_format in ("csv", "xlsx"):
            response = client.get(admin.row_url("index"), {"export": file_format})
            assert response.status_code == (200 if may else 302), admin
        if not may:
            assert client.get(admin.row_url("export"), {"id": "all"}).status_code == 302
        page = client.get(admin.row_url("index"))
        if page.status_code == 200:
            assert ("export=csv" in page.content.decode()) == may, admin
    assert AuditEntry.objects.filter(action="list.exported").count() == 2 * len(EXPORTED_BY[role])


def test_an_entry_tells_who_took_how_many_out_and_nobodys_data(client: Client) -> None:
    user = make_user(roles.MEMBER_ADMINISTRATORS)
    client.force_login(user)
    named = MembershipFactory(contact__name="Sofie Findes")
    MembershipFactory()
    query = {"export": "csv", "q": "Sofie", "status": "active", "region": "", "p": "1"}
    assert len(rows_of(client.get(memberships.row_url("index"), query))) == 1
    entry = AuditEntry.objects.get(action="list.exported")
    assert (entry.user, entry.subject) == (user, f"auth.user:{user.pk}")
    assert entry.data == {
        "listing": "networks.membership",
        "filters": ["q", "status"],
        "chosen": False,
        "format": "csv",
        "rows": 1,
    }
    assert "Sofie" not in str(entry.data)
    assert named.contact.email not in str(entry.data)


def test_the_rows_chosen_are_exported_of_those_one_may_see(client: Client) -> None:
    own, second, foreign = MembershipFactory(), MembershipFactory(), MembershipFactory()
    networks = [own.network, second.network]
    client.force_login(make_user(roles.COORDINATORS, networks=networks))
    keys = {"id": [str(own.pk), str(foreign.pk), "no-key"]}
    page = client.get(memberships.row_url("export"), keys)
    assert page.context["number"] == 1
    for _label, url in page.context["files"]:
        if "csv" in url:
            (row,) = rows_of(client.get(url))
    assert own.contact.email in row.values()
    only_foreign = {"id": [str(foreign.pk)]}
    assert client.get(memberships.row_url("export"), only_foreign).status_code == 404
    everything = {"id": "all", "status": "active"}
    assert client.get(memberships.row_url("export"), everything).context["number"] == 2


def test_a_filter_that_makes_no_sense_takes_nothing_out(client: Client) -> None:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    MembershipFactory()
    query = {"export": "csv", "network": "no-network"}
    assert rows_of(client.get(memberships.row_url("index"), query)) == []
