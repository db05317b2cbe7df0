"""Actions on many rows of a list: chosen by Wagtail's checkboxes, previewed, carried out, told.

A subclass of ``BulkActionView`` says what would become of each row (``prospects``) and does it to
one (``perform_on``). Rows that the user may not see are left out wherever rows are named: of the
addresses' keys and of "all in the listing". Of those that they see and may not touch it is said so;
both are asked once more when the row's turn has come.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request

from cms import bulk, queue
from cms.audit import Actor
from cms.backoffice.bulk_groups import Group, grouped
from cms.backoffice.rows import BackofficeView, FormPage
from cms.bulk import BulkRun, NotDone
from cms.policy import RowPermissionPolicy

#: So many are done while the user waits; more are a job's.
AT_ONCE = 20


@dataclass(frozen=True)
class Prospect:
    """What would become of a row; ``possible`` False: why nothing can."""

    row: Any
    text: str
    possible: bool = True


class BulkActionView(FormPage, BackofficeView):
    """The preview of an action on many rows, with its form; its POST carries it out."""

    template_name = "cms/backoffice/bulk.html"
    #: The row policy, named here too since a job has no list at hand.
    policy: ClassVar[RowPermissionPolicy]
    #: Carries out a run (``run_id``); handled through ``carry_out``.
    job: ClassVar[queue.Job]
    is_serious = False
    #: Says what the button does, once the number of rows is known.
    submit_format: Any = _("Carry out for %(number)s")
    #: What is to be ticked first.
    confirmation_format: Any = _("Yes, for %(number)s")
    nothing_to_do: Any = _("It can't be done to any of those chosen.")

    # What a subclass says ---------------------------------------------------------------------

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows

    def prospects(self, rows: Sequence[Any]) -> list[Prospect]:
        """What would become of each row, in few queries however many they are."""
        raise NotImplementedError

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        """Do it to one row, and say what became of it. Knows no request."""
        raise NotImplementedError

    def explanation(self) -> Any:
        """What is done, shown above all."""
        return ""

    # Which rows -------------------------------------------------------------------------------

    def selected(self) -> QuerySet[Any]:
        """The rows chosen, of those that the user may see."""
        keys = self.request.GET.getlist("id")
        visible = self.policy.instances_user_has_permission_for(self.request.user, "view")
        if "all" in keys:
            return visible.filter(pk__in=self.listed().values("pk"))
        return visible.filter(pk__in=keys)

    def listed(self) -> QuerySet[Any]:
        """The whole listing as it was filtered and searched, on every page of it."""
        listing = self.model_admin.index_view_class(model_admin=self.model_admin)
        listing.setup(self.request)
        rows: QuerySet[Any] = listing.chosen_rows()
        return rows.order_by()

    @cached_property
    def outlook(self) -> list[Prospect]:
        try:
            rows = list(self.with_relations(self.selected()))
        except (ValidationError, ValueError) as error:
            raise Http404 from error
        if not rows:
            raise Http404
        keys = [row.pk for row in rows]
        permitted = self.policy.keys_permitted(self.request.user, self.permission, keys)
        others = [row for row in rows if row.pk not in permitted]
        return [
            *self.prospects([row for row in rows if row.pk in permitted]),
            *(Prospect(row, _t("You may not do it to this one."), False) for row in others),
        ]

    @cached_property
    def keys(self) -> list[str]:
        """The keys of the rows that it will be done to."""
        return [str(prospect.row.pk) for prospect in self.outlook if prospect.possible]

    @property
    def fingerprint(self) -> str:
        """Tells one selection from another: what was seen is what is done."""
        return hashlib.sha256(",".join(sorted(self.keys)).encode()).hexdigest()

    # The page -----------------------------------------------------------------------------------

    def get_form(self) -> forms.Form:
        form = super().get_form()
        form.fields["selection"] = forms.CharField(widget=forms.HiddenInput, required=False)
        form.initial["selection"] = self.fingerprint
        form.fields["confirmed"] = forms.BooleanField(
            label=self.confirmation_format % {"number": len(self.keys)},
            error_messages={"required": _("Confirm how many it is done to.")},
        )
        return form

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self.get_form()
        if not form.is_valid():
            messages.error(request, _("It could not be done: see the errors below."))
            return self.show(form)
        data = form.cleaned_data
        del data["confirmed"]
        if data.pop("selection") != self.fingerprint or not self.keys:
            messages.warning(request, _("What can be done has changed meanwhile: look once more."))
            return redirect(request.get_full_path())
        return redirect(self.model_admin.row_url("bulk_run", self.start(data).pk))

    def start(self, data: dict[str, Any]) -> BulkRun:
        """Begin the run. A job stands by in any case: it finishes what this process can't."""
        run = bulk.begin(self.name, user=self.request.user, keys=self.keys, data=data)
        self.job.enqueue(run_id=str(run.pk))
        if len(self.keys) <= AT_ONCE:
            self.carry_out(str(run.pk))
        return run

    @classmethod
    def carry_out(cls, run_id: str) -> None:
        bulk.carry_out(run_id, cls().do)

    def do(self, key: str, actor: Actor, data: dict[str, Any]) -> str:
        rows = self.policy.instances_user_has_permission_for(actor.user, self.permission)
        if not rows.filter(pk=key).exists():
            raise NotDone(_t("You have no access to it any more."))
        try:
            return self.perform_on(key, actor=actor, data=data)
        except self.refusals as error:
            raise NotDone(str(self.refusal_text(error))) from error

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = len(self.keys)
        context: dict[str, Any] = super().get_context_data(
            **{
                "coming": self._groups(possible=True),
                "impossible": self._groups(possible=False),
                "number": number,
                "explanation": self.explanation(),
                "submit_label": self.submit_format % {"number": number},
                "is_serious": self.is_serious,
                "cancel_url": self.back_url,
                "nothing_to_do": self.nothing_to_do,
                **kwargs,
            }
        )
        return context

    @property
    def back_url(self) -> str:
        return str(
            get_valid_next_url_from_request(self.request) or self.model_admin.row_url("index")
        )

    def _groups(self, *, possible: bool) -> list[Group]:
        prospects = [each for each in self.outlook if each.possible == possible]
        return grouped(((each.text, each.row) for each in prospects), self.model_admin)
