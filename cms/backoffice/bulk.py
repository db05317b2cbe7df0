"""Actions on many rows of a list: chosen by Wagtail's checkboxes, previewed, carried out, told.

A subclass of ``BulkActionView`` says what would become of each row (``prospects``) and does it to
one (``perform_on``). Rows that the user may not touch are left out wherever rows are named: of
the addresses' keys, of "all in the listing", and once more when the row's turn has come.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import quote
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request

from cms import bulk, queue
from cms.audit import Actor
from cms.backoffice.rows import BackofficeView, FormPage
from cms.bulk import BulkItem, BulkRun, ItemState, NotDone
from cms.policy import RowPermissionPolicy

#: So many are done while the user waits; more are a job's.
AT_ONCE = 20
#: So many rows are named; of the rest only the number is.
NAMED = 500


@dataclass(frozen=True)
class Prospect:
    """What would become of a row; ``possible`` False: why nothing can."""

    row: Any
    text: str
    possible: bool = True


@dataclass(frozen=True)
class Group:
    """Rows with the same in store for them, the first ``NAMED`` with their addresses."""

    text: str
    number: int
    rows: Sequence[tuple[str, str]]

    @property
    def unnamed(self) -> int:
        return self.number - len(self.rows)


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

    # Which rows -------------------------------------------------------------------------------

    def selected(self) -> QuerySet[Any]:
        """The rows chosen, of those that the user may do it to."""
        user = self.request.user
        rows = self.policy.instances_user_has_permission_for(user, self.permission)
        keys = self.request.GET.getlist("id")
        if "all" in keys:
            return rows.filter(pk__in=self.listed().values("pk"))
        return rows.filter(pk__in=keys)

    def listed(self) -> QuerySet[Any]:
        """The whole listing as it was filtered and searched, on every page of it."""
        listing = self.model_admin.index_view_class(model_admin=self.model_admin)
        listing.setup(self.request)
        rows: QuerySet[Any] = listing.get_queryset().order_by()
        if listing.filters and not listing.filters.is_valid():
            return rows.none()
        return rows

    @cached_property
    def outlook(self) -> list[Prospect]:
        try:
            rows = list(self.with_relations(self.selected()))
        except (ValidationError, ValueError) as error:
            raise Http404 from error
        if not rows:
            raise Http404
        return self.prospects(rows)

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
        return form

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self.get_form()
        if not form.is_valid():
            messages.error(request, _("It could not be done: see the errors below."))
            return self.show(form)
        data = form.cleaned_data
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


def grouped(rows: Iterable[tuple[str, Any]], model_admin: Any) -> list[Group]:
    """Rows by the text beside each, in the order in which the texts first occur."""
    told = list(rows)
    order = list(dict.fromkeys(text for text, _row in told))
    told.sort(key=lambda pair: order.index(pair[0]))
    return [
        _group(text, [row for _text, row in pairs], model_admin)
        for text, pairs in groupby(told, key=lambda pair: pair[0])
    ]


def _group(text: str, rows: list[Any], model_admin: Any) -> Group:
    def address(row: Any) -> str:
        return "" if isinstance(row, Gone) else model_admin.row_url("inspect", quote(row.pk))

    return Group(text, len(rows), [(str(row), address(row)) for row in rows[:NAMED]])


class BulkRunView(BackofficeView):
    """How far a run is, and what became of each row: for whoever began it."""

    name = "bulk_run"
    path = r"bulk/run/(?P<run_id>[0-9a-f-]{36})"
    template_name = "cms/backoffice/bulk_run.html"
    run_id: str = ""
    run: BulkRun

    def get(self, request: HttpRequest) -> HttpResponseBase:
        mine = BulkRun.objects.filter(user_id=request.user.pk or 0, action__in=self._actions)
        try:
            self.run = mine.get(pk=self.run_id)
        except (BulkRun.DoesNotExist, ValidationError) as error:
            raise Http404 from error
        response: HttpResponseBase = self.render_to_response(self.get_context_data())
        return response

    @cached_property
    def _actions(self) -> dict[str, type[BulkActionView]]:
        return {action.name: action for action in self.model_admin.bulk_actions}

    def get_page_title(self) -> Any:
        return self._actions[self.run.action].label

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        items = list(self.run.items.all())
        rows = self._rows([item.key for item in items])
        gone = _t("no longer to be seen")
        by_state: dict[str, list[BulkItem]] = {state: [] for state in ItemState}
        for item in items:
            by_state[item.state].append(item)

        def told(*states: ItemState) -> list[Group]:
            chosen = [item for state in states for item in by_state[state]]
            return grouped(
                ((item.outcome, rows.get(item.key) or Gone(item.key, gone)) for item in chosen),
                self.model_admin,
            )

        waiting = len(by_state[ItemState.WAITING])
        context: dict[str, Any] = super().get_context_data(
            **{
                "run": self.run,
                "total": len(items),
                "handled": len(items) - waiting,
                "done": told(ItemState.DONE),
                "number_done": len(by_state[ItemState.DONE]),
                "not_done": told(ItemState.REFUSED, ItemState.FAILED),
                "list_url": self.model_admin.row_url("index"),
                **kwargs,
            }
        )
        return context

    def _rows(self, keys: list[str]) -> dict[str, Model]:
        view = self._actions[self.run.action]()
        rows = self.policy.instances_user_has_permission_for(self.request.user, "view")
        return {str(row.pk): row for row in view.with_relations(rows.filter(pk__in=keys))}


@dataclass(frozen=True)
class Gone:
    """Stands for a row that is erased, or out of the user's reach by now."""

    pk: str
    text: str

    def __str__(self) -> str:
        return self.text
