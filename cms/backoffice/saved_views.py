"""The views above a list: those that stand there for everybody, and those that people save."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from cms import saved_views
from cms.audit import Actor
from cms.backoffice.rows import BackofficeView, FormPage
from cms.saved_views import NotSaved, SavedView, essence, saved_view_policy


@dataclass(frozen=True)
class StandingView:
    """``query``: the list's parameters, as in its address."""

    label: Any
    query: str


@dataclass(frozen=True)
class Tab:
    label: Any
    url: str
    is_current: bool
    #: Whose it is, where that is somebody else.
    owner: str = ""


def listing_name(model_admin: Any) -> str:
    return str(model_admin.model._meta.label_lower)


class ViewTabs:
    """What stands above the list: the views, and the way to save what is shown."""

    def __init__(
        self, model_admin: Any, standing: Sequence[StandingView], request: HttpRequest
    ) -> None:
        self.model_admin = model_admin
        self.standing = standing
        self.user = request.user
        self.shown = essence(request.GET.urlencode())

    @cached_property
    def saved(self) -> list[SavedView]:
        views = saved_views.offered(self.user, listing_name(self.model_admin))
        return list(views.select_related("user"))

    @cached_property
    def tabs(self) -> list[Tab]:
        known = [(_("All"), "", ""), *((view.label, view.query, "") for view in self.standing)]
        known += [(view.name, view.query, self._owner(view)) for view in self.saved]
        return [self._tab(label, essence(query), owner) for label, query, owner in known]

    def _tab(self, label: Any, query: str, owner: str) -> Tab:
        address = self.model_admin.row_url("index")
        # Even an empty query is said: the browser's address would keep the old one otherwise.
        return Tab(label, f"{address}?{query}" if query else address, query == self.shown, owner)

    def _owner(self, view: SavedView) -> str:
        if view.user_id == self.user.pk:
            return ""
        return view.user.get_full_name() or view.user.get_username()

    @property
    def save_url(self) -> str:
        """Where what is shown is saved; empty when it is a view already."""
        if any(tab.is_current for tab in self.tabs):
            return ""
        return f"{self.model_admin.row_url('save_view')}?{self.shown}"

    @property
    def own_url(self) -> str:
        """Where the user's own views are renamed and deleted, when there are any."""
        has_own = any(view.user_id == self.user.pk for view in self.saved)
        return str(self.model_admin.row_url("views")) if has_own else ""


class ViewForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    is_shared = forms.BooleanField(
        label=_("Share it with everybody who may open the list"),
        required=False,
        help_text=_("They see it above the list, with the rows that they may see themselves."),
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]


class ViewPage(FormPage, BackofficeView):
    """A page about a view of the list that it belongs to."""

    permission = "view"
    form_class = ViewForm
    refusals = (NotSaved,)

    @property
    def actor(self) -> Actor:
        return Actor.by(self.request.user)  # type: ignore[arg-type]

    def get_form_kwargs(self) -> dict[str, Any]:
        may_share = saved_view_policy.user_has_permission(self.request.user, "share")
        return {**super().get_form_kwargs(), "may_share": may_share}

    def refusal_text(self, error: Exception) -> Any:
        return error.reason if isinstance(error, NotSaved) else super().refusal_text(error)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{"submit_label": _t("Save"), "cancel_url": self.get_success_url(), **kwargs}
        )
        return context


class SaveViewView(ViewPage):
    """Saves what the list's address says, which stands in this page's own."""

    name = "save_view"
    path = "views/save"
    label = _("Save the view")
    icon_name = "clipboard-list"
    success_message = _("Saved. You find it above the list.")

    @property
    def query(self) -> str:
        return essence(self.request.GET.urlencode())

    def perform(self, data: dict[str, Any]) -> None:
        saved_views.save(
            user=self.request.user,
            listing=listing_name(self.model_admin),
            query=self.query,
            actor=self.actor,
            **data,
        )

    def get_success_url(self) -> str:
        return f"{self.model_admin.row_url('index')}?{self.query}"


class ViewsView(BackofficeView):
    """The user's own views of the list."""

    name = "views"
    label = _("Your saved views")
    icon_name = "clipboard-list"
    template_name = "cms/backoffice/views.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        views = saved_view_policy.rows(request.user).filter(listing=listing_name(self.model_admin))
        lines = [
            {
                "view": view,
                "url": f"{self.model_admin.row_url('index')}?{view.query}",
                "change_url": self.model_admin.row_url("change_view", view.pk),
            }
            for view in views
        ]
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(lines=lines, back_url=self.model_admin.row_url("index"))
        )
        return response


class ChangeViewView(ViewPage):
    """Renames, shares or deletes one of the user's own views."""

    name = "change_view"
    path = r"views/(?P<view_id>\d+)"
    label = _("Change the view")
    icon_name = "clipboard-list"
    template_name = "cms/backoffice/change_view.html"
    success_message = _("Saved.")
    view_id: str = ""

    @cached_property
    def saved(self) -> SavedView:
        own = saved_view_policy.rows(self.request.user)
        found: SavedView | None = own.filter(
            listing=listing_name(self.model_admin), pk=self.view_id
        ).first()
        if found is None:
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.saved.name, "is_shared": self.saved.is_shared}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if "delete" not in request.POST:
            return super().post(request)
        saved_views.delete(self.saved.pk, actor=self.actor)
        messages.success(request, _t("The view is deleted. The rows it showed are as they were."))
        return redirect(self.get_success_url())

    def perform(self, data: dict[str, Any]) -> None:
        saved_views.change(
            self.saved.pk,
            name=data["name"],
            is_shared=data.get("is_shared", False),
            actor=self.actor,
        )

    def get_success_url(self) -> str:
        return str(self.model_admin.row_url("views"))
