"""What a person sees: the hosted payment page and the list of sessions. In Danish."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from .account import Account
from .errors import RefusalError
from .payments import decline, pay, pay_async, settle
from .sessions import return_url
from .shape import Json

_TEMPLATES = {
    path.stem: Template(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parent / "templates").glob("*.html")
}
_STATUS: dict[tuple[str, str], str] = {
    ("open", "unpaid"): "Åben",
    ("complete", "paid"): "Betalt",
    ("complete", "unpaid"): "Behandles",
    ("expired", "unpaid"): "Udløbet",
}
_DECLINED = "Kortet blev afvist. Prøv igen, eller brug et andet kort."


@dataclass(frozen=True)
class Page:
    """An HTML answer, or with ``location`` a redirect (303)."""

    status: int
    html: str = ""
    location: str | None = None


def payment_page(account: Account, session_id: str) -> Page:
    with account.lock:
        session = account.objects.get(session_id)
        if session is None or session["object"] != "checkout.session":
            return _message(404, "Betalingen findes ikke", None)
        return _page_of(session)


def press(account: Account, session_id: str, action: str) -> Page:
    """A button of the payment page: ``pay``, ``decline``, ``pay_async`` or ``cancel``."""
    with account.change():
        shown = payment_page(account, session_id)
        session = account.objects.get(session_id)
        if session is None or session["status"] != "open":
            return Page(shown.status if session is None else 409, shown.html)
        if action == "cancel":
            target = return_url(session, "cancel_url")
            return Page(303, location=target) if target else shown
        if action not in _ACTIONS:
            return Page(400, shown.html)
        _ACTIONS[action](account, session_id)
        if action == "decline":
            return _page_of(session, error=_DECLINED)
        return Page(303, location=return_url(session, "success_url"))


def sessions_page(account: Account) -> Page:
    with account.lock:
        sessions = list(reversed(account.of_kind("checkout.session")))
        rows = "".join(_row(account, session) for session in sessions)
    empty = '<tr><td colspan="4">Ingen betalinger endnu.</td></tr>'
    content = _TEMPLATES["sessions"].substitute(rows=rows or empty)
    return _render(200, "Betalinger", content, width="60rem")


def settle_from_page(account: Account, session_id: str, outcome: str) -> Page:
    try:
        with account.change():
            settle(account, session_id, outcome)
    except RefusalError:
        return _message(409, "Betalingen er allerede afgjort", None)
    return Page(303, location="/")


_ACTIONS: dict[str, Callable[[Account, str], Json]] = {
    "pay": pay,
    "decline": decline,
    "pay_async": pay_async,
}


def kroner(amount: int, currency: str) -> str:
    """Minor units as Danes write them: 125000 øre is "1.250,00 kr."."""
    text = f"{amount / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{text} {'kr.' if currency == 'dkk' else currency.upper()}"


def _page_of(session: Json, *, error: str = "") -> Page:
    if session["status"] == "expired":
        return _message(200, "Betalingen er udløbet", return_url(session, "cancel_url"))
    if session["status"] == "complete":
        paid = session["payment_status"] == "paid"
        title = "Der er allerede betalt" if paid else "Betalingen behandles"
        return _message(200, title, return_url(session, "success_url"))
    content = _TEMPLATES["checkout"].substitute(
        description=escape(_description(session)),
        amount=escape(kroner(session["amount_total"], session["currency"])),
        error=f'<p class="error" role="alert">{escape(error)}</p>' if error else "",
    )
    return _render(200, "Betal", content)


def _row(account: Account, session: Json) -> str:
    status = _STATUS[session["status"], session["payment_status"]]
    intent = account.objects.get(session["payment_intent"] or "", {})
    action = ""
    if session["status"] == "open":
        action = f'<a href="/c/pay/{escape(session["id"])}">Åbn betalingssiden</a>'
    elif intent.get("status") == "processing":
        action = (
            f'<form method="post" action="/settle/{escape(session["id"])}">'
            '<button type="submit" name="outcome" value="succeeded">Lad den lykkes</button>'
            '<button type="submit" name="outcome" value="failed">Lad den mislykkes</button></form>'
        )
    elif status == "Behandles":
        status = "Mislykkedes"
    amount = kroner(session["amount_total"], session["currency"])
    cells = [escape(_description(session)), escape(amount), escape(status), action]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _description(session: Json) -> str:
    return ", ".join(item["description"] for item in session["_line_items"])


def _message(status: int, title: str, link: str | None) -> Page:
    back = f'<p><a href="{escape(link)}">Tilbage</a></p>' if link else ""
    return _render(status, title, f"<h1>{escape(title)}</h1>{back}")


def _render(status: int, title: str, content: str, *, width: str = "26rem") -> Page:
    html = _TEMPLATES["page"].substitute(title=escape(title), content=content, width=width)
    return Page(status, html)
