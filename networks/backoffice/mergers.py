"""Merging a municipality into another: choose which, see what it means, decide, confirm."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from networks.backoffice.actions import ReasonForm, ServicePage
from networks.backoffice.membership_page import day
from networks.models import Membership, Municipality
from networks.policies import membership_policy
from networks.services import mergers
from networks.services.mergers import Choice, Conflict, CreditChoice, Merger
from payments.policies import charge_policy

CREDIT_CHOICES = [
    (CreditChoice.NOTHING.value, _("Nothing: what was charged stands")),
    (CreditChoice.COMING.value, _("Seasons that have not begun")),
    (CreditChoice.RUNNING.value, _("The running season, and those that have not begun")),
]


def said_of(membership: Membership) -> str:
    """What tells one membership from the other."""
    text = _t("%(municipality)s: %(state)s, contact %(contact)s") % {
        "municipality": membership.organisation,
        "state": str(membership.get_status_display()).lower(),
        "contact": membership.contact.name,
    }
    if membership.activated_at:
        text += ", " + _t("since %(date)s") % {"date": day(membership.activated_at)}
    return text


class TargetForm(forms.Form):
    """Step one: the municipality that goes on."""

    into = forms.ModelChoiceField(
        label=_("Merge into"),
        queryset=Municipality.objects.none(),
        empty_label=_("Choose municipality"),
    )

    def __init__(self, *args: Any, old: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Municipality.objects.filter(merged_into=None).exclude(pk=old.pk)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]


class MergerForm(ReasonForm):
    """Step two: for each network where both are members, which membership goes on; and a yes."""

    confirmed = forms.BooleanField(label=_("Yes, merge them. It can't be undone."))

    def __init__(self, *args: Any, merger: Merger, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflicts = merger.conflicts
        for conflict in merger.conflicts:
            self._add(conflict)
        self.order_fields([*self.fields_of_conflicts(), "reason", "confirmed"])

    def _add(self, conflict: Conflict) -> None:
        key = conflict.network_id
        both = (conflict.new, conflict.old)
        self.fields[f"surviving_{key}"] = forms.TypedChoiceField(
            label=_("Which membership goes on?"),
            choices=[(str(each.pk), said_of(each)) for each in both],
            coerce=UUID,
            widget=forms.RadioSelect,
        )
        self.fields[f"credit_{key}"] = forms.ChoiceField(
            label=_("What is credited of the one that ends?"),
            choices=CREDIT_CHOICES,
            initial=CreditChoice.COMING.value,
            widget=forms.RadioSelect,
        )
        self.fields[f"participants_{key}"] = forms.BooleanField(
            label=_("Its participants come on the one that goes on"), initial=True, required=False
        )

    def fields_of_conflicts(self) -> list[str]:
        return [name for name in self.fields if name not in ("reason", "confirmed")]

    def groups(self) -> list[tuple[Any, list[Any]]]:
        """(network, its fields), as the page shows them."""
        parts = ("surviving", "credit", "participants")
        return [
            (conflict.old.network, [self[f"{part}_{conflict.network_id}"] for part in parts])
            for conflict in self.conflicts
        ]

    def choices(self) -> dict[int, Choice]:
        data = self.cleaned_data
        return {
            conflict.network_id: Choice(
                surviving=data[f"surviving_{conflict.network_id}"],
                credit=CreditChoice(data[f"credit_{conflict.network_id}"]),
                move_participants=data[f"participants_{conflict.network_id}"],
            )
            for conflict in self.conflicts
        }


class MergerView(ServicePage, WagtailAdminTemplateMixin, View):
    """For whoever may change both municipalities and every network's memberships, and sees money:
    it may credit."""

    template_name = "networks/backoffice/merger.html"
    success_message = _("The municipalities are merged.")
    page_title = _("Merge into another municipality")
    old: Municipality

    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not may_merge(request.user):
            raise PermissionDenied
        self.old = get_object_or_404(Municipality, pk=pk, merged_into=None)
        return super().dispatch(request)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("municipalities:index"), "label": _("Municipalities")}
        own = {"url": self.own_url, "label": str(self.old)}
        return [*self.breadcrumbs_items, index, own, {"url": "", "label": self.page_title}]

    @property
    def own_url(self) -> str:
        return reverse("municipalities:inspect", args=[self.old.pk])

    @cached_property
    def target(self) -> TargetForm:
        return TargetForm(data=self.request.GET or None, old=self.old)

    @cached_property
    def new(self) -> Municipality | None:
        chosen: Municipality | None = None
        if self.target.is_bound and self.target.is_valid():
            chosen = self.target.cleaned_data["into"]
        return chosen

    @cached_property
    def merger(self) -> Merger:
        assert self.new is not None
        return mergers.preview(self.old, self.new)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show(self.get_form() if self.new else self.target)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        return super().post(request) if self.new else self.show(self.target)

    def get_form(self) -> MergerForm:
        data = self.request.POST if self.request.method == "POST" else None
        return MergerForm(data=data, merger=self.merger)

    def show(self, form: forms.Form) -> HttpResponseBase:
        """Where another conflict has come up meanwhile, the form asks about that too, and keeps
        what was chosen."""
        if isinstance(form, MergerForm) and form.is_bound:
            del self.merger
            anew = self.get_form()
            if anew.fields_of_conflicts() != form.fields_of_conflicts():
                form = anew
        return super().show(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{
                "old": self.old,
                "new": self.new,
                "merger": self.merger if self.new else None,
                "cancel_url": self.own_url,
                **kwargs,
            }
        )
        return context

    def perform(self, data: dict[str, Any]) -> str:
        assert self.new is not None
        form = MergerForm(data=self.request.POST, merger=self.merger)
        form.full_clean()
        mergers.merge(
            self.old.pk,
            self.new.pk,
            choices=form.choices(),
            actor=self.actor,
            reason=data["reason"],
        )
        return _t("%(old)s is merged into %(new)s.") % {"old": self.old, "new": self.new}

    def get_success_url(self) -> str:
        assert self.new is not None
        return reverse("municipalities:inspect", args=[self.new.pk])


def may_merge(user: Any) -> bool:
    """It touches every network's memberships, and may credit."""
    return bool(
        user.has_perm("networks.change_municipality")
        and user.has_perm("networks.view_members_networkpage")
        and membership_policy.user_has_permission(user, "change")
        and charge_policy.user_has_permission(user, "view")
    )
