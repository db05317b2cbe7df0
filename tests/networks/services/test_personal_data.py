"""The access report: whatever says who a person is, is in it."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from networks.services import personal_data
from networks.services.access_report import as_pdf
from payments.services import invoicing
from tests.factories.connected import EMAIL, NAME, connected_person, invoiced_to, traces
from tests.factories.networks import MembershipFactory, PersonFactory
from tests.factories.sellers import make_seller

pytestmark = pytest.mark.django_db

#: Where a person stands in the database → where the report tells of it.
TOLD_IN = {
    "cms.bulkitem": "bulk_actions",
    "cms.auditentry": "history",
    "cms.link": "links",
    "cms.message": "messages",
    "networks.answer": "answers",
    "networks.guest": "guest_invitations",
    "networks.handover": "requests",
    "networks.joinrequest": "requests",
    "networks.memberimport": "imports",
    "networks.membership": "memberships",
    "networks.offer": "contributions",
    "networks.topic": "contributions",
    "networks.participant": "participations",
    "networks.person": "person",
    "networks.programmeitem": "programme",
    "payments.charge": "charges",
    "payments.invoice": "invoices",
    "procrastinate.procrastinatejob": "jobs",
}


def report(**kwargs) -> dict:
    text = json.dumps(personal_data.as_json(EMAIL, **kwargs), cls=DjangoJSONEncoder)
    return json.loads(text)


def everything() -> dict:
    make_seller()
    person = connected_person()
    invoicing.issue_invoice(invoiced_to(person))
    return report(for_staff=True)


def test_every_table_that_names_the_person_has_its_place_in_the_report():
    told = everything()
    tables = {place.rpartition(".")[0] for place in traces()}
    derived = {table for table in tables if "search" in table}
    assert tables - derived <= set(TOLD_IN)
    assert {TOLD_IN[table] for table in tables - derived} <= set(told)


def test_what_is_said_to_and_by_the_person_is_in_it_word_for_word():
    told = json.dumps(everything(), ensure_ascii=False)
    for place, texts in traces().items():
        if place.endswith((".text", ".value", ".leaving_reason", ".reason", ".outcome")):
            for text in texts:
                assert json.dumps(text, ensure_ascii=False)[1:-1] in told, place


def test_of_a_mail_to_somebody_else_only_the_lines_about_the_person_are_told():
    connected_person()
    (mention,) = report()["mentions"]
    assert EMAIL in mention["lines"]
    assert "to_email" not in mention


def test_the_persons_own_copy_names_nobody_of_the_staff():
    connected_person()
    own, for_staff = report(), report(for_staff=True)
    assert "user" not in own["readings"][0]
    assert for_staff["readings"][0]["user"]
    assert all("reason" not in entry for entry in own["history"])


def test_a_stranger_gets_nothing_of_another_person():
    connected_person()
    MembershipFactory(contact=PersonFactory(email="anden@proevekoebing.example"))
    told = json.dumps(personal_data.as_json("anden@proevekoebing.example"), cls=DjangoJSONEncoder)
    assert NAME not in told


def test_the_report_is_a_document_that_a_screen_reader_can_read():
    connected_person()
    pdf = as_pdf(EMAIL, for_staff=True)
    assert pdf.startswith(b"%PDF")
    assert b"pdfuaid" in pdf


def test_of_somebody_unknown_nothing_is_kept():
    assert personal_data.sections_about("ukendt@proevekoebing.example") == []
    assert as_pdf("ukendt@proevekoebing.example").startswith(b"%PDF")
