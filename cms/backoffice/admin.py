"""The base of the modeladmin classes: a list, a page for each row, actions; no generic forms.

Rows are changed by services alone, so modeladmin's own create, edit, delete and history views are
not registered.
"""

from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, re_path, reverse
from django.utils.text import capfirst
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.options import ModelAdmin

from cms.backoffice.bulk import BulkActionView
from cms.backoffice.bulk_runs import BulkRunsView, BulkRunView
from cms.backoffice.export import ExportView
from cms.backoffice.listing import RowIndexView
from cms.backoffice.rows import BackofficeView, InspectView, RowPage
from cms.backoffice.saved_views import ChangeViewView, SaveViewView, ViewsView
from cms.policy import RowPermissionPolicy


class PolicyPermissionHelper(PermissionHelper):
    """modeladmin's questions (the menu's among them), answered by the row policy."""

    def __init__(self, policy: RowPermissionPolicy) -> None:
        super().__init__(policy.model, inspect_view_enabled=True)
        self.policy = policy

    def user_can_list(self, user: Any) -> bool:
        return bool(self.policy.user_has_permission(user, "view"))

    def user_can_create(self, user: Any) -> bool:
        return False

    def user_can_inspect_obj(self, user: Any, obj: Model) -> bool:
        return self.policy.user_has_permission_for_instance(user, "view", obj)

    def user_can_edit_obj(self, user: Any, obj: Model) -> bool:
        return False

    def user_can_delete_obj(self, user: Any, obj: Model) -> bool:
        return False


class RowAdmin(ModelAdmin):
    """``policy`` says who sees which row; ``actions`` are done to one row, ``bulk_actions`` to
    many, ``pages`` to none."""

    policy: RowPermissionPolicy
    index_view_class: type[RowIndexView] = RowIndexView
    inspect_view_class: type[InspectView] = InspectView
    actions: tuple[type[RowPage], ...] = ()
    pages: tuple[type[BackofficeView], ...] = ()
    #: Done to many rows, chosen in the list.
    bulk_actions: tuple[type[BulkActionView], ...] = ()
    #: A row's page tells of people: who opened it is logged (``cms.access_log``).
    shows_people = False
    #: Stands in a group of the menu (``cms.backoffice.menus``).
    add_to_admin_menu = False
    inspect_view_enabled = True
    history_view_enabled = False

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.permission_helper = PolicyPermissionHelper(self.policy)

    def row_url(self, action: str, *args: Any) -> str:
        """The address of the list, of a page of it, or of an action on a row."""
        name = self.url_helper.get_action_url_name(action)
        return str(self.url_helper.index_url if action == "index" else reverse(name, args=args))

    def get_menu_label(self) -> Any:
        return self.menu_label or capfirst(self.opts.verbose_name_plural)

    def index_results_view(self, request: HttpRequest) -> HttpResponseBase:
        """The list alone, which replaces itself while one filters or searches."""
        view = self.index_view_class.as_view(model_admin=self, results_only=True)
        response: HttpResponseBase = view(request)
        return response

    def row_patterns(self) -> list[URLPattern]:
        """The addresses with a row's key in them."""
        return [
            self._pattern(view, self.url_helper.get_action_url_pattern(view.name))
            for view in (self.inspect_view_class, *self.actions)
        ]

    def _pattern(self, view_class: type[BackofficeView], pattern: str) -> URLPattern:
        def view(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
            return view_class.as_view(model_admin=self, **kwargs)(request)

        return re_path(pattern, view, name=self.url_helper.get_action_url_name(view_class.name))

    def list_pages(self) -> tuple[type[BackofficeView], ...]:
        """The pages that come with a list: its views, its export, its bulk actions."""
        views = (SaveViewView, ViewsView, ChangeViewView)
        export = (ExportView,) if self.index_view_class.has_export() else ()
        runs = (BulkRunsView, BulkRunView) if self.bulk_actions else ()
        return (*views, *export, *runs, *self.bulk_actions)

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        base, name_of = self.url_helper.base_url_path, self.url_helper.get_action_url_name
        pages = (*self.pages, *self.list_pages())
        return (
            re_path(rf"^{base}/$", self.index_view, name=name_of("index")),
            re_path(rf"^{base}/results/$", self.index_results_view, name=name_of("results")),
            *(self._pattern(page, rf"^{base}/{page.path or page.name}/$") for page in pages),
            *self.row_patterns(),
        )

    def register_admin_url_finders(self) -> None:
        """Wagtail links a row, wherever it mentions one, to the row's page."""
        admin = self

        class Finder:
            def __init__(self, user: AbstractBaseUser | None) -> None:
                self.user = user

            def get_edit_url(self, instance: Model) -> str | None:
                visible = self.user is None or admin.permission_helper.user_can_inspect_obj(
                    self.user, instance
                )
                return admin.row_url("inspect", quote(instance.pk)) if visible else None

        register_admin_url_finder(self.model, Finder)

    def register_indexing(self) -> None:
        """No usage reports over members or money: they would know no row policy."""
