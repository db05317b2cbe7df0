"""Data protection in the administration: who may see and do what."""

import pytest
from django.urls import reverse

from cms.access_log import AccessEntry, AccessKind, note
from cms.audit import SYSTEM, Actor, record, reference
from cms.messages.models import Message
from networks import roles
from networks.models import (
    Consent,
    ErasureRequest,
    NetworkFacilitator,
    ProcessingActivity,
    RetentionRun,
)
from networks.services import consents
from tests.factories.connected import EMAIL, connected_person, traces
from tests.factories.networks import (
    FacilitatorFactory,
    MembershipFactory,
    make_network,
    make_user,
)
from tests.factories.requests import ErasureRequestFactory

pytestmark = pytest.mark.django_db

PREVIEW = "networks_retentionrun_modeladmin_preview"
REGISTER = "networks_register"
READINGS = "cms_accessentry_modeladmin_index"
EXPORTS = "cms_auditentry_modeladmin_index"
REQUESTS = "networks_erasurerequest_modeladmin_index"
CONSENTS = "networks_consent_modeladmin_index"
PEOPLE = "networks_person_modeladmin_index"
MEMBERS = "networks_membership_modeladmin_index"


def status(client, role: str, name: str, *args) -> int:
    client.force_login(make_user(role))
    return client.get(reverse(name, args=args)).status_code


@pytest.mark.parametrize("name", [PREVIEW, REGISTER, READINGS, EXPORTS, REQUESTS, CONSENTS])
def test_the_data_protection_contact_reads_it_all(client, name):
    assert status(client, roles.DATA_PROTECTION, name) == 200


@pytest.mark.parametrize("name", [PEOPLE, MEMBERS])
def test_the_data_protection_contact_sees_no_list_of_members(client, name):
    assert status(client, roles.DATA_PROTECTION, name) != 200


@pytest.mark.parametrize("name", [PREVIEW, REGISTER, READINGS, EXPORTS, REQUESTS, CONSENTS])
@pytest.mark.parametrize("role", [roles.EDITORS, roles.COORDINATORS, roles.FINANCE])
def test_others_read_none_of_it(client, role, name):
    assert status(client, role, name) != 200


def inspect(person) -> str:
    return reverse("networks_person_modeladmin_inspect", args=[person.pk])


class TestTheLogOfReadings:
    def test_tells_who_opened_whose_page(self, client):
        user = make_user(roles.MEMBER_ADMINISTRATORS)
        person = MembershipFactory().contact
        client.force_login(user)
        client.get(inspect(person))
        entry = AccessEntry.objects.get()
        assert (entry.user, entry.kind, entry.subject) == (user, "page", reference(person))

    def test_has_nothing_of_a_page_that_was_refused(self, client):
        person = MembershipFactory().contact
        client.force_login(make_user(roles.COORDINATORS))
        assert client.get(inspect(person)).status_code == 404
        assert not AccessEntry.objects.exists()

    def test_is_read_in_few_queries(self, client, django_assert_max_num_queries):
        for number in range(20):
            note(make_user(), AccessKind.PAGE, subject=f"networks.person:{number}")
        client.force_login(make_user(roles.DATA_PROTECTION))
        client.get(reverse(READINGS))
        with django_assert_max_num_queries(16):
            page = client.get(reverse(READINGS)).content.decode()
        assert "Person 19" in page

    def test_tells_of_exports_too(self, client):
        staff = make_user()
        record(
            actor=Actor.by(staff),
            action="list.exported",
            subject=staff,
            listing="networks.membership",
            rows=7,
            format="csv",
        )
        client.force_login(make_user(roles.DATA_PROTECTION))
        page = client.get(reverse(EXPORTS)).content.decode()
        assert "CSV" in page
        assert staff.username in page


class TestTheAccessReport:
    @pytest.mark.parametrize("name", ["report", "report_pdf", "report_json"])
    def test_is_for_those_with_the_right_and_is_logged(self, client, name):
        person = connected_person()
        AccessEntry.objects.all().delete()
        target = reverse(f"networks_person_modeladmin_{name}", args=[person.pk])
        client.force_login(make_user(roles.AUDITORS))
        assert client.get(target).status_code != 200
        assert not AccessEntry.objects.exists()
        client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
        response = client.get(target)
        assert response.status_code == 200
        assert AccessEntry.objects.get().subject == reference(person)
        if name != "report_pdf":
            assert EMAIL in response.content.decode()


