"""A long list is taken in by a job; what headings mean is remembered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("networks", "0011_seats_lost_by_cancellation"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownHeading",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("column", models.CharField(blank=True, max_length=20)),
            ],
            options={
                "verbose_name": "heading of a list of members",
                "verbose_name_plural": "headings of lists of members",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="memberimport",
            name="above_capacity",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="memberimport",
            name="begun_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="begun"),
        ),
        migrations.AddField(
            model_name="memberimport",
            name="digest",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="memberimport",
            name="finished_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="finished"),
        ),
        migrations.AddField(
            model_name="memberimport",
            name="members",
            field=models.PositiveIntegerField(default=0, verbose_name="new memberships"),
        ),
        migrations.AddField(
            model_name="memberimport",
            name="organisation_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("municipality", "Municipality"),
                    ("state", "State authority"),
                    ("region", "Region"),
                    ("company", "Private company"),
                    ("association", "Association or organisation"),
                    ("self_governing", "Self-governing institution"),
                ],
                max_length=20,
                verbose_name="kind of organisation",
            ),
        ),
        migrations.AddField(
            model_name="memberimport",
            name="participants",
            field=models.PositiveIntegerField(default=0, verbose_name="participants added"),
        ),
        migrations.AddField(
            model_name="memberimport",
            name="reason",
            field=models.TextField(blank=True, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="memberimport",
            name="refusal",
            field=models.TextField(blank=True),
        ),
    ]
