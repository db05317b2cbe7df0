"""One row: its page, and the actions on it. The row check stands in ``RowView.dispatch`` alone."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import BaseButton, Button, HeaderButton

from cms import access_log
from cms.access_log import AccessKind
from cms.audit import reference


class BackofficeView(WagtailAdminTemplateMixin, View):
    """A page of a modeladmin with Wagtail's furniture and breadcrumbs."""

    model_admin: Any = None
    #: Reached at ``<list>/<name>/``, or ``<list>/<name>/<key>/`` when it is about one row.
    name: ClassVar[str]
    #: The pattern of the address below the list, where it is more than the name.
    path: ClassVar[str] = ""
    permission: ClassVar[str] = "view"
    label: Any = ""
    icon_name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.policy.user_has_permission(request.user, self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def policy(self) -> Any:
        return self.model_admin.policy

    def get_header_icon(self) -> str:
        return self.icon_name or str(self.model_admin.get_menu_icon())

    def get_page_title(self) -> Any:
        return self.label

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {
            "url": self.model_admin.row_url("index"),
            "label": self.model_admin.get_menu_label(),
        }
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_title()}]


class RowView(BackofficeView):
    """A page about one row. A row that the user may not see is not found, for GET and POST."""

    instance_pk: str = ""
    instance: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.policy.user_has_permission(request.user, "view"):
            raise PermissionDenied
        self.instance = self.find()
        # Whoever finds the row may see it.
        if self.permission != "view" and not self.policy.user_has_permission_for_instance(
            request.user, self.permission, self.instance
        ):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def find(self) -> Model:
        rows = self.policy.instances_user_has_permission_for(self.request.user, "view")
        try:
            row: Model = self.with_relations(rows).get(pk=unquote(self.instance_pk))
        except (rows.model.DoesNotExist, ValidationError, ValueError) as error:
            raise Http404 from error
        return row

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows

    @cached_property
    def inspect_url(self) -> str:
        return str(self.model_admin.row_url("inspect", quote(self.instance.pk)))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *path, here = super().get_breadcrumbs_items()
        if self.name == "inspect":
            return [*path, {"url": "", "label": str(self.instance)}]
        return [*path, {"url": self.inspect_url, "label": str(self.instance)}, here]


class InspectView(RowView):
    """The row's own page, with the actions that its state and the user's rights allow now."""

    name = "inspect"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if self.model_admin.shows_people and response.status_code == HTTPStatus.OK:
            about = reference(self.instance)
            access_log.note(request.user, AccessKind.PAGE, subject=about)
        return response

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.render_to_response(self.get_context_data())
        return response

    def get_page_title(self) -> Any:
        return capfirst(str(self.instance))

    @cached_property
    def header_buttons(self) -> Sequence[BaseButton]:
        return self._buttons(HeaderButton, is_secondary=False)

    @cached_property
    def header_more_buttons(self) -> Sequence[BaseButton]:
        return self._buttons(Button, is_secondary=True)

    def _buttons(self, kind: type[BaseButton], *, is_secondary: bool) -> Sequence[BaseButton]:
        return [
            kind(
                label=action.label,
                url=self.model_admin.row_url(action.name, quote(self.instance.pk)),
                icon_name=action.icon_name,
                priority=position,
            )
            for position, action in enumerate(self.offered_actions)
            if action.is_secondary == is_secondary
        ]

    @cached_property
    def offered_actions(self) -> list[type["RowPage"]]:
        fitting = [action for action in self.model_admin.actions if action.fits(self.instance)]
        allowed = self._allowed({action.permission for action in fitting})
        return [action for action in fitting if action.permission in allowed]

    def _allowed(self, permissions: set[str]) -> set[str]:
        """Those of the permissions that the user has for this row, in one query."""
        rows = [
            self.policy.instances_user_has_permission_for(self.request.user, permission)
            .filter(pk=self.instance.pk)
            .order_by()
            .values_list(Value(permission), flat=True)
            for permission in sorted(permissions)
        ]
        return set(rows[0].union(*rows[1:])) if rows else set()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "instance": self.instance}


class FormPage:
    """GET shows a form, POST acts through a service; its refusal becomes an error in the form."""

    form_class: type[forms.Form] = forms.Form
    template_name = "cms/backoffice/action.html"
    #: What a service raises when it refuses.
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    success_message: Any = _("Done.")
    request: HttpRequest

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show(self.get_form())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self.get_form()
        if form.is_valid():
            try:
                message = self.perform(form.cleaned_data)
            except self.refusals as error:
                form.add_error(None, self.refusal_text(error))
            else:
                messages.success(request, message or self.success_message)
                return redirect(self.get_success_url())
        messages.error(request, _("It could not be done: see the errors below."))
        return self.show(form)

    def get_form(self) -> forms.Form:
        return self.form_class(**self.get_form_kwargs())

    def get_form_kwargs(self) -> dict[str, Any]:
        data = self.request.POST if self.request.method == "POST" else None
        return {"data": data, "initial": self.get_initial()}

    def get_initial(self) -> dict[str, Any]:
        return {}

    def show(self, form: forms.Form) -> HttpResponseBase:
        context = self.get_context_data(form=form)  # type: ignore[attr-defined]
        response: HttpResponseBase = self.render_to_response(context)  # type: ignore[attr-defined]
        return response

    def perform(self, data: dict[str, Any]) -> Any:
        """Call the service; returns what to say, if not the usual. Its ``refusals`` are shown."""
        raise NotImplementedError

    def refusal_text(self, error: Exception) -> Any:
        return str(error)

    def get_success_url(self) -> str:
        raise NotImplementedError


class RowPage(RowView):
    """What a button on the row's own page leads to."""

    #: In the menu behind the buttons.
    is_secondary = False

    @classmethod
    def fits(cls, instance: Any) -> bool:
        """Whether the row's state allows it now."""
        return True


class ActionView(FormPage, RowPage):
    """Something that is done to one row."""

    permission = "change"
    #: What the button says; the action's label unless set.
    submit_label: Any = ""
    is_serious = False

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if self.fits(self.instance):
            return super().get(request)
        messages.warning(request, _("That can't be done now: the state has changed."))
        return redirect(self.inspect_url)

    def explanation(self) -> Any:
        """What will happen, shown above the form."""
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{
                "explanation": self.explanation(),
                "submit_label": self.submit_label or self.label,
                "is_serious": self.is_serious,
                "cancel_url": self.inspect_url,
                **kwargs,
            }
        )
        return context

    def get_success_url(self) -> str:
        return self.inspect_url
