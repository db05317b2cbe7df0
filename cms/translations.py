"""The catalogue of translations: texts are written in English, users read Danish.

``python -m cms.translations extract`` brings the catalogue up to date with code and templates,
``check`` fails on what is not translated, ``compile`` writes the file that Django reads. None of
them needs GNU gettext. The catalogue holds no dates and no line numbers, so that it changes only
where texts do.

Of the libraries' texts (``LIBRARIES``) the catalogue has those that the library has no Danish for,
and may have others, which then replace the library's own. Their reference names the library
(``#: wagtail/admin``).
"""

import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as extract_calls
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
CATALOGUES = BASE_DIR / "cms" / "locale" / "da" / "LC_MESSAGES"
#: Python and templates; what Wagtail's editor asks for in the browser.
DOMAINS = ("django", "djangojs")
#: Folders of installed libraries whose texts our users meet.
LIBRARIES = (
    "wagtail",
    "wagtail/admin",
    "wagtail/contrib/redirects",
    "wagtail/contrib/settings",
    "wagtail/contrib/simple_translation",
    "wagtail/documents",
    "wagtail/embeds",
    "wagtail/images",
    "wagtail/locales",
    "wagtail/search",
    "wagtail/sites",
    "wagtail/snippets",
    "wagtail/users",
    "wagtail_modeladmin",
    "allauth",
    "django_filters",
    "taggit",
)
SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
PACKAGES = ("cms", "home", "networks", "payments", "templates")
HEADER = """\
msgid ""
msgstr ""
"Language: da\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_SINGULAR, _PLURAL = None, (1, 2)
_IN_CONTEXT, _PLURAL_IN_CONTEXT = ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    "_": _SINGULAR,
    "_t": _SINGULAR,
    "gettext": _SINGULAR,
    "gettext_lazy": _SINGULAR,
    "gettext_noop": _SINGULAR,
    "ngettext": _PLURAL,
    "ngettext_lazy": _PLURAL,
    "pgettext": _IN_CONTEXT,
    "pgettext_lazy": _IN_CONTEXT,
    "npgettext": _PLURAL_IN_CONTEXT,
    "npgettext_lazy": _PLURAL_IN_CONTEXT,
}
#: %(name)s, %s and %d are Python's and the templates'; {name} is what format() fills.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def sources(root: Path) -> Iterator[Path]:
    """The files that texts are taken from."""
    for package in PACKAGES:
        for pattern in ("*.py", "*.html", "*.txt"):
            for path in sorted((root / package).rglob(pattern)):
                if "migrations" not in path.parts and "static" not in path.parts:
                    yield path


def collect(root: Path = BASE_DIR) -> Catalog:
    """Every text of the project that asks to be translated."""
    found = Catalog(locale="da")
    for path in sources(root):
        text = path.read_text()
        if path.suffix != ".py":
            # What is left of the text outside the tags has Python's calls, not its indentation.
            text = "\n".join(map(str.lstrip, templatize(text, origin=str(path)).splitlines()))
        calls = extract_calls("python", BytesIO(text.encode()), KEYWORDS, options=None)
        reference = path.relative_to(root).as_posix()
        for _line, text_or_pair, _comments, context in calls:
            found.add(text_or_pair, locations=[(reference, 1)], context=context)
    return found


def load(path: Path) -> Catalog:
    """The catalogue in a file; an empty one when there is none."""
    if not path.exists():
        return Catalog(locale="da")
    with path.open("rb") as file:
        return read_po(file, locale="da")


def load_library(path: Path) -> Catalog:
    """A library's catalogue without its header, whose dates Babel can't always read."""
    if not path.exists():
        return Catalog(locale="da")
    _header, _blank, body = path.read_text().partition("\n\n")
    return read_po(StringIO(body), locale="da")


def library_texts(domain: str, catalogue: Catalog) -> Iterator[tuple[str, Message]]:
    """The libraries' texts that the catalogue has or must have, each with its library."""
    for library in LIBRARIES:
        locale = SITE_PACKAGES / library / "locale"
        danish = load_library(locale / "da" / "LC_MESSAGES" / f"{domain}.po")
        source = load_library(locale / "en" / "LC_MESSAGES" / f"{domain}.po")
        for message in source if len(source) else danish:
            if not message.id:
                continue
            theirs = danish.get(message.id, message.context)
            has_danish = theirs and all(forms(theirs.string)) and not theirs.fuzzy
            is_ours = catalogue.get(message.id, message.context) is not None
            if is_ours or not has_danish:
                yield library, message


