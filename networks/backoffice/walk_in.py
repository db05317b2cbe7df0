"""At the door: writing down somebody who came unannounced."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.rows import ActionView
from networks.backoffice.actions import ServicePage
from networks.models import Meeting, Membership
from networks.policies import HANDLE, INVITE_GUESTS, membership_policy
from networks.rules.states import Status
from networks.services import attendance, walk_ins
from networks.services.application import ParticipantEntry


class WalkInForm(forms.Form):
    """Who it is, and on whose membership."""

    membership = forms.ModelChoiceField(label=_("Membership"), queryset=Membership.objects.none())
    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    job_title = forms.CharField(label=_("Job title"), max_length=150, required=False)

    def __init__(self, *args: Any, memberships: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["membership"]
        field.queryset = memberships
        field.label_from_instance = lambda membership: membership.party_name


class WalkInView(ServicePage, ActionView):
    """For those who may name participants and note attendance: hosts leave it to them."""

    name = "walk-in"
    permission = INVITE_GUESTS
    label = _("Came unannounced")
    submit_label = _("Write down")
    icon_name = "user"
    is_secondary = True
    form_class = WalkInForm
    instance: Meeting

    @classmethod
    def fits(cls, instance: Meeting) -> bool:
        return attendance.may_note(instance)

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("season__page", "record")

    @cached_property
    def memberships(self) -> QuerySet[Any]:
        """Active ones of the meeting's network that the user handles, in Danish order."""
        handled = membership_policy.instances_user_has_permission_for(self.request.user, HANDLE)
        return (
            handled.filter(network=self.instance.season.page_id, status=Status.ACTIVE)
            .select_related("municipality", "contact", "network")
            .order_by("municipality__sort_key", "contact__name")
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "memberships": self.memberships}

    def explanation(self) -> str:
        return _t(
            "A colleague who is here without having been named takes a free seat of the "
            "membership, and is noted as come. Nobody is charged."
        )

    def perform(self, data: dict[str, Any]) -> str:
        entry = ParticipantEntry(data["name"], data["email"], data["job_title"])
        membership = data["membership"]
        walk_ins.write_down(membership.pk, self.instance.pk, entry, actor=self.actor)
        return _t("%(name)s is noted as come.") % {"name": data["name"]}

    def get_success_url(self) -> str:
        return str(self.model_admin.row_url("attendance", self.instance.pk))

    def post(self, request: Any) -> HttpResponseBase:
        """A stale page can't write down for a meeting whose days are over."""
        if not self.fits(self.instance):
            return redirect(self.inspect_url)
        return super().post(request)
