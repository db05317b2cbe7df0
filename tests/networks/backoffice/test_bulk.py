"""Approving and rejecting many: what is previewed is done, to the rows one may handle only."""

import re

import pytest
from django.test import Client

from cms import audit
from cms.bulk import BulkRun
from cms.messages.models import Message
from networks import roles
from networks.models import Membership
from networks.rules.states import Status
from networks.wagtail_hooks import memberships
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    make_network,
    make_user,
)
from tests.networks.backoffice.bulk_steps import address, send

pytestmark = pytest.mark.django_db

APPROVE, REJECT = memberships.row_url("approve_many"), memberships.row_url("reject_many")


@pytest.fixture
def administrator(client: Client) -> Client:
    client.user = make_user(roles.MEMBER_ADMINISTRATORS)
    client.force_login(client.user)
    return client


def pending(**facts: object) -> Membership:
    return MembershipFactory(
        status=Status.PENDING_APPROVAL, address_at_domain=False, with_buyer=True, **facts
    )


def states(*rows: Membership) -> list[str]:
    stored = dict(Membership.objects.values_list("pk", "status"))
    return [stored[row.pk] for row in rows]


def test_the_preview_says_what_will_happen_to_whom(administrator):
    network = make_network()
    invoice = pending(network=network)
    card = pending(network=network, method="card")
    risen = pending(network=network, accepted_net=LADDER[1])
    over = pending(network=make_network(seasons=[]), first_season=None)
    waiting = MembershipFactory(network=network, status=Status.WAITLISTED, address_at_domain=False)
    unproved = MembershipFactory(
        network=network,
        status=Status.WAITLISTED,
        address_at_domain=False,
        address_confirmed_at=None,
    )
    active = MembershipFactory(network=network)
    rows = [invoice, card, risen, over, waiting, unproved, active]
    response = administrator.get(address(APPROVE, *rows))
    coming = {
        group.text: [title for title, _url in group.rows] for group in response.context["coming"]
    }
    assert sorted(map(tuple, coming.values())) == sorted(
        (str(row),) for row in (invoice, card, risen, waiting)
    )
    impossible = {title for group in response.context["impossible"] for title, _url in group.rows}
    assert impossible == {str(row) for row in (over, unproved, active)}
    assert len(response.context["impossible"]) == 3
    assert response.context["number"] == 4
    assert states(*rows) == [
        "pending_approval",
        "pending_approval",
        "pending_approval",
        "pending_approval",
        "waitlisted",
        "waitlisted",
        "active",
    ]

    send(administrator, address(APPROVE, *rows))
    assert states(*rows) == [
        "active",
        "awaiting_payment",
        "pending_approval",
        "pending_approval",
        "waitlisted",
        "waitlisted",
        "active",
    ]
    # What was foretold is what is told.
    outcomes = set(BulkRun.objects.get().items.values_list("outcome", flat=True))
    assert outcomes == set(coming)


def test_a_preview_takes_few_queries_however_many_are_chosen(
    administrator, django_assert_max_num_queries
):
    network = make_network()
    rows = [pending(network=network) for _turn in range(3)]
    administrator.get(address(APPROVE, *rows))
    with django_assert_max_num_queries(20) as captured:
        administrator.get(address(APPROVE, *rows))
    rows += [pending(network=network) for _turn in range(30)]
    with django_assert_max_num_queries(len(captured)):
        administrator.get(address(APPROVE, *rows))


def test_approving_writes_history_and_sends_the_text_to_each(administrator, run_jobs):
    rows = [pending(), pending()]
    send(administrator, address(APPROVE, *rows), reason="Aftalt", text="Velkommen til os.")
    for row in rows:
        entry = audit.history(row).get(action="membership.approved")
        assert (entry.user, entry.reason) == (administrator.user, "Aftalt")
        mail = Message.objects.get(template="approved", to_email=row.contact.email)
        assert mail.to_email == row.contact.email
    run_jobs()
    assert states(*rows) == ["active", "active"]
    assert (
        Message.objects.filter(template="approved", body__contains="Velkommen til os.").count() == 2
    )


