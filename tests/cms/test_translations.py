"""The catalogue follows the code, and what is not translated is found."""

from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.apps import apps

from cms import translations

CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
plain = _("One text")
joined = _(
    "A long text "
    "on two lines"
)
number = ngettext("%(count)s place", "%(count)s places", count)
month = pgettext("month", "May")
not_a_text = label("Not for translation")
"""
PAGE = """
{% load i18n %}
  <p title="{% translate "It's a title" %}">
      {% blocktranslate trimmed count count=places %}
        {{ count }} place is free
      {% plural %}
        {{ count }} places are free
      {% endblocktranslate %}
    5 % off {{ _("In braces") }} {# a comment #}
"""


@pytest.fixture
def project(tmp_path) -> Path:
    (tmp_path / "home" / "migrations").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "home" / "models.py").write_text(CODE)
    (tmp_path / "home" / "migrations" / "0001.py").write_text('_("In a migration")')
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    return tmp_path


@pytest.fixture
def catalogue(project) -> Catalog:
    """Everything translated."""
    catalogue = Catalog(locale="da")
    translations.update(catalogue, translations.collect(project))
    for message in catalogue:
        if message.id:
            message.string = message.id
    return catalogue


def findings(catalogue: Catalog, project: Path) -> list[str]:
    return translations.findings(catalogue, translations.collect(project))


def texts(catalogue: Catalog) -> set[str]:
    return {translations.forms(message.id)[0] for message in catalogue if message.id}


def test_texts_are_taken_from_code_and_templates(project):
    found = translations.collect(project)
    assert texts(found) == {
        "One text",
        "A long text on two lines",
        "%(count)s place",
        "May",
        "It's a title",
        "%(count)s place is free",
        "In braces",
    }
    assert found.get("May", "month") is not None
    assert found.get(("%(count)s place", "%(count)s places")).pluralizable


def test_a_complete_catalogue_has_no_findings(catalogue, project):
    assert findings(catalogue, project) == []


def test_what_is_missing_empty_fuzzy_or_gone_is_found(catalogue, project):
    catalogue.get("One text").string = ""
    catalogue.get("In braces").flags.add("fuzzy")
    catalogue.get(("%(count)s place", "%(count)s places")).string = ("%(count)s plads", "")
    catalogue.delete("A long text on two lines")
    catalogue.add("An old text", "En gammel tekst", locations=[("home/old.py", 1)])
    assert sorted(findings(catalogue, project)) == [
        "fuzzy: 'In braces'",
        "missing from the catalogue: 'A long text on two lines'",
        "no longer used: 'An old text'",
        "not translated: '%(count)s place'",
        "not translated: 'One text'",
    ]


@pytest.mark.parametrize(
    ("text", "translation", "matches"),
    [
        ("Dear %(name)s", "Kære %(name)s", True),
        ("Dear %(name)s", "Kære %(navn)s", False),
        ("Dear %(name)s", "Kære", False),
        ("Dear {name}", "Kære {name}", True),
        ("Dear {name}", "Kære {navn}", False),
        ("Dear", "Kære %s", False),
        (("%(n)s place", "%(n)s places"), ("én plads", "%(n)s pladser"), True),
        (("%(n)s place", "%(n)s places"), ("én plads", "%(m)s pladser"), False),
    ],
)
def test_a_translation_fills_in_what_the_text_does(text, translation, matches):
    catalogue = Catalog(locale="da")
    message = catalogue.add(text, translation)
    assert translations.placeholders_match(message) is matches


def test_an_update_keeps_translations_and_drops_what_is_gone(catalogue, project, tmp_path):
    path = tmp_path / "django.po"
    translations.save(catalogue, path)
    (project / "home" / "models.py").write_text('_("One text")\n_("A new text")\n')
    updated = translations.load(path)
    translations.update(updated, translations.collect(project))
    assert updated.get("One text").string == "One text"
    assert not updated.get("A new text").string
    assert "May" not in texts(updated)


LIBRARY = """\
msgid ""
msgstr ""
"PO-Revision-Date: 2017-10-28"

msgid "Explorer"
msgstr "{explorer}"

msgid "Page"
msgstr "{page}"
"""


@pytest.fixture
def library(tmp_path, monkeypatch) -> None:
    """An installed library that has Danish for one of its two texts."""
    for language, explorer in (("en", ""), ("da", "Udforsker")):
        folder = tmp_path / "packages" / "pages" / "locale" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "django.po").write_text(LIBRARY.format(explorer=explorer, page=""))
    monkeypatch.setattr(translations, "SITE_PACKAGES", tmp_path / "packages")
    monkeypatch.setattr(translations, "LIBRARIES", ("pages",))


def test_a_librarys_text_without_danish_is_wanted(library):
    wanted = [(of, each.id) for of, each in translations.library_texts("django", Catalog())]
    assert wanted == [("pages", "Page")]


def test_a_librarys_own_danish_can_be_replaced(library, catalogue):
    catalogue.add("Explorer", "Oversigt")
    found = translations.wanted("django", catalogue)
    assert found.get("Explorer").locations == [("pages", 1)]
    assert found.get("Page") is not None


def test_every_installed_app_with_texts_of_its_own_is_followed():
    """A library that is taken in with another app shows up here."""
    for app in apps.get_app_configs():
        folder = Path(app.path)
        if folder.is_relative_to(translations.SITE_PACKAGES) and not app.name.startswith("django."):
            name = folder.relative_to(translations.SITE_PACKAGES).as_posix()
            if (folder / "locale").is_dir():
                assert name in translations.LIBRARIES, name


def test_saving_again_changes_nothing(catalogue, project, tmp_path):
    path = tmp_path / "django.po"
    translations.save(catalogue, path)
    before = path.read_text()
    loaded = translations.load(path)
    translations.update(loaded, translations.collect(project))
    translations.save(loaded, path)
    assert path.read_text() == before
    assert str(project) not in before
    assert "#: home/models.py\n" in before


def test_the_compiled_catalogue_is_what_python_reads(catalogue, tmp_path):
    catalogue.get("One text").string = "Én tekst"
    path = tmp_path / "django.po"
    translations.save(catalogue, path)
    translations.compile_catalogue(path)
    with path.with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    assert compiled.gettext("One text") == "Én tekst"
    assert compiled.ngettext("%(count)s place", "%(count)s places", 2) == "%(count)s places"
