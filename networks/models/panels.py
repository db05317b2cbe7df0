"""Panels of the editor."""

from typing import Any

from wagtail.admin.panels import ObjectList


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
