"""How an e-invoice leaves: dropped in a directory, or posted to an access point over HTTP.

``E_INVOICE_SENDER`` chooses: a directory's path or an https address; empty, nothing is sent, and
finance downloads the files.
"""

from pathlib import Path
from typing import Protocol

import requests
from django.conf import settings

#: (to connect, to answer) in seconds.
TIMEOUT = (5, 30)


class TransmissionFailed(Exception):
    """The document was not taken. ``is_final``: trying again would fail again."""

    def __init__(self, message: str, *, is_final: bool) -> None:
        super().__init__(message)
        self.is_final = is_final


class Sender(Protocol):
    """Delivers one document. ``key`` is the same at each attempt: sent twice, it is taken once."""

    name: str

    def send(self, content: bytes, *, filename: str, key: str) -> str:
        """The receipt that the receiver gave. Raises TransmissionFailed."""
        ...


class DirectorySender:
    """Writes the file for another program to fetch; whole, or not at all."""

    name = "directory"

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def send(self, content: bytes, *, filename: str, key: str) -> str:
        target = self.directory / filename
        unfinished = target.with_suffix(f".{key}.part")
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(content)
            unfinished.replace(target)
        except OSError as error:
            raise TransmissionFailed(str(error), is_final=False) from error
        return filename


class AccessPointSender:
    """Posts the file to an access point's HTTP interface, with a bearer token where one is set.

    2xx: taken; 409: taken before; other 4xx: refused for good, except 408, 425 and 429.
    """

    name = "access_point"
    passing = frozenset({408, 425, 429})

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self.token = token

    def send(self, content: bytes, *, filename: str, key: str) -> str:
        headers = {
            "Content-Type": "application/xml; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Idempotency-Key": key,
        }
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            answer = requests.post(
                self.address,
                data=content,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TransmissionFailed(type(error).__name__, is_final=False) from error
        if answer.ok or answer.status_code == 409:
            return answer.headers.get("Location", "")[:200] or filename
        is_final = 400 <= answer.status_code < 500 and answer.status_code not in self.passing
        reason = f"{answer.status_code}: {answer.text[:300]}"
        raise TransmissionFailed(reason, is_final=is_final)


def configured_sender() -> Sender | None:
    """The sender that the settings name; None when e-invoices are downloaded by hand."""
    target: str = settings.E_INVOICE_SENDER
    if not target:
        return None
    if target.startswith(("https://", "http://")):
        return AccessPointSender(target, settings.E_INVOICE_TOKEN)
    return DirectorySender(Path(target))