def test_approving_without_a_text_sends_the_usual_mails_alone(administrator):
    send(administrator, address(APPROVE, pending()))
    assert not Message.objects.filter(template="approved").exists()


def test_rejecting_needs_a_reason_and_tells_the_applicants(administrator, run_jobs):
    rows = [pending(), pending()]
    response = send(administrator, address(REJECT, *rows))
    assert response.context["form"].errors.keys() == {"reason"}
    assert states(*rows) == ["pending_approval"] * 2
    send(administrator, address(REJECT, *rows), reason="Uden for målgruppen", text="Prøv et andet.")
    assert states(*rows) == ["rejected", "rejected"]
    run_jobs()
    mails = Message.objects.filter(template="rejected", body__contains="Prøv et andet.")
    assert {mail.to_email for mail in mails} == {row.contact.email for row in rows}


def test_what_changed_since_the_preview_is_shown_again_before_anything_is_done(administrator):
    rows = [pending(), pending()]
    url = address(REJECT, *rows)
    page = administrator.get(url).content.decode()
    seen = re.search(r'name="selection" value="(\w+)"', page).group(1)
    Membership.objects.filter(pk=rows[0].pk).update(status="withdrawn")
    data = {"reason": "Nej", "selection": seen, "confirmed": "on"}
    response = administrator.post(url, data)
    assert (response.status_code, response.url) == (302, url)
    assert states(*rows) == ["withdrawn", "pending_approval"]
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize("action", [APPROVE, REJECT])
class TestForeignRows:
    @pytest.fixture
    def coordinator(self, client: Client) -> Client:
        client.network = make_network()
        client.force_login(make_user(roles.COORDINATORS, networks=[client.network]))
        return client

    def test_are_not_found(self, coordinator, action):
        url = address(action, pending())
        assert coordinator.get(url).status_code == 404
        assert coordinator.post(url, {"reason": "Nej"}).status_code == 404
        assert coordinator.get(f"{action}?id=no-key").status_code == 404
        assert coordinator.get(action).status_code == 404

    def test_are_left_out_of_a_selection_and_of_all(self, coordinator, action):
        mine, theirs = pending(network=coordinator.network), pending()
        for url in (address(action, mine, theirs), f"{action}?id=all"):
            page = coordinator.get(url).content.decode()
            assert str(mine) in page
            assert str(theirs) not in page
        send(coordinator, f"{action}?id=all", reason="Besluttet")
        assert states(theirs) == ["pending_approval"]
        assert states(mine) != ["pending_approval"]

    def test_those_seen_but_not_coordinated_are_no_ones_to_handle(self, client, action):
        """An auditor sees every network; coordinating one gives the right to handle that one."""
        own, other = make_network(), pending()
        auditor = make_user(roles.AUDITORS, networks=[own])
        client.force_login(auditor)
        mine = pending(network=own)
        page = client.get(address(action, other))
        assert page.context["number"] == 0
        (group,) = page.context["impossible"]
        assert [title for title, _url in group.rows] == [str(other)]
        send(client, address(action, mine, other), reason="Besluttet")
        assert states(other) == ["pending_approval"]
        assert states(mine) != ["pending_approval"]

    def test_who_may_not_handle_gets_neither_page_nor_checkbox(self, client, action):
        client.force_login(make_user(roles.AUDITORS))
        row = pending()
        assert client.get(address(action, row)).status_code == 302
        assert "bulk-action" not in client.get(memberships.row_url("index")).content.decode()


def test_all_in_the_listing_are_those_filtered_and_searched(administrator):
    network, other = make_network(), make_network()
    chosen, elsewhere = pending(network=network), pending(network=other)
    send(administrator, f"{REJECT}?id=all&network={network.pk}", reason="Nej")
    assert states(chosen, elsewhere) == ["rejected", "pending_approval"]
    found, not_found = pending(contact__name="Sofie Findes"), pending()
    send(administrator, f"{REJECT}?id=all&q=Sofie Findes", reason="Nej")
    assert states(found, not_found, elsewhere) == ["rejected", *["pending_approval"] * 2]


