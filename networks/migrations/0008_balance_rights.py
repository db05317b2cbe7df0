"""Finance and auditors read Stripe's balance."""

from importlib import import_module

from django.db import migrations

from networks import roles

permission_row = import_module("networks.migrations.0002_roles").permission_row

READERS = (roles.FINANCE, roles.AUDITORS)
CODENAMES = ("view_balancetransaction", "export_balancetransaction")


def rows(apps):
    return [permission_row(apps, "payments", "balancetransaction", name) for name in CODENAMES]


def give(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=READERS):
        group.permissions.add(*rows(apps))


def take(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=READERS):
        group.permissions.remove(*rows(apps))


class Migration(migrations.Migration):
    dependencies = [("networks", "0007_list_rights"), ("payments", "0008_balance")]

    operations = [migrations.RunPython(give, take)]
