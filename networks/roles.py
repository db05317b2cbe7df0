"""The roles that staff can have: groups, made with their rights by a migration.

The names are what is shown in the user form, hence Danish; the code knows them by these names.
"""

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
