"""The roles that staff can have: groups, made with their rights by a migration.

The names are what is shown in the user form, hence Danish; the code knows them by these names.
"""

from django.utils.translation import gettext_noop as _

EDITORS = "Redaktører"
PUBLISHERS = "Udgivere"
MEMBER_ADMINISTRATORS = "Medlemsadministratorer"
COORDINATORS = "Koordinatorer"
FINANCE = "Økonomi"
AUDITORS = "Revisorer"
HOSTS = "Værter"
#: Made by a later migration than the others, hence not among ``ROLES``.
DATA_PROTECTION = "Databeskyttelse"

ROLES = (
    EDITORS,
    PUBLISHERS,
    MEMBER_ADMINISTRATORS,
    COORDINATORS,
    FINANCE,
    AUDITORS,
    HOSTS,
)

#: What Wagtail's form of a group makes of our rights' names. It translates them; the catalogue
#: finds them here.
RIGHTS_IN_WORDS = (
    _("Can close"),
    _("Can export"),
    _("Can export balancetransaction"),
    _("Can export joinrequest"),
    _("Can import"),
    _("Can report"),
    _("simple translation"),
)
