"""Signing a municipality up on its behalf: first the network, then its form."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.rows import BackofficeView
from networks.backoffice.actions import ServicePage
from networks.backoffice.sign_up_form import OnBehalfForm
from networks.backoffice.wording import places_text
from networks.models import NetworkPage
from networks.policies import visible_networks
from networks.services import signup


class NetworkForm(forms.Form):
    """Which network it is about."""

    network = forms.ModelChoiceField(label=_("Network"), queryset=NetworkPage.objects.none())

    def __init__(self, *args: Any, networks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].queryset = networks  # type: ignore[attr-defined]


class SignUpOnBehalfView(ServicePage, BackofficeView):
    name = "create"
    permission = "add"
    label = _("Sign a municipality up")
    icon_name = "plus"
    template_name = "networks/backoffice/sign_up.html"
    form_class = OnBehalfForm
    success_message = _("Signed up; the contact is told by e-mail.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.membership_url = self.model_admin.row_url("index")
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def choice(self) -> NetworkForm:
        """The chosen network, from the address."""
        networks = visible_networks(self.request.user).filter(live=True)
        return NetworkForm(self.request.GET or None, networks=networks)

    @cached_property
    def network(self) -> NetworkPage | None:
        return self.choice.cleaned_data["network"].facts if self.choice.is_valid() else None

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return super().get(request) if self.network else self.show(self.choice)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        return super().post(request) if self.network else self.show(self.choice)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "network": self.network}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **{
                "network": self.network,
                "explanation": self.explanation(),
                "submit_label": self.label if self.network else _("Continue"),
                "cancel_url": self.model_admin.row_url("index"),
                **kwargs,
            }
        )
        return context

    def explanation(self) -> str:
        if self.network is None:
            return _t("The membership is accepted at once, without confirmation or approval.")
        return places_text(self.network)

    def perform(self, data: dict[str, Any]) -> None:
        assert self.network is not None
        result = signup.sign_up_on_behalf(
            OnBehalfForm.application(self.network, data),
            actor=self.actor,
            reason=data["reason"],
            above_capacity=data["above_capacity"],
        )
        if result.membership:
            self.membership_url = self.model_admin.row_url("inspect", result.membership.pk)

    def get_success_url(self) -> str:
        return str(self.membership_url)
