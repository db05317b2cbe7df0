"""The months of the journal in the administration: what was sold, their files, their closing."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from cms.audit import Actor
from cms.backoffice.listing import NEUTRAL, POSITIVE, WAITING, status_tag
from cms.backoffice.rows import BackofficeView, FormPage
from payments import money
from payments.backoffice.journal_export import journal_response, of_month, skipped_in
from payments.models import AccountingMonth, Posting, Role
from payments.services import journal
from payments.services.journal import NotClosable


def month_name(month: date) -> str:
    return capfirst(date_format(month, "F Y"))


class MonthsView(BackofficeView):
    """Every month that has postings: what was sold, its files, and whether it is closed."""

    name = "months"
    label = _("Months")
    icon_name = "calendar"
    template_name = "payments/backoffice/months.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        may_close = self.policy.user_has_permission(request.user, CloseMonthView.permission)
        response: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                lines=self.lines(),
                close_url=self.model_admin.row_url(CloseMonthView.name) if may_close else "",
                cancel_url=self.model_admin.row_url("index"),
            )
        )
        return response

    def lines(self) -> list[dict[str, Any]]:
        """Newest first; the month that is to be closed next is there though nothing was posted."""
        closed = {row.month: row for row in AccountingMonth.objects.select_related("closed_by")}
        sums = {row["month"]: row for row in self.sums()}
        next_one = journal.next_to_close()
        months = {*sums, *closed, *([next_one] if next_one else [])}
        return [
            self.line(month, sums.get(month, {}), closed.get(month), is_next=month == next_one)
            for month in sorted(months, reverse=True)
        ]

    def sums(self) -> Iterable[Any]:
        return (
            Posting.objects.order_by()
            .values(month=TruncMonth("posted_on"))
            .annotate(
                postings=Count("pk"),
                net=Sum("net"),
                output_vat=Sum("amount", filter=Q(role=Role.VAT)),
                rest=Sum("amount"),
            )
        )

    def line(
        self, month: date, sums: dict[str, Any], closed: AccountingMonth | None, *, is_next: bool
    ) -> dict[str, Any]:
        text = f"{month:%Y-%m}"
        tag = (_("Closed"), POSITIVE) if closed else (_("Not closed"), NEUTRAL)
        can_close = is_next and journal.is_over(month)
        return {
            "name": month_name(month),
            "postings": sums.get("postings", 0),
            "net": money.format_kroner(sums.get("net") or 0),
            "vat": money.format_kroner(-(sums.get("output_vat") or 0)),
            "rest": money.format_kroner(sums.get("rest") or 0),
            "status": status_tag(_("To be closed"), WAITING) if can_close else status_tag(*tag),
            "closed": closed,
            "can_close": can_close,
            "files": [
                (kind.upper(), self.model_admin.row_url(MonthFileView.name, text, kind))
                for kind in ("csv", "xlsx")
            ],
        }


class MonthFileView(BackofficeView):
    """The postings of a month as a file; of a closed one always the same."""

    name = "month-file"
    path = "months/(?P<month>[0-9]{4}-[0-9]{2})/(?P<file_format>csv|xlsx)"
    month = ""
    file_format = ""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        try:
            month = date.fromisoformat(f"{self.month}-01")
        except ValueError as error:
            raise Http404 from error
        rows = self.policy.instances_user_has_permission_for(request.user, "view")
        return journal_response(
            of_month(rows, month),
            file_format=self.file_format,
            name=f"postering-{self.month}",
            skipped=skipped_in(month),
        )


class MonthForm(forms.Form):
    """Which month was asked about: another is not closed by pressing twice."""

    month = forms.DateField(widget=forms.HiddenInput)


class CloseMonthView(FormPage, BackofficeView):
    name = "close"
    permission = "close"
    label = _("Close a month")
    icon_name = "lock"
    form_class = MonthForm
    refusals = (NotClosable,)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if journal.is_over(self.get_initial()["month"]):
            return super().get(request)
        messages.warning(request, self.refusal_text(NotClosable()))
        return redirect(self.get_success_url())

    def get_initial(self) -> dict[str, Any]:
        month = journal.next_to_close()
        if month is None:
            raise Http404
        return {"month": month}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        month = self.get_initial()["month"]
        context: dict[str, Any] = super().get_context_data(
            **{
                "explanation": _t(
                    "%(month)s is closed for good: what is posted in it never changes. What is "
                    "learned of it later is dated in the first open month."
                )
                % {"month": month_name(month)},
                "submit_label": _t("Close %(month)s") % {"month": date_format(month, "F Y")},
                "cancel_url": self.model_admin.row_url(MonthsView.name),
                **kwargs,
            }
        )
        return context

    def perform(self, data: dict[str, Any]) -> str:
        actor = Actor.by(self.request.user)  # type: ignore[arg-type]
        closed = journal.close_month(data["month"], actor=actor)
        return _t("%(month)s is closed.") % {"month": month_name(closed.month)}

    def refusal_text(self, error: Exception) -> Any:
        return _("Only the first open month can be closed, and only when it is over.")

    def get_success_url(self) -> str:
        return str(self.model_admin.row_url(MonthsView.name))
