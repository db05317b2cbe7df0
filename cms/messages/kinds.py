"""The kinds of message: what each is called, when and to whom it is sent, what its text may name.

A text that administrators write is plain. ``{{ name }}`` in it stands for a value; there is no
logic and no way from one value to another. Which names there are is declared here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Context = Mapping[str, Any]
Value = str | Callable[[Context], Any]


@dataclass(frozen=True)
class Group:
    """Kinds that stand together in the list of texts, in the order of ``position``."""

    position: int
    label: Any


@dataclass(frozen=True)
class Placeholder:
    """A name that stands for a value. ``value``: a path through the context, or a function of it.

    ``required``: a text without it would be of no use, such as a request to confirm without the
    link.
    """

    name: str
    description: Any
    value: Value
    required: bool = False
    is_link: bool = False

    def read(self, context: Context) -> str:
        """The value as text, in the active language; nothing where there is none."""
        found = self.value(context) if callable(self.value) else _follow(self.value, context)
        return "" if found is None else str(found)


def link(name: str, description: Any, *links: str, required: bool = True) -> Placeholder:
    """A personal link: the first of these (``LinkRequest.name``) that the message carries."""

    def first(context: Context) -> Any:
        carried = context["links"]
        return next((carried[each] for each in links if each in carried), None)

    return Placeholder(name, description, first, required=required, is_link=True)


@dataclass(frozen=True)
class MessageKind:
    """``template`` names ``templates/messages/<template>.txt``, the text unless another is given.

    ``links``: names of the links that a preview shows. ``sample``: what else the context of a
    preview holds, given outright or from a real row of the upper room's choice; None when that
    row has nothing of the kind.
    ``of_one_network``: False for a message that is about none, or about several.
    """

    template: str
    group: Group
    label: Any
    sent: Any
    to: Any
    placeholders: tuple[Placeholder, ...]
    links: tuple[str, ...] = ()
    sample: Context | Callable[[Any], Context | None] = field(default_factory=dict)
    #: Where a preview's context has the name of whom the message is to.
    recipient: str = "contact.name"
    of_one_network: bool = True

    def sample_of(self, row: Any) -> Context | None:
        return self.sample(row) if callable(self.sample) else self.sample

    def sample_name(self, context: Context) -> str:
        return str(_follow(self.recipient, context) or "")

    def values(self, context: Context) -> dict[str, str]:
        return {each.name: each.read(context) for each in self.placeholders}


_kinds: dict[str, MessageKind] = {}


def register(*kinds: MessageKind) -> None:
    """Make the kinds known. Two of one template are a mistake."""
    for kind in kinds:
        assert kind.template not in _kinds, f"{kind.template} is registered twice."
        _kinds[kind.template] = kind


def find(template: str) -> MessageKind | None:
    return _kinds.get(template)


def registered() -> list[MessageKind]:
    """Every kind, in the order of its group, then as registered."""
    return sorted(_kinds.values(), key=lambda kind: kind.group.position)


def _follow(path: str, context: Context) -> Any:
    """The value at ``membership.contact.name``: keys of mappings, attributes of anything else."""
    found: Any = context
    for step in path.split("."):
        if found is None:
            return None
        found = found.get(step) if isinstance(found, Mapping) else getattr(found, step)
    return found
