"""What an address answers a user: allowed, forbidden, not found, or the way to sign in."""

from copy import deepcopy
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.test import Client
from django.urls import reverse

ALLOWED, FORBIDDEN, NOT_FOUND, SIGN_IN = "a", "f", "n", "s"
OF_STATUS = {403: FORBIDDEN, 404: NOT_FOUND}


@dataclass(frozen=True)
class Answer:
    """``text``: the page, when there is one."""

    status: int
    text: str
    location: str = ""

    @property
    def outcome(self) -> str:
        """Forms that lack a field, and redirects to what comes next, are allowed."""
        if self.location.startswith(reverse("account_login")):
            return SIGN_IN
        return OF_STATUS.get(self.status, ALLOWED)


def client_of(user: User | AnonymousUser) -> Client:
    """Asks as the administration's own scripts do: a refusal is a 403, not a way home."""
    headers = {"X-Requested-With": "XMLHttpRequest", "Sec-Fetch-Site": "same-origin"}
    client = Client(headers=headers)
    if user.is_authenticated:
        client.force_login(user)
    return client


def ask(client: Client, path: str, method: str = "get") -> Answer:
    """GET, or POST where only that is taken. What it changes is undone; a failure is raised."""
    answer = _ask(client, path, method)
    if answer.status == 405 and method == "get":
        answer = _ask(client, path, "post")
    assert answer.status < 500, f"{path} answers {answer.status}"
    return answer


def _ask(client: Client, path: str, method: str) -> Answer:
    signed_in = deepcopy(client.cookies)
    with transaction.atomic():
        response = getattr(client, method)(path)
        content = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    client.cookies = signed_in  # Whoever signed out on the way is back.
    is_text = response.headers.get("Content-Type", "").startswith(("text/", "application/json"))
    text = content.decode() if is_text else ""
    return Answer(response.status_code, text, response.headers.get("Location", ""))
