"""A page's entry in a group of the menu, for those who may open it."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.menu import MenuItem

from cms.backoffice.rows import BackofficeView


class _Entry(MenuItem):
    def __init__(self, view: type[BackofficeView], model_admin: Any, order: int) -> None:
        self.view, self.policy = view, model_admin.policy
        super().__init__(
            view.label,
            model_admin.row_url(view.name),
            name=view.name,
            icon_name=view.icon_name,
            order=order,
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(self.policy.user_has_permission(request.user, self.view.permission))


class PageMenu:
    """What ``menu_group`` takes: a page of a modeladmin instead of its list."""

    def __init__(self, view: type[BackofficeView], model_admin: Any) -> None:
        self.view, self.model_admin = view, model_admin

    def get_menu_item(self, order: int) -> MenuItem:
        return _Entry(self.view, self.model_admin, order)
