"""The data protection contact's role, and the rights of the others to what came with it."""

from importlib import import_module

from django.db import migrations

from networks import roles

permission_row = import_module("networks.migrations.0002_roles").permission_row

ACCESS_ADMIN = ("wagtailadmin", "admin", "access_admin")
#: Reads the register, the log of reads, what retention erases and the requests to be erased;
#: sees no list of members.
READ_PRIVACY = (
    ("networks", "privacysettings", "view"),
    ("networks", "retentionrun", "view"),
    ("networks", "processingactivity", "view"),
    ("networks", "consent", "view"),
    ("networks", "erasurerequest", "view"),
    ("cms", "accessentry", "view"),
)
WRITE_REGISTER = tuple(
    ("networks", "processingactivity", action) for action in ("add", "change", "delete")
)
WRITE_CONSENTS = tuple(("networks", "consent", action) for action in ("view", "add", "change"))
RIGHTS = {
    roles.DATA_PROTECTION: (*READ_PRIVACY, *WRITE_REGISTER),
    roles.MEMBER_ADMINISTRATORS: (
        *WRITE_CONSENTS,
        ("networks", "retentionrun", "view"),
        ("networks", "person", "report"),
    ),
    roles.AUDITORS: READ_PRIVACY,
}


def rows(apps, rights):
    return [permission_row(apps, app, model, f"{action}_{model}") for app, model, action in rights]


def give(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    contact, _created = groups.get_or_create(name=roles.DATA_PROTECTION)
    contact.permissions.add(permission_row(apps, *ACCESS_ADMIN))
    for name, rights in RIGHTS.items():
        groups.get(name=name).permissions.add(*rows(apps, rights))


def take(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    groups.filter(name=roles.DATA_PROTECTION).delete()
    kept = ("networks", "erasurerequest", "view")
    for group in groups.filter(name__in=RIGHTS):
        group.permissions.remove(
            *rows(apps, [right for right in RIGHTS[group.name] if right != kept])
        )


class Migration(migrations.Migration):
    dependencies = [
        ("networks", "0004_privacy"),
        ("networks", "0003_municipalities"),
        ("cms", "0002_access_log"),
    ]

    operations = [migrations.RunPython(give, take)]
