"""Answers in the shape the installed SDK describes: no field invented, none forgotten."""

import copy
from typing import Any

from stripe import StripeObject

Json = dict[str, Any]

# Present in an answer only when the request expands them.
_INCLUDABLE = {"line_items", "refunds"}
# Connect and organisations: this account has neither.
_ABSENT = {"account", "context", "deleted", "OBJECT_NAME"}


def sdk_fields(sdk_class: type[StripeObject]) -> set[str]:
    return {name for name in sdk_class.__annotations__ if not name.startswith("_")}


def blank(sdk_class: type[StripeObject], **values: Any) -> Json:
    """Every field of the SDK's type, null unless given.

    A value whose name the type does not have raises TypeError; a leading underscore marks what
    the fake remembers for itself and never shows.
    """
    fields = sdk_fields(sdk_class)
    foreign = {name for name in values if not name.startswith("_")} - fields
    if foreign:
        raise TypeError(f"{sdk_class.__name__} has no {', '.join(sorted(foreign))}")
    return dict.fromkeys(sorted(fields - _INCLUDABLE - _ABSENT)) | values


def public(thing: Json) -> Json:
    """A copy without what the fake remembers for itself."""
    return {name: copy.deepcopy(value) for name, value in thing.items() if name[0] != "_"}
