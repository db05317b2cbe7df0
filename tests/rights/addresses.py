"""Every address of the site by its name, with a network's rows in the place of its parameters."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern
from wagtail.contrib.settings.registry import registry

from cms import links
from cms.audit import reference
from tests.rights.world import Side, World

MODELADMIN = re.compile(r"(\w+?_\w+?)_modeladmin_")
#: Wagtail's own, on pages and users; those on documents and pictures are alike.
BULK_ACTIONS = [
    *(f"wagtailcore.page/{action}" for action in ("delete", "move", "publish", "unpublish")),
    *(f"auth.user/{action}" for action in ("assign_role", "delete", "set_active_state")),
    *(f"wagtaildocs.document/{action}" for action in ("delete", "add_tags", "add_to_collection")),
    *(f"wagtailimages.image/{action}" for action in ("delete", "add_tags", "add_to_collection")),
]
PAGE = {"page_id", "parent_page_id", "page_to_move_id", "page_pk"}


@dataclass(frozen=True)
class Address:
    """``name`` as ``reverse`` takes it; ``parameters`` as the pattern names them, in order;
    ``model``: which of several (settings, bulk actions) stand behind one pattern."""

    name: str
    parameters: tuple[str, ...]
    model: str = ""

    @property
    def key(self) -> str:
        """One word in the table; an address with other parameters is another one."""
        word = "/".join([self.name, *self.parameters])
        return f"{word}[{self.model}]" if self.model else word

    @property
    def fixed(self) -> dict[str, str]:
        """The parameters that ``model`` says."""
        app, _dot, rest = self.model.partition(".")
        model, _slash, action = rest.partition("/")
        words = (("app_name", app), ("app_label", app), ("model_name", model), ("action", action))
        return {name: word for name, word in words if word and name in self.parameters}


def every_address() -> Iterator[Address]:
    """Each once; what is named after a model once for each model."""
    seen = set()
    for address in _walk(get_resolver(), (), ""):
        for one in _each_model(address):
            if one.key not in seen:
                seen.add(one.key)
                yield one


def _each_model(address: Address) -> Iterator[Address]:
    if address.name.startswith("wagtailsettings:"):
        models: Iterable[str] = (model._meta.label_lower for model in registry)
    elif address.name == "wagtail_bulk_action":
        models = BULK_ACTIONS
    else:
        yield address
        return
    for model in models:
        yield Address(address.name, address.parameters, model)


def _walk(resolver: URLResolver, outer: tuple[str, ...], namespace: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        parameters = (*outer, *_parameters(pattern.pattern))
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, parameters, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield Address(f"{namespace}{pattern.name}", parameters)


def _parameters(pattern: Any) -> tuple[str, ...]:
    if isinstance(pattern, RegexPattern):
        named = pattern.regex.groupindex
        return tuple(named) or tuple(str(number) for number in range(pattern.regex.groups))
    return tuple(pattern.converters)


def is_about_a_network(address: Address, world: World) -> bool:
    """True when a row of a network, or its page, stands in the address."""
    return path_of(address, world, world.ours) != path_of(address, world, world.theirs)


def path_of(address: Address, world: World, side: Side) -> str:
    """The address with rows of that side. Tokens are those of the side's contact."""
    values = {name: _value(address, name, world, side) for name in address.parameters}
    if any(name.isdigit() for name in values):
        return reverse(address.name, args=list(values.values()))
    return reverse(address.name, kwargs=values)


def _value(address: Address, parameter: str, world: World, side: Side) -> Any:
    if parameter in address.fixed:
        return address.fixed[parameter]
    if (address.name, parameter) in SPECIAL:
        return SPECIAL[address.name, parameter](world, side)
    if parameter in PAGE:
        return side.network.pk
    if parameter == "instance_pk":
        return _row_of(address, world, side).pk
    if parameter == "token":
        return token_of(address.name, side)
    if parameter in ORDINARY:
        return ORDINARY[parameter](world, side)
    return _row_of(address, world, side).pk


def _row_of(address: Address, world: World, side: Side) -> Any:
    """The row that the address is about, from the first part of its name."""
    found = MODELADMIN.match(address.name)
    kind = found[1] if found else address.name.partition(":")[0].removesuffix("_chooser")
    kind = ROWS.get(kind, kind)
    return side.rows.get(kind) or world.site[kind]


#: The rows behind the sets of views that are named after something else.
ROWS = {
    "municipalities": "networks_municipality",
    "municipality": "networks_municipality",
    "facilitator": "facilitators",
    "wagtailusers_groups": "group",
    "accounts_sign_in": "wagtailusers_users",
}

