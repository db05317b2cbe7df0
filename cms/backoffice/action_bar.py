"""What can be done to a row now, in view on its own page."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.utils import quote
from wagtail.admin.widgets.button import BaseButton

from cms.backoffice.rows import InspectView


class ActionBarView(InspectView):
    """The actions stand on the page itself, the primary ones as buttons, the rest in a menu:
    those that the state and the user's rights allow now, and nothing else."""

    header_buttons: Sequence[BaseButton] = ()
    header_more_buttons: Sequence[BaseButton] = ()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offered: list[Any] = self.offered_actions
        primary = [self._told(each) for each in offered if not each.is_secondary]
        secondary = [self._told(each) for each in offered if each.is_secondary]
        # A menu alone would hide what could be in view.
        actions, more = (primary, secondary) if primary else (secondary, [])
        return super().get_context_data(**{"actions": actions, "more_actions": more, **kwargs})

    def _told(self, action: Any) -> dict[str, Any]:
        return {
            "label": action.label,
            "url": self.model_admin.row_url(action.name, quote(self.instance.pk)),
            "icon_name": action.icon_name,
            "is_serious": getattr(action, "is_serious", False),
        }
