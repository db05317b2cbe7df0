"""Panels of the editor."""

from typing import Any

from wagtail.admin.panels import ObjectList


class FactsObjectList(ObjectList):
    """A tab of facts: not there on a translation, which holds texts only."""

    class BoundPanel(ObjectList.BoundPanel):
        def is_shown(self) -> bool:
            return not self.instance.holds_texts_only and super().is_shown()

        @property
        def children(self) -> Any:
            return [] if self.instance.holds_texts_only else super().children
