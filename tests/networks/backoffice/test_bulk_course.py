"""Moving up, cancelling, sending links and writing to many; making people anonymous."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from cms import audit
from cms.bulk import BulkRun
from cms.messages.models import Message
from networks import roles
from networks.models import Membership, Person
from networks.rules.states import Status
from networks.services import lifecycle
from networks.wagtail_hooks import memberships, people
from tests.factories.networks import (
    MembershipFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.networks.backoffice.bulk_steps import address, send, told

pytestmark = pytest.mark.django_db

OFFER, CANCEL = memberships.row_url("offer_many"), memberships.row_url("cancel_many")
LINK, WRITE = memberships.row_url("link_many"), memberships.row_url("write_many")
ERASE = people.row_url("erase_many")


@pytest.fixture
def administrator(client: Client) -> Client:
    client.user = make_user(roles.MEMBER_ADMINISTRATORS)
    client.force_login(client.user)
    return client


def waiting(network, minutes, **facts) -> Membership:
    return MembershipFactory(
        network=network,
        status=Status.WAITLISTED,
        queued_at=timezone.now() - timedelta(minutes=minutes),
        **facts,
    )


def states(*rows: Membership) -> list[str]:
    stored = dict(Membership.objects.values_list("pk", "status"))
    return [stored[row.pk] for row in rows]


class TestMovingUp:
    def test_offers_the_places_there_are_in_the_order_of_the_line(self, administrator):
        network = make_network(capacity=1)
        second, first = waiting(network, 5), waiting(network, 10)
        page = administrator.get(address(OFFER, second, first))
        assert list(told(page, "coming").values()) == [[str(first)], [str(second)]]
        page = send(administrator, address(OFFER, second, first))
        assert states(first, second) == ["offered", "waitlisted"]
        assert (len(told(page, "done")), len(told(page, "not_done"))) == (1, 1)

    def test_goes_above_capacity_with_a_reason(self, administrator):
        network = make_network(capacity=1)
        rows = [waiting(network, 5), waiting(network, 10)]
        send(administrator, address(OFFER, *rows), above_capacity="on", reason="Aftalt med KL")
        assert states(*rows) == ["offered", "offered"]

    def test_passes_over_who_does_not_wait_or_is_not_confirmed(self, administrator):
        network = make_network()
        active = MembershipFactory(network=network)
        unproved = waiting(network, 5, address_confirmed_at=None)
        page = administrator.get(address(OFFER, active, unproved))
        assert page.context["number"] == 0
        assert len(told(page, "impossible")) == 2


class TestCancelling:
    def test_the_preview_says_each_ones_last_day_and_that_day_stands(self, administrator):
        network = make_network()
        free = make_network(free_of_charge=True)
        owed, at_once = MembershipFactory(network=network), MembershipFactory(network=free)
        gone = MembershipFactory(network=network, leaving=True)
        waits = waiting(network, 5)
        url = address(CANCEL, owed, at_once, gone, waits)
        page = administrator.get(url)
        days = {row.pk: lifecycle.cancellation_date(row) for row in (owed, at_once)}
        for row in (owed, at_once):
            (text,) = [text for text, rows in told(page, "coming").items() if str(row) in rows]
            assert date_format(days[row.pk]) in text
        impossible = sum(told(page, "impossible").values(), [])
        assert sorted(impossible) == sorted([str(gone), str(waits)])
        send(administrator, url)
        for row in (owed, at_once):
            row.refresh_from_db()
            assert row.ends_on == days[row.pk]
        assert states(owed, at_once, waits) == ["active", "ended", "waitlisted"]

    def test_another_day_for_all_needs_a_reason(self, administrator):
        row = MembershipFactory()
        day = timezone.localdate() + timedelta(days=10)
        url = address(CANCEL, row)
        page = send(administrator, url, ends_on=day.isoformat())
        assert page.context["form"].errors.keys() == {"reason"}
        send(administrator, url, ends_on=day.isoformat(), reason="Kommunen lægges sammen")
        row.refresh_from_db()
        assert row.ends_on == day
        assert audit.history(row).get(action="membership.cancelled").user == administrator.user

    def test_takes_few_queries_however_many(self, administrator, django_assert_max_num_queries):
        network = make_network()
        rows = [MembershipFactory(network=network) for _turn in range(2)]
        administrator.get(address(CANCEL, *rows))
        with django_assert_max_num_queries(25) as captured:
            administrator.get(address(CANCEL, *rows))
        rows += [MembershipFactory(network=network) for _turn in range(20)]
        with django_assert_max_num_queries(len(captured)):
            administrator.get(address(CANCEL, *rows))

    def test_is_not_for_coordinators(self, client):
        row = MembershipFactory()
        client.force_login(make_user(roles.COORDINATORS, networks=[row.network]))
        assert client.get(address(CANCEL, row)).status_code == 302
        assert CANCEL not in client.get(memberships.row_url("index")).content.decode()


def test_new_links_are_sent_to_what_is_not_closed(administrator):
    network = make_network()
    offered = MembershipFactory(network=network, status=Status.OFFERED)
    closed = MembershipFactory(network=network, status=Status.WITHDRAWN)
    page = send(administrator, address(LINK, offered, closed))
    assert told(page, "done") == {"Et nyt link er sendt.": [str(offered)]}
    assert [mail.to_email for mail in Message.objects.filter(template="new_link")] == [
        offered.contact.email
    ]


class TestWriting:
    TEXT = {"subject_da": "Nyt mødested", "text_da": "Vi mødes i Prøvekøbing.\n\nVel mødt."}

    def test_each_contact_gets_one_mail_in_their_language(self, administrator):
        network = make_network()
        dane = MembershipFactory(network=network)
        english = MembershipFactory(network=network, language="en")
        same = MembershipFactory(contact=dane.contact)
        unproved = waiting(network, 5, address_confirmed_at=None)
        over = MembershipFactory(network=network, status=Status.ENDED)
        url = address(WRITE, dane, english, same, unproved, over)
        page = administrator.get(url)
        assert page.context["number"] == 2
        assert len(told(page, "impossible")) == 3
        refused = send(administrator, url, **self.TEXT)
        assert refused.context["form"].errors.keys() == {"subject_en", "text_en"}
        send(administrator, url, **self.TEXT, subject_en="New venue", text_en="We meet there.")
        mails = {mail.to_email: mail for mail in Message.objects.filter(template="letter")}
        assert mails.keys() == {dane.contact.email, english.contact.email}
        assert mails[dane.contact.email].subject == "Nyt mødested"
        assert "Vi mødes i Prøvekøbing.\n\nVel mødt." in mails[dane.contact.email].body
        assert mails[english.contact.email].subject == "New venue"
        assert BulkRun.objects.get().data == {}
        entries = [each for row in (dane, same, unproved, over) for each in audit.history(row)]
        assert [(entry.action, entry.data) for entry in entries] == [("membership.written_to", {})]

    def test_is_seen_as_it_will_be_sent_before_anything_is(self, administrator):
        row = MembershipFactory()
        url = address(WRITE, row)
        page = administrator.post(url, {**self.TEXT, "preview": "1"})
        assert page.context["mail"]["subject"] == "Nyt mødested"
        assert "Vi mødes i Prøvekøbing." in page.context["mail"]["html"]
        assert row.contact.name in page.context["mail"]["html"]
        assert "Vel mødt." in page.content.decode()
        assert not Message.objects.filter(template="letter").exists()
        page = administrator.post(url, {"preview": "1"})
        assert page.context["form"].errors.keys() == {"subject_da", "text_da"}

    def test_coordinators_write_to_their_own_networks_only(self, client):
        own, other = MembershipFactory(), MembershipFactory()
        client.force_login(make_user(roles.COORDINATORS, networks=[own.network]))
        send(client, address(WRITE, own, other), **self.TEXT)
        (mail,) = Message.objects.filter(template="letter")
        assert mail.to_email == own.contact.email

    def test_many_are_a_jobs_and_a_second_run_of_it_sends_nothing_twice(
        self, administrator, run_jobs
    ):
        network = make_network()
        rows = [MembershipFactory(network=network) for _turn in range(21)]
        send(administrator, address(WRITE, *rows), **self.TEXT)
        assert not Message.objects.filter(template="letter").exists()
        run_jobs("networks.carry_out_many")
        run_jobs("networks.carry_out_many")
        assert Message.objects.filter(template="letter").count() == 21


class TestMakingAnonymous:
    def test_erases_whom_nothing_holds_back_and_says_why_of_the_others(self, administrator):
        contact = MembershipFactory().contact
        former = MembershipFactory(status=Status.ENDED).contact
        url = address(ERASE, contact, former)
        page = administrator.get(url)
        assert list(told(page, "coming").values()) == [[str(former)]]
        assert list(told(page, "impossible").values()) == [[str(contact)]]
        name, email = former.name, former.email
        send(administrator, url, reason="Opbevaringstiden er gået")
        erased = Person.objects.get(pk=former.pk)
        assert erased.erased_at is not None
        assert name not in erased.name
        assert erased.email != email
        assert Person.objects.get(pk=contact.pk).name == contact.name

    def test_is_for_who_may_change_people(self, client):
        person = PersonFactory()
        client.force_login(make_user(roles.AUDITORS))
        assert client.get(address(ERASE, person)).status_code == 302