def test_a_filter_that_makes_no_sense_chooses_nobody(administrator):
    pending()
    assert administrator.get(f"{REJECT}?id=all&network=no-network").status_code == 404


def test_many_are_a_jobs_and_its_page_can_be_read_meanwhile(administrator, run_jobs):
    network = make_network()
    rows = [pending(network=network) for _turn in range(21)]
    response = send(administrator, address(REJECT, *rows), reason="Nej")
    page = response.redirect_chain[-1][0]
    assert set(states(*rows)) == {"pending_approval"}
    assert (response.context["handled"], response.context["total"]) == (0, 21)
    assert "<progress" in response.content.decode()
    Membership.objects.filter(pk=rows[0].pk).update(status="withdrawn")
    run_jobs("networks.reject_many")
    assert states(*rows) == ["withdrawn", *["rejected"] * 20]
    response = administrator.get(page)
    assert response.context["number_done"] == 20
    assert [group.number for group in response.context["not_done"]] == [1]
    assert "<progress" not in response.content.decode()


def test_few_are_done_at_once_and_the_job_that_stood_by_does_nothing_more(administrator, run_jobs):
    row = pending()
    response = send(administrator, address(APPROVE, row))
    assert response.context["number_done"] == 1
    run_jobs()
    assert audit.history(row).filter(action="membership.active").count() == 1


def test_a_right_that_is_lost_meanwhile_stops_what_is_left(client, run_jobs):
    network = make_network()
    user = make_user(roles.COORDINATORS, networks=[network])
    client.force_login(user)
    rows = [pending(network=network) for _turn in range(21)]
    send(client, address(REJECT, *rows), reason="Nej")
    network.coordinators.all().delete()
    run_jobs("networks.reject_many")
    assert set(states(*rows)) == {"pending_approval"}


def test_the_page_of_a_run_is_for_whoever_began_it(administrator):
    url = send(administrator, address(APPROVE, pending())).redirect_chain[-1][0]
    other = Client()
    other.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    assert other.get(url).status_code == 404
    missing = memberships.row_url("bulk_run", "00000000-0000-0000-0000-000000000000")
    assert administrator.get(missing).status_code == 404
    not_a_key = memberships.row_url("bulk_run", "------------------------------------")
    assert administrator.get(not_a_key).status_code == 404


def test_nothing_is_done_before_the_number_is_confirmed(administrator):
    row = pending()
    response = send(administrator, address(REJECT, row), reason="Nej", confirmed="")
    assert response.context["form"].errors.keys() == {"confirmed"}
    assert states(row) == ["pending_approval"]


def test_the_page_of_a_run_under_way_loads_itself_again_and_a_finished_one_does_not(
    administrator, run_jobs
):
    network = make_network()
    rows = [pending(network=network) for _turn in range(21)]
    url = send(administrator, address(REJECT, *rows), reason="Nej").redirect_chain[-1][0]
    assert administrator.get(url)["Refresh"] == "4"
    run_jobs("networks.reject_many")
    assert "Refresh" not in administrator.get(url)


def test_what_was_carried_out_is_found_again_by_whoever_did_it(administrator):
    url = send(administrator, address(REJECT, pending()), reason="Nej").redirect_chain[-1][0]
    runs = memberships.row_url("bulk_runs")
    assert url in administrator.get(runs).content.decode()
    assert runs in administrator.get(memberships.row_url("index")).content.decode()
    other = Client()
    other.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    assert url not in other.get(runs).content.decode()


def test_runs_are_listed_newest_first(administrator):
    first, second, third = (
        send(administrator, address(REJECT, pending()), reason="Nej").redirect_chain[-1][0]
        for _turn in range(3)
    )
    page = administrator.get(memberships.row_url("bulk_runs")).content.decode()
    assert page.index(third) < page.index(second) < page.index(first)
