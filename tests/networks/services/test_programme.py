"""A meeting's programme and materials."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cms.audit import Actor, history
from networks.models import Material, Meeting, ProgrammeItem, ProgrammeKind
from networks.services import materials, programme
from networks.services.errors import NotPossible
from networks.services.meeting_programme import items_of, with_programme
from tests.factories.contributions import MaterialFactory, ProgrammeItemFactory, first_meeting
from tests.factories.networks import make_network, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    return first_meeting(make_network())


@pytest.fixture
def actor() -> Actor:
    return Actor.by(make_user())


def add(meeting: Meeting, actor: Actor, text: str, **changes: object) -> ProgrammeItem:
    facts = {"kind": ProgrammeKind.AGENDA, "on_page": False, **changes}
    return programme.add_item(meeting.pk, text=text, actor=actor, **facts)


def texts(meeting: Meeting) -> list[str]:
    return [item.text for item in meeting.programme.all()]


def test_items_stand_in_the_order_they_were_added(meeting: Meeting, actor: Actor) -> None:
    for text in ("Velkomst", "Oplæg", "Tak"):
        add(meeting, actor, text)
    assert texts(meeting) == ["Velkomst", "Oplæg", "Tak"]
    assert history(meeting).count() == 3


def test_an_item_is_moved_and_stops_at_the_ends(meeting: Meeting, actor: Actor) -> None:
    first, _second, third = (add(meeting, actor, text) for text in "ABC")
    programme.move_item(third.pk, steps=-1, actor=actor)
    assert texts(meeting) == ["A", "C", "B"]
    programme.move_item(first.pk, steps=-1, actor=actor)
    assert texts(meeting) == ["A", "C", "B"]
    programme.move_item(first.pk, steps=5, actor=actor)
    assert texts(meeting) == ["C", "B", "A"]


def test_items_of_the_same_position_can_be_moved(meeting: Meeting, actor: Actor) -> None:
    """Positions are no key: two coordinators' items may have the same one."""
    ProgrammeItemFactory(meeting=meeting, text="A", position=0)
    second = ProgrammeItemFactory(meeting=meeting, text="B", position=0)
    programme.move_item(second.pk, steps=-1, actor=actor)
    assert texts(meeting) == ["B", "A"]


def test_meetings_are_read_with_their_programmes_in_one_query(
    meeting: Meeting, actor: Actor, django_assert_num_queries
) -> None:
    for text in ("B", "C"):
        add(meeting, actor, text, on_page=True, kind=ProgrammeKind.HOST)
    ProgrammeItemFactory(meeting=meeting, text="A", position=0)
    with django_assert_num_queries(1):
        rows = with_programme(Meeting.objects.order_by("starts_at"))
        read = [[item.text for item in items_of(row)] for row in rows]
    assert read == [["A", "B", "C"], [], []]
    item = items_of(with_programme(Meeting.objects).get(pk=meeting.pk))[1]
    assert (item, item.on_page, item.get_kind_display()) == (
        meeting.programme.all()[1],
        True,
        "Vært",
    )


def test_an_item_is_edited_shown_and_removed(meeting: Meeting, actor: Actor) -> None:
    item = add(meeting, actor, "Oplæg")
    programme.edit_item(
        item.pk, kind=ProgrammeKind.SPEAKER, text="Nyt oplæg", on_page=False, actor=actor
    )
    programme.show_item(item.pk, on_page=True, actor=actor)
    item.refresh_from_db()
    assert (item.kind, item.text, item.on_page) == ("speaker", "Nyt oplæg", True)
    programme.remove_item(item.pk, actor=actor)
    for gone in (programme.remove_item,):
        with pytest.raises(NotPossible):
            gone(item.pk, actor=actor)


def test_the_history_names_fields_and_no_texts(meeting: Meeting, actor: Actor) -> None:
    item = add(meeting, actor, "Oplæg ved Bo Eksempel")
    programme.edit_item(item.pk, kind=item.kind, text="Aflyst", on_page=False, actor=actor)
    assert history(meeting).first().data == {"fields": ["text"]}


PDF = b"%PDF-1.7 indhold"


def upload(name: str, content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_file_lies_under_a_random_name(meeting: Meeting, actor: Actor) -> None:
    material = materials.add_file(
        meeting.pk, title="Oplæg om haller", upload=upload("Bo's noter.PDF"), actor=actor
    )
    assert "noter" not in material.file.name
    assert len(material.file.name.rpartition("/")[2]) == len("0" * 32 + ".pdf")
    assert material.file.read() == PDF
    assert materials.download_name(material) == "Oplæg-om-haller.pdf"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("side.html", b"<script>"),
        ("billede.svg", b"<svg onload=alert(1)>"),
        ("program.exe", b"MZ"),
        ("uden-endelse", PDF),
        ("forklædt.pdf", b"<html><script>"),
        ("forklædt.docx", PDF),
        ("tom.pdf", b""),
    ],
)
def test_only_documents_that_are_what_they_say_are_taken(
    meeting: Meeting, actor: Actor, name: str, content: bytes
) -> None:
    with pytest.raises(NotPossible):
        materials.add_file(meeting.pk, title="x", upload=upload(name, content), actor=actor)
    assert not Material.objects.exists()


def test_a_file_that_is_too_large_is_refused() -> None:
    materials.check_file("a.pdf", materials.LARGEST, BytesIO(PDF))
    with pytest.raises(NotPossible):
        materials.check_file("a.pdf", materials.LARGEST + 1, BytesIO(PDF))


def test_a_removed_file_is_deleted_by_a_job(meeting: Meeting, actor: Actor, run_jobs) -> None:
    material = materials.add_file(meeting.pk, title="x", upload=upload("a.pdf"), actor=actor)
    storage, name = material.file.storage, material.file.name
    materials.remove(material.pk, actor=actor)
    assert storage.exists(name)
    run_jobs(only="networks.delete_material_file")
    assert not storage.exists(name)
    with pytest.raises(NotPossible):
        materials.remove(material.pk, actor=actor)


def test_a_link_is_removed(meeting: Meeting, actor: Actor) -> None:
    link = materials.add_link(meeting.pk, title="x", url="https://example.org", actor=actor)
    other = MaterialFactory(meeting=meeting)
    materials.remove(link.pk, actor=actor)
    assert list(meeting.materials.all()) == [other]


@pytest.mark.parametrize(
    ("title", "name"), [("../../etc", "..-..-etc.pdf"), ("Æbler & pærer.pdf", "Æbler--pærer.pdf")]
)
def test_a_download_has_a_name_and_no_path(title: str, name: str) -> None:
    assert materials.download_name(Material(title=title, file="materials/2027/x.pdf")) == name
