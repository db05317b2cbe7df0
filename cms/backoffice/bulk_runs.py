"""What was done to many rows: how far it is, and what became of each, for whoever began it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Model, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.backoffice.bulk import BulkActionView
from cms.backoffice.bulk_groups import Gone, Group, grouped
from cms.backoffice.rows import BackofficeView
from cms.bulk import BulkItem, BulkRun, ItemState

#: How often the page of a run that is under way looks how far it is.
SECONDS_TO_REFRESH = 4
#: So many runs are listed, the latest first.
RUNS_LISTED = 100


class BulkRunsView(BackofficeView):
    """What the user has begun in this list, to be read again."""

    name = "bulk_runs"
    path = "bulk/runs"
    label = _("Bulk actions carried out")
    icon_name = "list-ul"
    template_name = "cms/backoffice/bulk_runs.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        labels = {action.name: action.label for action in self.model_admin.bulk_actions}
        mine = BulkRun.objects.filter(user_id=request.user.pk or 0, action__in=labels)
        done = Count("items", filter=Q(items__state=ItemState.DONE))
        runs = mine.annotate(total=Count("items"), number_done=done).order_by("-created_at")[
            :RUNS_LISTED
        ]
        lines = [
            {
                "label": labels[run.action],
                "run": run,
                "url": self.model_admin.row_url("bulk_run", run.pk),
            }
            for run in runs
        ]
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(lines=lines, list_url=self.model_admin.row_url("index"))
        )
        return response


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
        if self.run.finished_at is None:
            # The page loads itself again; no script is needed.
            response["Refresh"] = str(SECONDS_TO_REFRESH)
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
                "runs_url": self.model_admin.row_url("bulk_runs"),
                **kwargs,
            }
        )
        return context

    def _rows(self, keys: list[str]) -> dict[str, Model]:
        view = self._actions[self.run.action]()
        rows = self.policy.instances_user_has_permission_for(self.request.user, "view")
        return {str(row.pk): row for row in view.with_relations(rows.filter(pk__in=keys))}
