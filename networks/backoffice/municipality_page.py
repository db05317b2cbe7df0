"""A municipality's own page: everything about it, over all the networks that the user may see."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import InspectView

from cms import audit
from cms.backoffice.history import actor_label
from cms.backoffice.timeline import Event, Timeline
from networks.backoffice.membership_page import Glance, day
from networks.backoffice.membership_rows import membership_line, open_sums, visible_memberships
from networks.backoffice.mergers import may_merge
from networks.backoffice.timeline import KINDS, MEMBERSHIP
from networks.backoffice.wording import action_label
from networks.models import Membership, Municipality, Person
from networks.policies import person_policy
from networks.rules.states import Status
from payments import money
from payments.models import Invoice
from payments.policies import invoice_policy

#: Beyond these, the list itself is a click away.
SHOWN = 25


class MunicipalityInspectView(InspectView):
    """What any of it belongs to is asked of that model's policy: a coordinator sees the
    memberships, people and money of their own networks, an editor none."""

    template_name = "networks/backoffice/municipality.html"
    #: The actions stand on the page itself.
    header_more_buttons = ()

    def get_header_title(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The list, and the municipality: what can be done stands on the page."""
        index, *_rest = super().get_breadcrumbs_items()[len(self.breadcrumbs_items) :]
        return [*self.breadcrumbs_items, index, {"url": "", "label": str(self.object)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place: Municipality = self.object
        sums = self.open_sums
        people = self.people()
        context: dict[str, Any] = super().get_context_data(
            **{
                "glance": self.glance(),
                "memberships": [membership_line(each, sums) for each in self.memberships],
                "sees_money": sums is not None,
                "people": [self._person(each) for each in people[:SHOWN]],
                "all_people_url": self._list("networks_person") if len(people) > SHOWN else "",
                "invoices": self.invoices(),
                "all_invoices_url": self._search_url(),
                "domains": place.domains,
                "gln_numbers": self.gln_numbers(),
                "timeline": self.timeline(),
                **self.actions(),
                **kwargs,
            }
        )
        return context

    @cached_property
    def memberships(self) -> list[Membership]:
        return visible_memberships(self.request.user, Q(municipality=self.object))

    @cached_property
    def open_sums(self) -> dict[str, int] | None:
        return open_sums(self.request.user, self.memberships)

    def glance(self) -> list[Glance]:
        place: Municipality = self.object
        active = sum(each.state == Status.ACTIVE for each in self.memberships)
        population = number_format(place.population or 0, force_grouping=True)
        if place.population_year:
            population += f" ({place.population_year})"
        merged = place.merged_into
        said: list[Glance] = [
            (_("Official name"), place.official_name, ""),
            (_("Municipality code"), place.code, ""),
            (_("CVR number"), place.cvr, ""),
            (_("Region"), place.region, ""),
            (_("Region from 2027"), place.region_2027, ""),
            (_("Population"), population if place.population else "", ""),
            (_("Website"), place.website, ""),
            (_("Active memberships"), active or "", "#memberships"),
            (_("Merged into"), merged, self._own(merged) if merged else ""),
        ]
        said += [
            (_("Merged from"), former.name, self._own(former))
            for former in place.merged_from.order_by("sort_key")
        ]
        if self.open_sums is not None:
            owed = sum(self.open_sums.values())
            said.append((_("To be paid incl. VAT"), money.format_kroner(owed), ""))
        return [fact for fact in said if fact[1]]

    def people(self) -> list[Person]:
        visible = person_policy.instances_user_has_permission_for(self.request.user, "view")
        rows: QuerySet[Person] = visible.filter(municipality=self.object).order_by("name", "pk")
        return list(rows[: SHOWN + 1])

    def _person(self, person: Person) -> dict[str, Any]:
        url = reverse("networks_person_modeladmin_inspect", args=[quote(person.pk)])
        return {"person": person, "url": url}

    def invoices(self) -> list[dict[str, Any]]:
        """The newest, of the memberships that the user may see."""
        visible = invoice_policy.instances_user_has_permission_for(self.request.user, "view")
        about = [audit.reference(each) for each in self.memberships]
        rows: QuerySet[Invoice] = visible.filter(charge__reference__in=about)
        return [
            {
                "invoice": row,
                "network": row.charge.scope_label,
                "issued": day(row.issued_on),
                "gross": money.format_kroner(row.gross),
                "url": reverse("payments_invoice_modeladmin_inspect", args=[quote(row.pk)]),
            }
            for row in rows.select_related("charge").defer("content")[:SHOWN]
        ]

    def gln_numbers(self) -> list[str]:
        """EAN numbers of orders: they name ordering units, and are money's."""
        if self.open_sums is None:
            return []
        return sorted({each.buyer_gln for each in self.memberships if each.buyer_gln})

    def timeline(self) -> Timeline:
        events = [
            Event(
                entry.at,
                MEMBERSHIP,
                action_label(entry.action),
                actor=actor_label(entry),
                reason=entry.reason,
                details=[entry.data["domain"]] if "domain" in entry.data else [],
            )
            for entry in audit.history(self.object)
        ]
        return Timeline(events, {MEMBERSHIP: KINDS[MEMBERSHIP]}, self.request.GET)

    def actions(self) -> dict[str, Any]:
        user, key = self.request.user, self.object.pk
        actions = []
        if user.has_perm("networks.change_municipality"):
            url = reverse("municipalities:edit", args=[key])
            actions.append({"label": _("Edit"), "url": url, "icon_name": "edit"})
        if self.object.merged_into_id is None and may_merge(user):
            url = reverse("municipalities:merge", args=[key])
            label = _("Merge into another municipality")
            actions.append({"label": label, "url": url, "icon_name": "resubmit"})
        return {"actions": actions[:1], "more_actions": actions[1:]}

    def _own(self, place: Municipality) -> str:
        return reverse("municipalities:inspect", args=[place.pk])

    def _list(self, model: str) -> str:
        query = urlencode({"municipality": self.object.pk})
        return f"{reverse(f'{model}_modeladmin_index')}?{query}"

    def _search_url(self) -> str:
        query = urlencode({"q": self.object.official_name, "kind": "invoices"})
        return f"{reverse('cms_search')}?{query}"
