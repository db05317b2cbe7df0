"""The menu of each row of a list: what may be done to it now, by this user.

What a row's state allows the actions say (``fits``); whether the user may is asked once for each
right and the whole page, so that a list costs the same however many rows it has.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn

from cms.backoffice.rows import RowPage


def offered_actions(
    model_admin: Any, user: Any, rows: Sequence[Model]
) -> dict[Any, list[type[RowPage]]]:
    """{key: the actions that the row's state and the user's rights allow}."""
    fitting = {row.pk: [each for each in model_admin.actions if each.fits(row)] for row in rows}
    wanted = {action.permission for actions in fitting.values() for action in actions}
    permitted = {
        permission: model_admin.policy.keys_permitted(user, permission, list(fitting))
        for permission in sorted(wanted)
    }
    return {
        key: [each for each in actions if key in permitted[each.permission]]
        for key, actions in fitting.items()
    }


class RowMenuColumn(BaseColumn):
    """``actions``: as ``offered_actions`` gives them."""

    header_template_name = "cms/backoffice/row_menu_header.html"
    cell_template_name = "cms/backoffice/row_menu_cell.html"

    def __init__(self, model_admin: Any, actions: Mapping[Any, Sequence[type[RowPage]]]) -> None:
        super().__init__("row_menu", label=_("Actions"), classname="backoffice-row-menu")
        self.model_admin = model_admin
        self.actions = actions

    def render_cell_html(self, instance: Model, parent_context: Any) -> SafeString:
        entries = [
            {
                "label": action.label,
                "icon_name": action.icon_name,
                "url": self.model_admin.row_url(action.name, quote(instance.pk)),
                "is_serious": getattr(action, "is_serious", False),
            }
            for action in self.actions.get(instance.pk, ())
        ]
        return render_to_string(
            self.cell_template_name, {"entries": entries, "title": str(instance)}
        )