class TestErasing:
    def target(self, request: ErasureRequest) -> str:
        return reverse("networks_erasurerequest_modeladmin_erase", args=[request.pk])

    def test_shows_what_goes_and_stays_then_does_it_and_tells_the_person(self, client):
        request = connected_person().erasure_requests.get()
        client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
        page = client.get(self.target(request)).content.decode()
        assert "Mails til personen" in page
        assert traces()
        client.post(self.target(request), {"outcome": "Du er slettet.", "confirmed": "on"})
        request.refresh_from_db()
        assert request.handled_at
        assert request.person.erased_at
        farewell = Message.objects.get(template="erasure_handled")
        assert (farewell.to_email, farewell.state) == (EMAIL, "queued")
        assert {place for place in traces() if not place.startswith("cms.message.")} == set()

    def test_needs_a_confirmation(self, client):
        request = ErasureRequestFactory()
        client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
        client.post(self.target(request), {"outcome": "Du er slettet."})
        request.refresh_from_db()
        assert request.handled_at is None

    def test_says_why_it_can_not_be_done_yet(self, client):
        contact = MembershipFactory().contact
        request = ErasureRequestFactory(person=contact)
        client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
        offered = client.get(self.target(request)).content.decode()
        assert 'name="confirmed"' not in offered
        data = {"outcome": "Du er slettet.", "confirmed": "on"}
        page = client.post(self.target(request), data).content.decode()
        assert "Kontaktperson for" in page
        contact.refresh_from_db()
        assert contact.erased_at is None
        assert not Message.objects.exists()

    def test_is_not_for_the_data_protection_contact(self, client):
        request = ErasureRequestFactory()
        client.force_login(make_user(roles.DATA_PROTECTION))
        assert client.get(self.target(request)).status_code != 200


class TestTheRegister:
    def test_names_controllers_activities_spans_and_what_was_added(self, client):
        network = make_network(title="Kunst")
        facilitator = FacilitatorFactory(name="Kunstforbundet")
        NetworkFacilitator.objects.create(page=network, facilitator=facilitator)
        ProcessingActivity.objects.create(title="Fotos fra møder", purpose="Omtale")
        client.force_login(make_user(roles.DATA_PROTECTION))
        page = client.get(reverse(REGISTER)).content.decode()
        for said in ("Kunstforbundet", "Fotos fra møder", "bogføringslov", "30 dage"):
            assert said in page

    def test_is_a_document_too(self, client):
        client.force_login(make_user(roles.DATA_PROTECTION))
        response = client.get(reverse("networks_register_file"))
        assert response.content.startswith(b"%PDF")

    def test_takes_few_queries(self, client, django_assert_max_num_queries):
        for _number in range(5):
            make_network()
        client.force_login(make_user(roles.DATA_PROTECTION))
        client.get(reverse(REGISTER))
        with django_assert_max_num_queries(20):
            client.get(reverse(REGISTER))

    def test_activities_are_the_contacts_to_add(self, client):
        assert status(client, roles.DATA_PROTECTION, "processing_activities:add") == 200


class TestConsents:
    FORM = {
        "title": "Nyhedsbrev",
        "network": "",
        "is_offered": "on",
        "text": "Ja tak",
        "text_en": "",
    }

    def test_are_written_and_rewritten_by_member_administrators(self, client):
        client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
        client.post(reverse("networks_consent_modeladmin_new"), self.FORM)
        consent = Consent.objects.get()
        target = reverse("networks_consent_modeladmin_edit", args=[consent.pk])
        client.post(target, {**self.FORM, "text": "Ja tak, gerne"})
        assert [text.text for text in consent.texts.all()] == ["Ja tak, gerne", "Ja tak"]
        page = client.get(reverse("networks_consent_modeladmin_inspect", args=[consent.pk]))
        assert "Ja tak, gerne" in page.content.decode()

    def test_are_read_only_for_the_data_protection_contact(self, client):
        new = "networks_consent_modeladmin_new"
        assert status(client, roles.DATA_PROTECTION, new) != 200

    def test_the_list_takes_few_queries(self, client, django_assert_max_num_queries):
        for number in range(5):
            consents.write(
                None,
                title=f"Brev {number}",
                network=None,
                is_offered=True,
                text="Ja",
                actor=SYSTEM,
            )
        client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
        client.get(reverse(CONSENTS))
        with django_assert_max_num_queries(16):
            client.get(reverse(CONSENTS))


def test_what_was_erased_is_listed_by_kind_and_number(client):
    run = RetentionRun.objects.create(kind="ended", number=3)
    client.force_login(make_user(roles.DATA_PROTECTION))
    page = client.get(reverse("networks_retentionrun_modeladmin_index")).content.decode()
    assert "ophørte medlemskaber" in page
    target = reverse("networks_retentionrun_modeladmin_inspect", args=[run.pk])
    assert client.get(target).status_code == 200
