"""Members come in from a list, too: what waits, what was settled elsewhere, the right."""

import uuid
from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from networks import roles

permission_row = import_module("networks.migrations.0002_roles").permission_row


def group_and_right(apps):
    group = apps.get_model("auth", "Group").objects.get(name=roles.MEMBER_ADMINISTRATORS)
    return group, permission_row(apps, "networks", "membership", "import_membership")


def give(apps, schema_editor):
    group, right = group_and_right(apps)
    group.permissions.add(right)


def take(apps, schema_editor):
    group, right = group_and_right(apps)
    group.permissions.remove(right)


class Migration(migrations.Migration):
    dependencies = [
        ("networks", "0009_card_payment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="membership",
            options={
                "ordering": ["-signed_up_at"],
                "permissions": [
                    ("export_membership", "Can export memberships"),
                    ("import_membership", "Can import memberships"),
                ],
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
            },
        ),
        migrations.AddField(
            model_name="seasonentry",
            name="settled",
            field=models.CharField(
                blank=True,
                choices=[
                    ("paid", "Paid outside the system"),
                    ("invoiced", "Invoiced outside the system"),
                    ("unpaid", "Not paid when it was imported"),
                ],
                max_length=10,
                verbose_name="settled elsewhere",
            ),
        ),
        migrations.CreateModel(
            name="MemberImport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("headings", models.JSONField(default=list)),
                ("rows", models.JSONField(default=list)),
                ("columns", models.JSONField(default=dict)),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="uploaded"),
                ),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="networks.networkpage",
                        verbose_name="network",
                    ),
                ),
                (
                    "season",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="networks.season",
                        verbose_name="season",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "list of members to import",
                "verbose_name_plural": "lists of members to import",
                "ordering": ["-created_at"],
                "default_permissions": (),
            },
        ),
        migrations.RunPython(give, take),
    ]
