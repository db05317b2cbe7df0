"""Texts that administrators write: which applies, what it may hold, what it says when sent."""

import pytest
from django.utils import translation

from cms import audit
from cms.audit import SYSTEM
from cms.messages import kinds, outbox, texts
from cms.messages.kinds import Group, MessageKind, Placeholder, link
from cms.messages.models import Message, MessageTemplate
from cms.messages.outbox import LinkRequest
from cms.messages.texts import InvalidText, Text

pytestmark = pytest.mark.django_db

KIND = MessageKind(
    "own_test",
    group=Group(99, "Test"),
    label="Test",
    sent="Never",
    to="Nobody",
    placeholders=(
        Placeholder("netværk", "the network", "network.title"),
        Placeholder("modtager", "the recipient", "to_name"),
        Placeholder("tomt", "nothing", "nothing.at.all"),
        link("link til svar", "the link", "answer", "other"),
    ),
    links=("answer",),
)
BODY = "Kære {{ modtager }}\n\n{{ netværk }} kalder.\n\nSvar her:\n{{ link til svar }}"
CONTEXT = {"network": {"title": "Kultur"}, "nothing": None}
ANSWER = LinkRequest("answer", "answer", "x:1", "/svar/{token}/", 7)


@pytest.fixture(autouse=True)
def kind(tmp_path, settings, monkeypatch) -> MessageKind:
    """A kind with a usual text of the test's own."""
    monkeypatch.setattr(kinds, "_kinds", {KIND.template: KIND})
    folder = tmp_path / "messages"
    folder.mkdir()
    (folder / "own_test.txt").write_text("Usual {{ network.title }}\nUsual text {{ links.answer }}")
    engines = [{**settings.TEMPLATES[0]}]
    engines[0]["DIRS"] = [tmp_path, *engines[0]["DIRS"]]
    settings.TEMPLATES = engines
    return KIND


def save(subject: str = "Svar: {{ netværk }}", body: str = BODY, **changes: str) -> MessageTemplate:
    where = {"scope": "", "language": "da", **changes}
    return texts.save_text(KIND, subject=subject, body=body, actor=SYSTEM, **where)


def put(**changes) -> Message:
    values = {
        "key": f"own_test:{Message.objects.count()}",
        "template": "own_test",
        "to": ("Åse", "aase@example.org"),
        "context": CONTEXT,
        "link_requests": (ANSWER,),
    }
    return outbox.put(**{**values, **changes})


def test_without_a_text_of_ones_own_the_usual_one_is_sent():
    assert put().subject == "Usual Kultur"


def test_an_own_text_is_sent_with_the_values_in_the_places_of_the_names():
    save()
    message = put()
    assert message.subject == "Svar: Kultur"
    assert message.body == "Kære Åse\n\nKultur kalder.\n\nSvar her:\n[[answer]]"


def test_the_link_in_an_own_text_works_and_is_a_button(run_jobs, mailoutbox):
    save()
    put()
    run_jobs()
    (mail,) = mailoutbox
    assert "/svar/" in mail.body
    assert "[[" not in mail.body
    assert ">Svar her</a>" in mail.alternatives[0][0]


def test_a_networks_own_text_goes_before_the_sites():
    save("Sitets")
    save("Netværkets", scope="network:1")
    assert put(scope="network:1").subject == "Netværkets"
    assert put(scope="network:2").subject == "Sitets"
    assert put().subject == "Sitets"


def test_each_language_has_its_own_text():
    save("Dansk")
    assert put(language="en").subject == "Usual Kultur"
    save("English", language="en")
    assert put(language="en").subject == "English"
    with translation.override("en"):
        assert put().subject == "Dansk"


def test_given_up_the_text_below_applies_again():
    save("Sitets")
    save("Netværkets", scope="network:1")
    texts.back_to_usual(KIND, scope="network:1", language="da", actor=SYSTEM)
    assert put(scope="network:1").subject == "Sitets"
    texts.back_to_usual(KIND, scope="", language="da", actor=SYSTEM)
    assert put(scope="network:1").subject == "Usual Kultur"


