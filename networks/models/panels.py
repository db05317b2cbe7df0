"""Panels of the editor."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from wagtail.admin.panels import ObjectList, Panel
from wagtail.permissions import policy_registry

#: The backoffice's page that cancels a meeting.
CANCEL_URL = "networks_meeting_modeladmin_cancel"


class FactsObjectList(ObjectList):
    """A tab of facts: not there on a translation, which holds texts only, nor for whoever may
    edit texts only. The form lacks the fields then (``NetworkPageForm``)."""

    class BoundPanel(ObjectList.BoundPanel):
        def has_facts(self) -> bool:
            return "seasons" in self.form.formsets if self.form else True

        def is_shown(self) -> bool:
            return self.has_facts() and super().is_shown()

        @property
        def children(self) -> Any:
            return super().children if self.has_facts() else []


class MeetingStatePanel(Panel):
    """Beside a meeting in the editor: that it is cancelled, or for whoever may, the way there.

    Deleting the row is no way to cancel one that people come to.
    """

    class BoundPanel(Panel.BoundPanel):
        template_name = "networks/backoffice/meeting_state_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk) and super().is_shown()

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            meeting = self.instance
            starts_at = meeting.starts_at
            is_coming = starts_at is None or starts_at > timezone.now()
            may_cancel = (
                not meeting.is_cancelled
                and is_coming
                and policy_registry.get(meeting).user_has_permission_for_instance(
                    self.request.user, "change", meeting
                )
            )
            return {
                **super().get_context_data(parent_context),
                "is_cancelled": meeting.is_cancelled,
                "cancel_url": reverse(CANCEL_URL, args=[meeting.pk]) if may_cancel else "",
            }


class NextSeasonPanel(Panel):
    """The button to make the next season from the last; on a page that is saved."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "networks/backoffice/next_season_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk) and super().is_shown()

        @property
        def url(self) -> str:
            return reverse("networks_next_season", args=[self.instance.pk])
