"""Who sees what of data protection: the permissions alone decide, whatever the network."""

from typing import Any

from django.db.models import QuerySet

from cms.access_log import AccessEntry
from cms.audit import AuditEntry
from cms.policy import EveryRowPolicy, User
from networks.models import Consent, ProcessingActivity, RetentionRun

EXPORTED = "list.exported"


class ExportLogPolicy(EveryRowPolicy):
    """The history's entries of exports, for whoever reads the log of readings."""

    def user_has_permission(self, user: User, action: str) -> bool:
        return action == "view" and bool(user.has_perm("cms.view_accessentry"))

    def rows(self, user: User) -> QuerySet[Any]:
        return super().rows(user).filter(action=EXPORTED)


access_policy = EveryRowPolicy(AccessEntry)
export_log_policy = ExportLogPolicy(AuditEntry)
retention_policy = EveryRowPolicy(RetentionRun)
register_policy = EveryRowPolicy(ProcessingActivity)
consent_policy = EveryRowPolicy(Consent)
