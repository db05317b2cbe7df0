"""Coordinators in the administration: which user looks after which network."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from networks import roles
from networks.models import Coordinator, NetworkPage


def user_label(user: User) -> str:
    name = user.get_full_name() or user.get_username()
    return f"{name} ({user.email})" if user.email else name


class CoordinatorForm(WagtailAdminModelForm):
    """Who is assigned a network gets the coordinators' rights with it."""

    network = forms.ModelChoiceField(
        label=_("Network"), queryset=NetworkPage.objects.order_by("title")
    )
    user = forms.ModelChoiceField(
        label=_("User"), queryset=User.objects.filter(is_active=True).order_by("first_name", "pk")
    )

    class Meta:
        model = Coordinator
        fields = ["network", "user"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].label_from_instance = user_label

    def save(self, commit: bool = True) -> Coordinator:
        coordinator: Coordinator = super().save(commit)
        group, _created = Group.objects.get_or_create(name=roles.COORDINATORS)
        coordinator.user.groups.add(group)
        return coordinator


class CoordinatorIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_base_queryset().select_related("network", "user")
        return rows


class CoordinatorViewSet(ModelViewSet):
    model = Coordinator
    index_view_class = CoordinatorIndexView
    name = "coordinators"
    menu_label = _("Coordinators")
    icon = "user"
    copy_view_enabled = False
    list_display = [
        Column("user", label=_("User"), accessor=lambda row: user_label(row.user)),
        Column("network", label=_("Network"), accessor="network.title"),
    ]
    search_fields = [
        "user__first_name",
        "user__last_name",
        "user__username",
        "user__email",
        "network__title",
    ]
    ordering = ["network__title", "user__first_name"]

    def get_form_class(self, for_update: bool = False) -> type[CoordinatorForm]:
        return CoordinatorForm


coordinator_viewset = CoordinatorViewSet()