def test_names_may_be_written_with_any_spaces_and_capitals():
    save("{{Netværk}} {{  netværk  }}", BODY.replace("link til svar", "Link  til\tsvar"))
    assert put().subject == "Kultur Kultur"


def test_what_a_value_says_is_never_taken_for_a_name():
    save()
    message = put(context={"network": {"title": "{{ modtager }} {{ hemmelig }}"}})
    assert message.subject == "Svar: {{ modtager }} {{ hemmelig }}"


def test_an_empty_value_leaves_no_hole():
    save(body=f"A\n\n{{{{ tomt }}}}\n\nB {{{{ tomt }}}}\n{BODY}")
    assert put().body.startswith("A\n\nB\nKære")


def test_a_text_runs_no_template_code():
    for code in ("{% load i18n %}", "{{ netværk.title }}", "{{ netværk|upper }}", "{# x #}{{ x }}"):
        with pytest.raises(InvalidText):
            save(body=BODY + code)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"body": BODY + "{{ kommune }}"}, "body", "{{ kommune }}"),
        ({"subject": "{{ kommune }}"}, "subject", "{{ kommune }}"),
        ({"body": "Uden link"}, "body", "{{ link til svar }}"),
        ({"subject": "{{ link til svar }}"}, "subject", "{{ link til svar }}"),
        ({"subject": "x" * 151}, "subject", "151"),
        ({"body": BODY + "x" * 10_000}, "body", "10000"),
        ({"subject": " "}, "subject", ""),
        ({"body": " "}, "body", ""),
        ({"body": BODY + "{{ netværk }"}, "body", "{{"),
        ({"body": BODY + "[[answer]]"}, "body", "[["),
    ],
)
def test_what_can_not_be_used_is_refused_beside_its_field_by_name(changes, field, said):
    with pytest.raises(InvalidText) as refused:
        save(**changes)
    assert list(refused.value.problems) == [field]
    assert said in " ".join(refused.value.problems[field])
    assert not MessageTemplate.objects.exists()


def test_a_refusal_is_told_in_danish():
    with translation.override("da"), pytest.raises(InvalidText) as refused:
        save(body="Uden link")
    assert "Teksten skal indeholde {{ link til svar }}" in refused.value.problems["body"][0]


def test_an_old_text_that_no_longer_fits_is_passed_over_and_reported(caplog):
    save("Netværkets", scope="network:1")
    save("Sitets")
    MessageTemplate.objects.filter(scope="network:1").update(body="Uden link")
    assert put(scope="network:1").subject == "Sitets"
    assert "no longer fits" in caplog.text
    MessageTemplate.objects.update(body="Uden link")
    assert put().subject == "Usual Kultur"


def test_history_tells_who_changed_a_text_and_never_what_it_said():
    row = save()
    save("Andet emne")
    save("Andet emne")
    texts.back_to_usual(KIND, scope="", language="da", actor=SYSTEM)
    entries = list(audit.history(row))
    assert [entry.action for entry in entries] == [
        "message_text.given_up",
        "message_text.changed",
        "message_text.changed",
    ]
    assert entries[1].data["fields"] == ["subject"]
    assert "Andet" not in str([entry.data for entry in entries])


def test_a_rendered_text_goes_back_to_its_names_where_they_are_told_apart():
    context = {**CONTEXT, "to_name": "Kulturby", "links": {"answer": "[[answer]]"}}
    rendered = Text("Kultur kalder Kulturby", "Kulturhuset. Svar:\n[[answer]]")
    assert texts.as_template(KIND, rendered, context) == Text(
        "{{ netværk }} kalder {{ modtager }}", "Kulturhuset. Svar:\n{{ link til svar }}"
    )


def test_a_message_costs_one_query_more_for_its_text(django_assert_num_queries):
    save(scope="network:1")
    with django_assert_num_queries(1):
        texts.find(KIND, language="da", scope="network:1")


def test_one_kind_is_registered_once():
    with pytest.raises(AssertionError, match="twice"):
        kinds.register(KIND)
