"""Groups of the administration's menu, of modeladmin classes and viewsets together."""

from collections.abc import Sequence
from typing import Any

from wagtail.admin.menu import Menu, SubmenuMenuItem


def menu_group(
    label: Any, items: Sequence[Any], *, icon_name: str, order: int, name: str
) -> SubmenuMenuItem:
    """A submenu that shows each user what they may open, and is not there when that is nothing.

    ``items``: whatever has ``get_menu_item(order)``, in the order wanted.
    """
    entries = [item.get_menu_item(position) for position, item in enumerate(items, start=1)]
    return SubmenuMenuItem(label, Menu(items=entries), name=name, icon_name=icon_name, order=order)
