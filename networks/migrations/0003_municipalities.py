"""Denmark's 98 municipalities, from the project's own data file."""

import csv
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data" / "municipalities.csv"


def sort_key(name):
    folded = name.lower().replace("aa", "å")
    return folded.translate(str.maketrans({"æ": "{", "ø": "|", "å": "}"}))


def load(apps, schema_editor):
    municipality = apps.get_model("networks", "Municipality")
    with DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            municipality.objects.update_or_create(
                code=row["code"],
                defaults={
                    "name": row["name"],
                    "official_name": row["official_name"],
                    "sort_key": sort_key(row["name"]),
                    "region": row["region"],
                    "region_2027": row["region_2027"],
                    "cvr": row["cvr"],
                    "website": row["domain"],
                    "mail_domains": row["mail_domain"],
                    "population": row["population"] or None,
                    "population_year": row["population_year"] or None,
                    "longitude": row["longitude"] or None,
                    "latitude": row["latitude"] or None,
                },
            )


class Migration(migrations.Migration):
    dependencies = [("networks", "0002_roles")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
