"""What an administrator does with rows chosen in a list: look at the preview, tick, press."""

import re
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.test import Client


def address(action: str, *rows: Model, **parameters: str) -> str:
    """The preview's, with the rows chosen."""
    keys = "&".join(f"id={row.pk}" for row in rows)
    more = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"{action}?{keys}&{more}"


def send(client: Client, url: str, **data: Any) -> HttpResponse:
    """Look at the preview, tick that it is meant, then press its button."""
    page = client.get(url)
    assert page.status_code == 200
    found = re.search(r'name="selection" value="(\w+)"', page.content.decode())
    data["selection"] = found.group(1) if found else ""
    data.setdefault("confirmed", "on")
    return client.post(url, data, follow=True)


def told(page: HttpResponse, part: str) -> dict[str, list[str]]:
    """{what is said: of which rows} of ``coming``, ``impossible``, ``done`` or ``not_done``."""
    return {group.text: [title for title, _url in group.rows] for group in page.context[part]}


def assert_refused(response: HttpResponse) -> None:
    """Wagtail sends whoever may not do it home, with a word about it."""
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
