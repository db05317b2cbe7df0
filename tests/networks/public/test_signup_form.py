"""The form on the network's page: what comes back, and what is stored."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from cms.messages.models import Message
from networks.models import ContactPerson, Membership, NetworkPage, Participant, Person, Question
from networks.rules.states import Status
from payments.models import Charge, Payment, PaymentSettings
from tests.factories.networks import (
    BUYER,
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    season,
)

pytestmark = pytest.mark.django_db
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def municipality():
    return MunicipalityFactory(mail_domains="proevekoebing.example")


@pytest.fixture
def network():
    return make_network()


def filled_in(network: NetworkPage, municipality, **changes: object) -> dict[str, object]:
    first = network.seasons.order_by("starts_on").first()
    return {
        "season": first.pk if first else "",
        "shown_price": LADDER[3],
        "name": "Anne Andersen",
        "email": "anne@proevekoebing.example",
        "job_title": "Konsulent",
        "phone": "12345678",
        "organisation": f"m:{municipality.pk}",
        "method": "invoice",
        **BUYER,
        **changes,
    }


def send(client: Client, network: NetworkPage, data: dict, headers: dict = OWN_PAGE):
    return client.post(reverse("signup", args=[network.pk]), data, headers=headers)


def text_of(response) -> str:
    return response.content.decode()


class TestWhereItComesFrom:
    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Sec-Fetch-Site": "same-origin"}, 303),
            ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "none"}, 403),
            ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
            ({"Origin": "http://testserver"}, 303),
            ({"Origin": "https://testserver"}, 403),
            ({"Origin": "http://ondt.example"}, 403),
            ({"Origin": "null"}, 403),
            ({}, 403),
        ],
    )
    def test_it_is_taken_from_our_own_page_alone(
        self, client, network, municipality, headers, status
    ):
        response = send(client, network, filled_in(network, municipality), headers)
        assert response.status_code == status
        assert Membership.objects.exists() == (status == 303)

    def test_it_is_not_taken_by_get(self, client, network):
        assert client.get(reverse("signup", args=[network.pk])).status_code == 405

    def test_a_page_that_is_not_published_takes_none(self, client, network, municipality):
        data = filled_in(network, municipality)
        network.unpublish()
        assert send(client, network, data).status_code == 404

    def test_many_from_one_address_are_told_to_wait(self, client, network, municipality, settings):
        settings.SIGNUP_RATE = "2/h"
        data = filled_in(network, municipality, name="")
        statuses = [send(client, network, data).status_code for _turn in range(3)]
        assert statuses == [422, 422, 429]

    def test_a_program_that_fills_in_everything_gets_a_receipt_and_nothing_is_stored(
        self, client, network, municipality
    ):
        data = filled_in(network, municipality, website="https://spam.example")
        response = send(client, network, data)
        assert client.get(response["Location"]).status_code == 200
        assert not Membership.objects.exists()
        assert not Message.objects.exists()


class TestNoCookie:
    def test_neither_the_page_nor_the_answers_set_one(self, client, network, municipality):
        data = filled_in(network, municipality)
        answers = [
            client.get(network.get_url()),
            send(client, network, {**data, "name": ""}),
            send(client, network, data),
        ]
        assert [answer.status_code for answer in answers] == [200, 422, 303]
        for answer in answers:
            assert not answer.cookies
            assert not {"cookie", "accept-language"} & _varies_on(answer)
        assert "csrfmiddlewaretoken" not in text_of(answers[0])

    def test_the_receipt_tells_what_comes_next(self, client, network, municipality):
        response = send(client, network, filled_in(network, municipality))
        receipt = client.get(response["Location"])
        assert receipt.status_code == 200
        assert "Anne" not in response["Location"]
        assert client.get("/tilmelding/modtaget/forkert/").status_code == 404


def _varies_on(response) -> set[str]:
    return {name.strip().lower() for name in response.headers.get("Vary", "").split(",")}


class TestErrors:
    def test_what_was_typed_stays_and_each_error_links_to_its_field(
        self, client, network, municipality
    ):
        data = filled_in(network, municipality, name="", email="ikke-en-adresse", phone="87654321")
        response = send(client, network, data)
        page = text_of(response)
        assert response.status_code == 422
        assert response["Cache-Control"] == "no-store"
        assert 'value="ikke-en-adresse"' in page
        assert 'value="87654321"' in page
        summary = page[page.index('id="error-summary"') :]
        targets = re.findall(r'<a href="#([^"]+)"', summary[: summary.index("</ul>")])
        assert {"id_name", "id_email"} <= set(targets)
        assert all(f'id="{target}"' in page for target in targets)
        assert not Person.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"organisation": ""}, "organisation"),
            ({"organisation": "m:999999"}, "organisation"),
            ({"job_title": ""}, "job_title"),
            ({"method": ""}, "method"),
            ({"method": "cash"}, "method"),
            ({"buyer_gln": ""}, "buyer_gln"),
            ({"buyer_gln": "5798009811579"}, "buyer_gln"),
            ({"buyer_gln": "579800981157"}, "buyer_gln"),
            ({"buyer_cvr": "12345678"}, "buyer_cvr"),
            ({"buyer_reference": "", "order_number": ""}, "buyer_reference"),
            ({"buyer_street": ""}, "buyer_street"),
            ({"buyer_postal_code": ""}, "buyer_postal_code"),
            ({"buyer_city": ""}, "buyer_city"),
        ],
    )
    def test_it_is_sent_back_for(self, client, network, municipality, changes, field):
        response = send(client, network, filled_in(network, municipality, **changes))
        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert not Membership.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"buyer_gln": "5798 0098 11578"},
            {"buyer_cvr": ""},
            {"buyer_reference": "", "order_number": "4711"},
            {"phone": ""},
        ],
    )
    def test_it_is_taken_with(self, client, network, municipality, changes):
        response = send(client, network, filled_in(network, municipality, **changes))
        assert response.status_code == 303

    def test_a_card_needs_no_gln_but_an_address(self, client, network, municipality):
        _allow_cards(network)
        no_gln = {"method": "card", "buyer_gln": "", "buyer_reference": ""}
        data = filled_in(network, municipality, **no_gln, buyer_street="")
        assert list(send(client, network, data).context["form"].errors) == ["buyer_street"]

    def test_a_required_question_is_answered(self, client, network, municipality):
        question = Question.objects.create(
            page=network, label="Kost?", purpose="Forplejning", required=True
        )
        data = filled_in(network, municipality)
        assert send(client, network, data).status_code == 422
        answered = {**data, f"question_{question.pk}": "Vegetar"}
        assert send(client, network, answered).status_code == 303

    @pytest.mark.parametrize(
        ("row", "field"),
        [
            ({"name": "Bo"}, "email"),
            ({"email": "bo@proevekoebing.example"}, "name"),
            ({"name": "Bo", "email": "bo"}, "email"),
        ],
    )
    def test_a_participant_has_name_and_address(self, client, network, municipality, row, field):
        rows = {f"deltager-1-{name}": value for name, value in row.items()}
        response = send(client, network, filled_in(network, municipality, **rows))
        assert response.status_code == 422
        assert field in response.context["form"].participants[0].errors

    def test_the_same_participant_is_not_named_twice(self, client, network, municipality):
        rows = {f"deltager-{number}-name": "Bo" for number in (1, 2)}
        rows |= {f"deltager-{number}-email": "bo@x.example" for number in (1, 2)}
        assert send(client, network, filled_in(network, municipality, **rows)).status_code == 422

    def test_a_name_is_one_line_whatever_is_sent(self, client, network, municipality, run_jobs):
        sneaky = "Anne\r\nBcc: alle@kommune.example"
        send(client, network, filled_in(network, municipality, name=sneaky))
        assert Person.objects.get().name == "Anne Bcc: alle@kommune.example"
        run_jobs()
        assert Message.objects.get().state == "sent"


class TestRefusal:
    @pytest.mark.parametrize("kind", ["state", "region", "company", "association"])
    def test_it_gives_the_reason_the_way_to_be_a_guest_and_the_contact(
        self, client, network, municipality, kind
    ):
        ContactPerson.objects.create(page=network, name="Karen Kontakt", email="karen@kl.example")
        data = filled_in(network, municipality, organisation=f"k:{kind}", name="Søren Sælger")
        response = send(client, network, data)
        page = text_of(response)
        assert response.status_code == 422
        assert "mailto:karen@kl.example" in page
        assert "gæst" in page or "guest" in page
        assert 'value="Søren Sælger"' in page
        for model in (Membership, Person, Participant, Message):
            assert not model.objects.exists()

    def test_who_is_not_invited_is_refused_and_told_whom_to_write_to(self, client, municipality):
        network = make_network(eligibility="invitation", free_of_charge=True)
        ContactPerson.objects.create(page=network, name="Karen", email="karen@kl.example")
        response = send(client, network, filled_in(network, municipality))
        assert response.status_code == 422
        assert "mailto:karen@kl.example" in text_of(response)


class TestPriceAndSeason:
    def test_a_risen_price_is_shown_and_a_new_yes_is_taken(self, client, network, municipality):
        data = filled_in(network, municipality, shown_price=LADDER[2])
        response = send(client, network, data)
        assert response.status_code == 409
        assert response.context["form"]["shown_price"].value() == str(LADDER[3])
        assert "7.000" in text_of(response)
        assert not Membership.objects.exists()
        again = {**data, "shown_price": LADDER[3]}
        assert send(client, network, again).status_code == 303

    def test_without_a_price_in_the_form_nothing_is_accepted(self, client, network, municipality):
        data = filled_in(network, municipality, shown_price="")
        assert send(client, network, data).status_code == 409

    def test_a_season_that_is_over_since_the_page_was_shown_gives_way_to_the_next(
        self, client, municipality
    ):
        over = season(name="I år", meetings=[])
        coming = season(
            name="Næste år",
            starts_on=over.ends_on + timedelta(days=1),
            ends_on=over.ends_on + timedelta(days=365),
        )
        network = make_network(seasons=[over, coming])
        response = send(client, network, filled_in(network, municipality))
        assert response.status_code == 409
        key = network.seasons.get(name="Næste år").pk
        assert response.context["form"]["season"].value() == str(key)
        assert not Membership.objects.exists()
        again = {**filled_in(network, municipality), "season": key}
        assert send(client, network, again).status_code == 303
        assert Membership.objects.get().first_season_id == key

    def test_a_visitor_chooses_between_two_open_seasons(self, client, municipality):
        this = season(name="I år")
        coming = season(
            name="Næste år",
            starts_on=this.ends_on + timedelta(days=1),
            ends_on=this.ends_on + timedelta(days=365),
            opens_on=timezone.localdate(),
            ladder={3: 900_000, 2: 600_000, 1: 300_000},
        )
        network = make_network(seasons=[this, coming])
        key = network.seasons.get(name="Næste år").pk
        data = filled_in(network, municipality, season=key)
        response = send(client, network, data)
        assert response.status_code == 409
        assert "9.000" in response.context["form"].non_field_errors()[0]

    def test_closed_it_says_why(self, client, municipality):
        network = make_network(signup_closes_at=timezone.now() - timedelta(days=1))
        response = send(client, network, filled_in(network, municipality))
        assert response.status_code == 422
        assert response.context["view"].closed_reason in text_of(response)

    def test_a_free_network_asks_for_no_payment(self, client, municipality):
        network = make_network(free_of_charge=True)
        page = text_of(client.get(network.get_url()))
        assert "buyer_gln" not in page
        data = filled_in(network, municipality, shown_price=0)
        assert send(client, network, data).status_code == 303
        assert Membership.objects.get().method == ""


class TestPayingByCard:
    def test_it_leads_to_the_hosted_page(self, client, network, municipality, stripe):
        _allow_cards(network)
        response = send(client, network, filled_in(network, municipality, method="card"))
        assert response.status_code == 303
        assert response["Location"] == Payment.objects.get().session_url

    def test_without_stripe_to_our_own_page_to_try_again(self, client, network, municipality):
        _allow_cards(network)
        response = send(client, network, filled_in(network, municipality, method="card"))
        assert response.status_code == 303
        assert "/betaling/" in response["Location"]
        assert Membership.objects.get().state == Status.AWAITING_PAYMENT
        assert Charge.objects.count() == 1


def _allow_cards(network: NetworkPage) -> None:
    cards = PaymentSettings.for_site(network.get_site())
    cards.card_payment = True
    cards.save()


def test_a_colleague_of_a_member_is_told_that_the_request_was_sent(client, network, municipality):
    MembershipFactory(network=network, municipality=municipality)
    response = send(client, network, filled_in(network, municipality))
    assert client.get(response["Location"]).context["outcome"] == "join_requested"


def test_from_a_translation_one_signs_up_to_the_network_itself(client, network, municipality):
    network.save_revision().publish()
    english, _created = Locale.objects.get_or_create(language_code="en")
    translation = network.copy_for_translation(english, copy_parents=True)
    translation.get_latest_revision().publish()
    assert send(client, translation, filled_in(network, municipality)).status_code == 303
    assert Membership.objects.get().network == network
