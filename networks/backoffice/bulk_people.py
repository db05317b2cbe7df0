"""Making many people anonymous."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cms.audit import Actor
from cms.backoffice.bulk import BulkActionView, Prospect
from networks.backoffice.actions import ReasonForm, ServicePage
from networks.backoffice.bulk import CARRY_OUT
from networks.models import Person
from networks.policies import person_policy
from networks.services import erasure


class EraseManyView(ServicePage, BulkActionView):
    name = "erase_many"
    path = "bulk/erase"
    policy = person_policy
    permission = "change"
    label = _("Make anonymous")
    submit_format = _("Make %(number)s anonymous")
    icon_name = "bin"
    is_serious = True
    form_class = ReasonForm
    job = CARRY_OUT
    nothing_to_do = _("None of those chosen can be made anonymous.")

    def explanation(self) -> str:
        return _t(
            "Name and address are taken away wherever they stand, and can't be brought back. "
            "Invoices, and what the history counts, stay."
        )

    def with_relations(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("municipality")

    def prospects(self, rows: Sequence[Person]) -> list[Prospect]:
        blocked = erasure.blocked_many(rows)
        return [self._prospect(row, blocked.get(row.pk, "")) for row in rows]

    @staticmethod
    def _prospect(row: Person, why: str) -> Prospect:
        if row.erased_at:
            return Prospect(row, _t("Is anonymous already"), possible=False)
        if why:
            return Prospect(row, why, possible=False)
        return Prospect(row, _t("Is made anonymous"))

    def perform_on(self, key: str, *, actor: Actor, data: dict[str, Any]) -> str:
        person = Person.objects.get(pk=key)
        erasure.anonymise_person(person, actor=actor, **data)
        return _t("Made anonymous")
