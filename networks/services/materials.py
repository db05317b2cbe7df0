"""A meeting's materials: files and links for its network's members.

Files lie in the members' storage under random names and have no address of their own: whoever
serves one asks first who wants it.
"""

import secrets
from pathlib import PurePath
from typing import IO, Any

from django.core.files.base import File
from django.db import transaction
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from cms import audit, queue
from cms.audit import Actor
from networks.models import Material, Meeting
from networks.services.errors import NotPossible

DELETE_FILE = queue.Job("networks.delete_material_file")

MEGABYTE = 1024 * 1024
LARGEST = 25 * MEGABYTE

_ZIP, _OLD_OFFICE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
#: Allowed extensions and how such a file begins. Nothing among them runs in a browser.
FIRST_BYTES: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    **dict.fromkeys((".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"), _ZIP),
    **dict.fromkeys((".doc", ".xls", ".ppt"), _OLD_OFFICE),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    **dict.fromkeys((".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
}


def check_file(name: str, size: int, content: IO[bytes]) -> str:
    """The file's extension. Raises NotPossible when its type or its size is not allowed, or when
    it is not what its name says."""
    extension = PurePath(name).suffix.lower()
    if extension not in FIRST_BYTES:
        raise NotPossible(
            _("Files of this type can't be added. Allowed: %(types)s.")
            % {"types": ", ".join(kind[1:] for kind in FIRST_BYTES)}
        )
    if size > LARGEST:
        raise NotPossible(
            _("The file is too large: %(megabytes)s MB is the most.")
            % {"megabytes": LARGEST // MEGABYTE}
        )
    content.seek(0)
    start = content.read(16)
    content.seek(0)
    if not start.startswith(FIRST_BYTES[extension]):
        raise NotPossible(_("The file's contents don't match its name."))
    return extension


@transaction.atomic
def add_file(meeting_id: int, *, title: str, upload: Any, actor: Actor) -> Material:
    """Add an uploaded file (with ``name``, ``size`` and bytes to read) to a meeting."""
    extension = check_file(upload.name, upload.size, upload)
    meeting = Meeting.objects.get(pk=meeting_id)
    name = f"{secrets.token_hex(16)}{extension}"
    material = Material.objects.create(meeting=meeting, title=title, file=File(upload, name=name))
    audit.record(actor=actor, action="meeting.material_added", subject=meeting)
    return material


@transaction.atomic
def add_link(meeting_id: int, *, title: str, url: str, actor: Actor) -> Material:
    """Add a link to a meeting."""
    meeting = Meeting.objects.get(pk=meeting_id)
    material = Material.objects.create(meeting=meeting, title=title, url=url)
    audit.record(actor=actor, action="meeting.material_added", subject=meeting)
    return material


@transaction.atomic
def remove(material_id: int, *, actor: Actor) -> None:
    """Remove a material; its file is deleted by a job, so that a rollback keeps it and a kill
    leaves none behind."""
    material = Material.objects.select_related("meeting").filter(pk=material_id).first()
    if material is None:
        raise NotPossible(_("The material has been removed already."))
    if material.file:
        DELETE_FILE.enqueue(name=material.file.name)
    audit.record(actor=actor, action="meeting.material_removed", subject=material.meeting)
    material.delete()


def delete_file(name: str) -> None:
    """Delete a file that no material points to. One that is gone is no error."""
    if not Material.objects.filter(file=name).exists():
        Material._meta.get_field("file").storage.delete(name)


def download_name(material: Material) -> str:
    """What the file is called on the reader's machine: its title, with the file's extension."""
    extension = PurePath(material.file.name or "").suffix
    title = " ".join(material.title.replace("/", " ").split()).removesuffix(extension)
    return f"{get_valid_filename(title.replace(' ', '-') or 'materiale')}{extension}"