ORDINARY = {
    "network_pk": lambda world, side: side.network.pk,
    "destination_id": lambda world, side: side.network.get_parent().get_parent().pk,
    "revision_id": lambda world, side: side.revision.pk,
    "revision_id_a": lambda world, side: side.revision.pk,
    "revision_id_b": lambda world, side: "live",
    "meeting_id": lambda world, side: side.meeting.pk,
    "meeting": lambda world, side: side.meeting.pk,
    "participant": lambda world, side: side.rows["networks_seat"].participant_id,
    "charge_id": lambda world, side: side.rows["payments_charge"].pk,
    "invoice_id": lambda world, side: side.rows["payments_invoice"].pk,
    "topic_id": lambda world, side: side.rows["networks_topic"].pk,
    "extension": lambda world, side: "pdf",
    "other": lambda world, side: side.rows["networks_membership"].pk,
    "document_id": lambda world, side: world.site["wagtaildocs"].pk,
    "doc_id": lambda world, side: world.site["wagtaildocs"].pk,
    "image_id": lambda world, side: world.site["wagtailimages"].pk,
    "uploaded_file_id": lambda world, side: 1,
    "filter_spec": lambda world, side: "original",
    "month": lambda world, side: "2026-10",
    "file_format": lambda world, side: "csv",
    "view_id": lambda world, side: 0,
    "run_id": lambda world, side: uuid4(),
    "import_id": lambda world, side: uuid4(),
    "app_label": lambda world, side: "networks",
    "app_name": lambda world, side: "networks",
    "model_name": lambda world, side: "networkpage",
    "content_type_app_name": lambda world, side: "networks",
    "content_type_model_name": lambda world, side: "networkpage",
    "action": lambda world, side: "delete",
    "action_name": lambda world, side: "approve",
    "task_state_id": lambda world, side: 1,
    "task_id": lambda world, side: world.site["task"].pk,
    "workflow_state_id": lambda world, side: 1,
    "workflow_pk": lambda world, side: world.site["wagtailadmin_workflows"].pk,
    "collection_id": lambda world, side: world.site["wagtaildocs"].collection_id,
    "redirect_id": lambda world, side: world.site["redirect"].pk,
    "session_id": lambda world, side: 1,
    "object_id": lambda world, side: side.network.pk,
    "receipt": lambda world, side: "none",
    "restriction_id": lambda world, side: 1,
    "page_view_restriction_id": lambda world, side: 1,
    "uidb64": lambda world, side: "MQ",
    "kind": lambda world, side: "topic",
    "given": lambda world, side: 0,
    "uidb36": lambda world, side: "1",
    "key": lambda world, side: "set-password",
    "provider_id": lambda world, side: "entra",
}
SPECIAL: dict[tuple[str, str], Any] = {
    ("mfa_edit_webauthn", "pk"): lambda world, side: 0,
    ("mfa_remove_webauthn", "pk"): lambda world, side: 0,
    ("wagtailadmin_api:pages:detail", "pk"): lambda world, side: side.network.pk,
    ("wagtailadmin_api:pages:action", "pk"): lambda world, side: side.network.pk,
    ("wagtailadmin_api:documents:detail", "pk"): lambda world, side: world.site["wagtaildocs"].pk,
    ("wagtailadmin_api:images:detail", "pk"): lambda world, side: world.site["wagtailimages"].pk,
    ("wagtailadmin_pages:revisions_compare", "pk"): lambda world, side: side.network.pk,
    ("wagtailsettings:edit", "pk"): lambda world, side: world.site["wagtailsites"].pk,
    ("wagtailsettings:preview_on_edit", "pk"): lambda world, side: world.site["wagtailsites"].pk,
    ("simple_translation:submit_snippet_translation", "pk"): lambda world, side: 1,
    ("wagtaildocs_serve", "0"): lambda world, side: world.site["wagtaildocs"].pk,
    ("wagtaildocs_serve", "1"): lambda world, side: world.site["wagtaildocs"].filename,
    ("wagtail_serve", "0"): lambda world, side: side.network.url_path.removeprefix("/forside/"),
    ("membership_join", "key"): lambda world, side: side.rows["networks_joinrequest"].pk,
    ("membership_material", "key"): lambda world, side: side.rows["networks_material"].pk,
    ("membership_handover_withdraw", "key"): lambda world, side: side.rows["networks_handover"].pk,
    ("membership_withdraw", "key"): lambda world, side: side.rows["networks_topic"].pk,
}

#: What the token of a public address is for, where it is not "my membership": purpose and row.
PURPOSES = {
    "guest_invitation": ("guest", "networks_guest"),
    "join": ("join", "networks_joinrequest"),
    "handover": ("handover", "networks_handover"),
}


def token_of(name: str, side: Side) -> str:
    """A token of a link that was mailed; of "my membership" unless another is known."""
    purpose, kind = PURPOSES.get(name, ("membership", "networks_membership"))
    return links.issue(
        purpose=purpose,
        subject=reference(side.rows[kind]),
        lifetime=timedelta(days=1),
        address=side.rows["networks_person"].email,
    )
