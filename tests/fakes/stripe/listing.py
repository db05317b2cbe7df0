"""Lists as Stripe gives them: newest first, filtered, in pages; and expansion of ids."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from .account import Account
from .errors import invalid, missing_object
from .shape import Json

Present = Callable[[Json], Json]

_PAGING = {"limit", "starting_after", "ending_before", "expand"}
_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda created, bound: created > bound,
    "gte": lambda created, bound: created >= bound,
    "lt": lambda created, bound: created < bound,
    "lte": lambda created, bound: created <= bound,
}


def _created(thing: Json, wanted: Any) -> bool:
    if isinstance(wanted, int):
        return bool(thing["created"] == wanted)
    return all(_BOUNDS[name](thing["created"], bound) for name, bound in wanted.items())


_FILTERS: dict[str, Callable[[Json, Any], bool]] = {
    "created": _created,
    # An event's type may be a group: `charge.*`.
    "type": lambda thing, wanted: fnmatchcase(thing["type"], wanted),
    "types": lambda thing, wanted: thing["type"] in wanted,
    "delivery_success": lambda thing, wanted: (thing["pending_webhooks"] == 0) == wanted,
    "payout": lambda thing, wanted: thing["_payout"] == wanted,
    "customer_details": lambda thing, wanted: (
        (thing["customer_details"] or {}).get("email") == wanted.get("email")
    ),
}


def page(things: list[Json], params: Json, *, url: str, present: Present) -> Json:
    """One page of ``things`` (given oldest first); raises the refusals of a bad cursor or limit."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("Invalid integer: limit must be between 1 and 100", "limit")
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of these parameters: type, types.", "types")
    wanted = {name: value for name, value in params.items() if name not in _PAGING}
    newest = list(reversed(things))
    # The cursor may itself be filtered out: it marks a place in the whole list.
    if "ending_before" in params:
        newest = newest[: _position(newest, params, "ending_before")]
    elif "starting_after" in params:
        newest = newest[_position(newest, params, "starting_after") + 1 :]
    found = [thing for thing in newest if _matches(thing, wanted)]
    chosen = found[-limit:] if "ending_before" in params else found[:limit]
    return {
        "object": "list",
        "data": [present(thing) for thing in chosen],
        "has_more": len(found) > limit,
        "url": url,
    }


def _matches(thing: Json, wanted: Json) -> bool:
    return all(
        _FILTERS[name](thing, value) if name in _FILTERS else thing.get(name) == value
        for name, value in wanted.items()
    )


def _position(newest: list[Json], params: Json, name: str) -> int:
    for index, thing in enumerate(newest):
        if thing["id"] == params[name]:
            return index
    kind = newest[0]["object"] if newest else "object"
    raise missing_object(kind, params[name], param=name, status=400)


def expand(account: Account, body: Json, path: str, present: Present) -> None:
    """Replace the id at ``path`` (``latest_charge.balance_transaction``) by its object."""
    head, _, rest = path.partition(".")
    if body.get("object") == "list" and head == "data":
        for item in body["data"]:
            expand(account, item, rest, present)
        return
    if head in _INCLUDED.get(body["object"], {}):
        body[head] = _INCLUDED[body["object"]][head](account, body, present)
        return
    if head not in body:
        raise invalid(f"This property cannot be expanded ({head}).", "expand")
    value = body[head]
    if isinstance(value, str) and value in account.objects:
        value = body[head] = present(account.objects[value])
    if rest and isinstance(value, dict):
        expand(account, value, rest, present)


def line_items(account: Account, session: Json, present: Present) -> Json:
    items = [present(item) for item in account.objects[session["id"]]["_line_items"]]
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "data": items, "has_more": False, "url": url}


def _refunds(account: Account, charge: Json, present: Present) -> Json:
    refunds = account.where("refund", charge=charge["id"])
    return page(refunds, {}, url=f"/v1/charges/{charge['id']}/refunds", present=present)


_INCLUDED: dict[str, dict[str, Callable[[Account, Json, Present], Json]]] = {
    "checkout.session": {"line_items": line_items},
    "charge": {"refunds": _refunds},
}
