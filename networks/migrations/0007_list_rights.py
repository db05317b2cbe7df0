"""Taking a list out of the system, and sharing a saved view, are rights of their own.

An auditor takes out what an audit samples, which is money; members are read on the screen.
"""

from importlib import import_module

from django.db import migrations

from networks import roles

permission_row = import_module("networks.migrations.0002_roles").permission_row

MEMBERS = (
    ("networks", "membership"),
    ("networks", "person"),
    ("networks", "joinrequest"),
    ("networks", "guest"),
    ("networks", "topic"),
    ("networks", "offer"),
    ("cms", "message"),
)
MONEY = (
    ("payments", "charge"),
    ("payments", "invoice"),
    ("payments", "payment"),
    ("payments", "posting"),
)
EXPORTED_BY = {
    roles.MEMBER_ADMINISTRATORS: MEMBERS,
    roles.COORDINATORS: MEMBERS,
    roles.FINANCE: MONEY,
    roles.AUDITORS: MONEY,
}
SHARING = (roles.MEMBER_ADMINISTRATORS, roles.FINANCE)


def rights(apps, name):
    rows = [
        permission_row(apps, app_label, model, f"export_{model}")
        for app_label, model in EXPORTED_BY[name]
    ]
    if name in SHARING:
        rows.append(permission_row(apps, "cms", "savedview", "share_savedview"))
    return rows


def give(apps, schema_editor):
    for name in EXPORTED_BY:
        group = apps.get_model("auth", "Group").objects.get(name=name)
        group.permissions.add(*rights(apps, name))


def take(apps, schema_editor):
    for name in EXPORTED_BY:
        group = apps.get_model("auth", "Group").objects.get(name=name)
        group.permissions.remove(*rights(apps, name))


class Migration(migrations.Migration):
    dependencies = [
        ("networks", "0006_search"),
        ("payments", "0009_export_rights"),
        ("cms", "0004_saved_views"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="guest",
            options={
                "ordering": ["name"],
                "permissions": [("export_guest", "Can export guests")],
                "verbose_name": "guest",
                "verbose_name_plural": "guests",
            },
        ),
        migrations.AlterModelOptions(
            name="joinrequest",
            options={
                "ordering": ["-created_at"],
                "permissions": [("export_joinrequest", "Can export requests to join")],
                "verbose_name": "request to join",
                "verbose_name_plural": "requests to join",
            },
        ),
        migrations.AlterModelOptions(
            name="membership",
            options={
                "ordering": ["-signed_up_at"],
                "permissions": [("export_membership", "Can export memberships")],
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
            },
        ),
        migrations.AlterModelOptions(
            name="offer",
            options={
                "default_related_name": "offers",
                "ordering": ["-created_at"],
                "permissions": [("export_offer", "Can export offers")],
                "verbose_name": "offer",
                "verbose_name_plural": "offers",
            },
        ),
        migrations.AlterModelOptions(
            name="person",
            options={
                "ordering": ["name"],
                "permissions": [
                    ("report_person", "Can take out all that is kept about a person"),
                    ("export_person", "Can export people"),
                ],
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.AlterModelOptions(
            name="topic",
            options={
                "default_related_name": "topics",
                "ordering": ["-created_at"],
                "permissions": [("export_topic", "Can export topics")],
                "verbose_name": "topic",
                "verbose_name_plural": "topics",
            },
        ),
        migrations.RunPython(give, take),
    ]
