"""The meeting's page, attendance, the printed list, exports and hosts, each within its rights."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone

from networks import roles
from networks.models import GuestState, MeetingHost
from networks.wagtail_hooks import guests, join_requests, meetings, memberships, people
from tests.factories.meeting_day import (
    GuestFactory,
    SeatFactory,
    host_of,
    meeting_at,
    meeting_today,
)
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    make_user,
)

pytestmark = pytest.mark.django_db
ACTIONS = [action.name for action in meetings.actions]


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def meeting():
    return meeting_today()


@pytest.fixture
def seat(meeting):
    return SeatFactory(meeting=meeting)


@pytest.fixture
def host(meeting):
    return signed_in(host_of(meeting))


@pytest.fixture
def administrator():
    return signed_in(make_user(roles.MEMBER_ADMINISTRATORS))


def coordinator_of(meeting):
    return signed_in(make_user(roles.COORDINATORS, networks=[meeting.season.page]))


def page(client, name, meeting, **parameters):
    response = client.get(meetings.row_url(name, meeting.pk), parameters)
    assert response.status_code == 200
    return response.content.decode()


def mark(client, meeting, key, word, **more):
    return client.post(
        meetings.row_url("attendance", meeting.pk), {"mark": f"{key}:{word}", **more}
    )


def came(row):
    row.refresh_from_db()
    return row.came


# Hosts --------------------------------------------------------------------------------------------


def test_a_host_sees_the_one_meeting_and_notes_attendance(host, meeting, seat):
    guest = GuestFactory(meeting=meeting)
    other = SeatFactory()
    index = host.get(meetings.row_url("index")).content.decode()
    assert meetings.row_url("inspect", meeting.pk) in index
    assert meetings.row_url("inspect", other.meeting.pk) not in index
    text = page(host, "inspect", meeting)
    assert seat.participant.name in text
    assert guest.name in text
    mark(host, meeting, f"seat:{seat.pk}", "yes")
    assert came(seat) is True


def test_a_host_sees_no_addresses_and_no_memberships(host, meeting, seat):
    guest = GuestFactory(meeting=meeting)
    GuestFactory(meeting=meeting, name="Sagde Nej", state=GuestState.DECLINED)
    texts = [page(host, name, meeting) for name in ("inspect", "attendance", "print")]
    texts.append(host.get(meetings.row_url("export", meeting.pk)).getvalue().decode())
    for text in texts:
        assert seat.participant.name in text
        assert "Sagde Nej" not in text
        for hidden in (seat.participant.email, guest.email, str(seat.membership.pk)):
            assert hidden not in text
    for admin in (memberships, people, join_requests, guests):
        assert host.get(admin.row_url("index")).status_code == 302
    assert host.get(meetings.row_url("participation")).status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_meeting_is_not_found_by_a_host(host, method):
    other = SeatFactory()
    for name in ("inspect", *ACTIONS):
        address = meetings.row_url(name, other.meeting.pk)
        data = {"mark": f"seat:{other.pk}:yes"} if method == "post" else {}
        assert getattr(host, method)(address, data).status_code == 404, name
    assert came(other) is None


def test_a_host_does_nothing_else_to_the_meeting(host, meeting):
    text = page(host, "inspect", meeting)
    for name in ("invite-guest", "hosts", "cancel"):
        address = meetings.row_url(name, meeting.pk)
        assert address not in text
        assert host.post(address, {"name": "x", "reason": "x"}).status_code == 302
    assert not meeting.guests.exists()


def test_a_coordinator_who_hosts_elsewhere_is_there_a_host_only(meeting, seat):
    own = meeting_today()
    user = make_user(roles.COORDINATORS, networks=[own.season.page])
    MeetingHost.objects.create(meeting=meeting, user=user)
    client = signed_in(user)
    assert seat.participant.email not in page(client, "inspect", meeting)
    assert client.get(meetings.row_url("invite-guest", meeting.pk)).status_code == 302
    guest = GuestFactory(meeting=meeting)
    assert client.get(guests.row_url("inspect", guest.pk)).status_code == 404


def test_administrators_assign_and_remove_hosts(administrator, meeting):
    user = make_user()
    address = meetings.row_url("hosts", meeting.pk)
    assert user.email in administrator.get(address).content.decode()
    assert administrator.post(address, {"user": user.pk}).status_code == 302
    client = signed_in(user)
    assert client.get(meetings.row_url("inspect", meeting.pk)).status_code == 200
    assert administrator.post(address, {"user": user.pk}).status_code == 200
    administrator.post(address, {"remove": "x"})
    administrator.post(address, {"remove": user.pk})
    assert client.get(meetings.row_url("inspect", meeting.pk)).status_code == 302
    assert not MeetingHost.objects.exists()


# Attendance ---------------------------------------------------------------------------------------


def test_without_javascript_each_button_is_a_form(host, meeting, seat):
    for word, value in (("yes", True), ("no", False), ("", None)):
        response = mark(host, meeting, f"seat:{seat.pk}", word, q="by æ")
        assert response.url.endswith(f"?q=by+%C3%A6#seat:{seat.pk}")
        assert came(seat) is value


@pytest.mark.parametrize("text", ["", "x", "seat", "seat:1:maybe", ":yes", "seat:²:yes"])
def test_what_is_no_mark_changes_nothing(host, meeting, seat, text):
    assert host.post(meetings.row_url("attendance", meeting.pk), {"mark": text}).status_code == 302
    assert came(seat) is None


def send(client, meeting, text):
    return client.post(meetings.row_url("attendance", meeting.pk), {"marks": text})


def test_marks_from_a_phone_come_in_any_order_and_twice(host, meeting, seat):
    key, now = f"seat:{seat.pk}", timezone.now().timestamp() * 1000
    queue = [(1000, "yes"), (60_000, "no"), (1000, "yes")]
    for ago, word in queue:
        marks = [{"key": key, "came": word, "at": now - ago}]
        answer = send(host, meeting, json.dumps({"sent": now, "marks": marks}))
        assert answer.status_code == 200
    assert came(seat) is True
    assert answer.json() == {"states": {key: "yes"}, "refused": ""}
    nothing = send(host, meeting, json.dumps({"sent": now, "marks": []}))
    assert nothing.json()["states"] == {key: "yes"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"sent": "x", "marks": []}',
        '{"sent": 1e300, "marks": []}',
        '{"sent": 1, "marks": [{"key": "seat:1", "came": "maybe", "at": 1}]}',
        '{"sent": 1, "marks": [{"key": "seat:1", "came": [], "at": 1}]}',
        '{"sent": 1, "marks": [1]}',
        "[" * 100_000,
    ],
)
def test_a_queue_that_makes_no_sense_is_refused(host, meeting, text):
    assert send(host, meeting, text).status_code == 400


def test_after_thirty_days_administrators_alone_note_attendance():
    meeting = meeting_at(timezone.now() - timedelta(days=40))
    seat = SeatFactory(meeting=meeting)
    queue = json.dumps({"sent": 1, "marks": [{"key": f"seat:{seat.pk}", "came": "yes", "at": 1}]})
    for client in (signed_in(host_of(meeting)), coordinator_of(meeting)):
        assert "disabled" in page(client, "attendance", meeting)
        mark(client, meeting, f"seat:{seat.pk}", "yes")
        refused = send(client, meeting, queue)
        assert refused.status_code == 409
        assert refused.json()["refused"]
        assert came(seat) is None
    administrator = signed_in(make_user(roles.MEMBER_ADMINISTRATORS))
    mark(administrator, meeting, f"seat:{seat.pk}", "yes")
    assert came(seat) is True


def test_searching_without_javascript_finds_names_and_municipalities(host, meeting):
    for place, name in (("Årby", "Øjvind Ål"), ("Vejle", "Ulla Berg")):
        membership = MembershipFactory(
            network=meeting.season.page, municipality=MunicipalityFactory(name=place)
        )
        participant = ParticipantFactory(membership=membership, name=name)
        SeatFactory(meeting=meeting, membership=membership, participant=participant)
    for query, found, hidden in (("øJV", "Øjvind", "Ulla"), ("berg vejle", "Ulla", "Øjvind")):
        text = page(host, "attendance", meeting, q=query)
        assert found in text
        assert hidden not in text
    assert "Øjvind" in page(host, "attendance", meeting)


def test_who_looks_after_the_network_is_led_to_writing_a_walk_in_down(administrator, meeting):
    way = meetings.row_url("walk-in", meeting.pk)
    assert way in page(administrator, "attendance", meeting)
    assert way in page(coordinator_of(meeting), "attendance", meeting)
    assert way not in page(signed_in(host_of(meeting)), "attendance", meeting)


def test_a_name_is_text_and_nothing_else(host, meeting):
    participant = ParticipantFactory(
        membership=MembershipFactory(network=meeting.season.page), name="<script>alert(1)</script>"
    )
    SeatFactory(meeting=meeting, membership=participant.membership, participant=participant)
    for name in ("inspect", "attendance", "print"):
        assert "<script>alert" not in page(host, name, meeting)


# Lists --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["inspect", "attendance", "print", "export"])
def test_the_pages_take_few_queries_whatever_the_number(
    administrator, meeting, name, django_assert_max_num_queries
):
    def open_page():
        response = administrator.get(meetings.row_url(name, meeting.pk))
        return b"".join(response) if response.streaming else response.content

    SeatFactory(meeting=meeting)
    open_page()
    with django_assert_max_num_queries(20) as captured:
        open_page()
    for _turn in range(8):
        SeatFactory(meeting=meeting)
        GuestFactory(meeting=meeting)
    with django_assert_max_num_queries(len(captured)):
        open_page()


def test_the_export_has_addresses_for_coordinators_and_no_formula(meeting):
    participant = ParticipantFactory(
        membership=MembershipFactory(network=meeting.season.page), name="=1+1"
    )
    SeatFactory(
        meeting=meeting, membership=participant.membership, participant=participant, is_extra=True
    )
    client = coordinator_of(meeting)
    text = client.get(meetings.row_url("export", meeting.pk)).getvalue().decode("utf-8-sig")
    [row] = csv.DictReader(StringIO(text))
    assert (row["Navn"], row["E-mail"]) == ("'=1+1", participant.email)
    assert row["Kommer som"] == "Ekstra deltager"


# Guests -------------------------------------------------------------------------------------------


def test_a_coordinator_invites_resends_and_withdraws():
    meeting = meeting_at(timezone.now() + timedelta(days=9))
    client = coordinator_of(meeting)
    data = {"name": "Gry Eksempel", "email": "gry@firma.example", "purpose": "Holde oplæg"}
    address = meetings.row_url("invite-guest", meeting.pk)
    assert client.post(address, data).status_code == 302
    assert "allerede" in client.post(address, data).content.decode()
    guest = meeting.guests.get()
    assert guests.row_url("inspect", guest.pk) in page(client, "inspect", meeting)
    for name in ("resend", "withdraw"):
        assert client.get(guests.row_url(name, guest.pk)).status_code == 200
        assert client.post(guests.row_url(name, guest.pk), {"reason": ""}).status_code == 302
    guest.refresh_from_db()
    assert guest.state == "withdrawn"
    history = client.get(guests.row_url("inspect", guest.pk)).content.decode()
    assert "Trukket tilbage" in history
    export = client.get(guests.row_url("index"), {"export": "csv"}).getvalue().decode()
    assert "gry@firma.example" in export
