"""A long list while it is taken in: how far it is, what came of it, and the job's part."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages

from cms.audit import Actor
from cms.backoffice.bulk_runs import SECONDS_TO_REFRESH
from networks.backoffice.import_pages import WaitingPage, networks_of
from networks.models import MemberImport
from networks.services import taking_in
from networks.services.errors import NotPossible


class ImportRunView(WaitingPage):
    """GET says how far it is; POST takes the yes back while its turn has not come."""

    name = "import_run"
    path = r"import/(?P<import_id>[0-9a-f-]{36})/run"
    label = _("Import members")
    template_name = "networks/backoffice/import_run.html"
    is_about_a_run = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not self.is_in_hand:
            return redirect(self.url_of("import_preview"))
        response: HttpResponseBase = self.render_to_response(self.get_context_data())
        if self.waiting.finished_at is None:
            # The page loads itself again; no script is needed.
            response["Refresh"] = str(SECONDS_TO_REFRESH)
        return response

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            taking_in.stop(self.waiting.pk, actor=Actor.by(request.user))  # type: ignore[arg-type]
        except NotPossible as refusal:
            messages.error(request, refusal.message)
            return redirect(self.url_of("import_run"))
        messages.success(request, _("Stopped. Nothing was taken in."))
        return redirect(self.url_of("import_preview"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = self.waiting
        is_over = waiting.finished_at is not None
        index = self.model_admin.row_url("index")
        context: dict[str, Any] = super().get_context_data(
            **{
                "network": waiting.network,
                "waiting": waiting,
                "progress": None if is_over else taking_in.how_far(waiting),
                "result": said_of(taking_in.Taken(waiting.members, waiting.participants)),
                "list_url": f"{index}?network={waiting.network_id}",
                "again_url": self.model_admin.row_url("import"),
                **kwargs,
            }
        )
        return context


def carry_out(import_id: UUID | str) -> None:
    """The job: whether the user may is asked once more when the list's turn has come."""
    begun = MemberImport.objects.filter(pk=import_id).select_related("user").defer("rows").first()
    if begun is None:
        return
    if networks_of(begun.user).filter(pk=begun.network_id).exists():
        taking_in.carry_out(import_id)
    else:
        taking_in.refuse(import_id, _t("You have no access to it any more."))


def said_of(taken: taking_in.Taken) -> str:
    """What was done, in a sentence."""
    members = ngettext("%(number)s new membership", "%(number)s new memberships", taken.members)
    others = ngettext(
        "%(number)s participant added to memberships that were there",
        "%(number)s participants added to memberships that were there",
        taken.participants,
    )
    parts = [(members, taken.members), (others, taken.participants)]
    done = ", ".join(text % {"number": number} for text, number in parts if number)
    if not done:
        return _t("Everything in the list is there already: nothing is left to do.")
    return _t("Taken in: %(what)s.") % {"what": done}