def wanted(domain: str, catalogue: Catalog) -> Catalog:
    """What the catalogue of a domain is to hold: our texts, and the libraries'."""
    found = collect() if domain == "django" else Catalog(locale="da")
    for library, message in library_texts(domain, catalogue):
        if found.get(message.id, message.context) is None:
            found.add(message.id, locations=[(library, 1)], context=message.context)
    return found


def update(catalogue: Catalog, found: Catalog) -> None:
    """Take in new texts, drop those that are gone, keep every translation."""
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()


def save(catalogue: Catalog, path: Path) -> None:
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, sort_output=True, include_lineno=False, width=100)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + body.getvalue().decode())


def findings(catalogue: Catalog, found: Catalog) -> list[str]:
    """What is wrong with the catalogue, a line each."""
    needed = {(message.context, message.id) for message in found if message.id}
    there = {(message.context, message.id): message for message in catalogue if message.id}
    lines = [
        f"missing from the catalogue: {name(key[1])}"
        for key in sorted(needed - set(there), key=str)
    ]
    for key, message in there.items():
        if key not in needed:
            lines.append(f"no longer used: {name(message.id)}")
        elif message.fuzzy:
            lines.append(f"fuzzy: {name(message.id)}")
        elif not all(forms(message.string)):
            lines.append(f"not translated: {name(message.id)}")
        elif not placeholders_match(message):
            lines.append(f"placeholders differ: {name(message.id)}")
    return lines


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """A text, or a singular and its plural, as a tuple."""
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def name(identifier: str | tuple[str, ...] | list[str]) -> str:
    return repr(forms(identifier)[0])


def placeholders_match(message: Message) -> bool:
    """The translation fills in what the text does; a plural's forms may leave the number out."""
    wanted = set(PLACEHOLDER.findall(" ".join(forms(message.id))))
    given = [set(PLACEHOLDER.findall(form)) for form in forms(message.string)]
    if len(given) == 1:
        return given[0] == wanted
    return all(form <= wanted for form in given)


def compile_catalogue(path: Path) -> None:
    """Write the compiled file beside the catalogue, whole or not at all."""
    # A name of its own: two processes may begin at once.
    compiled, unfinished = path.with_suffix(".mo"), path.with_suffix(f".{os.getpid()}.mo")
    with unfinished.open("wb") as file:
        write_mo(file, load(path))
    unfinished.replace(compiled)


def compile_catalogues() -> None:
    for domain in DOMAINS:
        compile_catalogue(CATALOGUES / f"{domain}.po")


def extract() -> None:
    for domain in DOMAINS:
        path = CATALOGUES / f"{domain}.po"
        catalogue = load(path)
        update(catalogue, wanted(domain, catalogue))
        save(catalogue, path)


def check() -> list[str]:
    """What is wrong with the catalogues, a line each."""
    lines = []
    for domain in DOMAINS:
        catalogue = load(CATALOGUES / f"{domain}.po")
        lines += findings(catalogue, wanted(domain, catalogue))
    return lines


def main(arguments: list[str]) -> int:
    settings.configure(USE_I18N=False)
    match arguments:
        case ["extract"]:
            extract()
        case ["compile"]:
            compile_catalogues()
        case ["check"]:
            lines = check()
            print(*lines, sep="\n", end="\n" if lines else "", file=sys.stderr)
            return 1 if lines else 0
        case _:
            print("usage: python -m cms.translations extract | check | compile", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
