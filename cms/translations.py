"""The catalogue of translations: texts are written in English, users read Danish.

``python -m cms.translations extract`` brings the catalogue up to date with code and templates,
``check`` fails on what is not translated, ``compile`` writes the file that Django reads. None of
them needs GNU gettext. The catalogue holds no dates and no line numbers, so that it changes only
where texts do. What it translates of a library's texts names that library in its reference
(``#: wagtail``) and stays.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as extract_calls
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
CATALOGUE = BASE_DIR / "cms" / "locale" / "da" / "LC_MESSAGES" / "django.po"
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


def load(path: Path = CATALOGUE) -> Catalog:
    if not path.exists():
        return Catalog(locale="da")
    with path.open("rb") as file:
        return read_po(file, locale="da")


def is_foreign(message: Message) -> bool:
    """True for a library's text that the catalogue translates beside our own."""
    folders = {str(place[0]).partition("/")[0] for place in message.locations}
    return bool(folders) and not folders.intersection(PACKAGES)


def update(catalogue: Catalog, found: Catalog) -> None:
    """Take in new texts, drop those that are gone, keep every translation."""
    foreign = [message for message in catalogue if message.id and is_foreign(message)]
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    for message in foreign:
        if catalogue.get(message.id, message.context) is None:
            catalogue[message.id] = message


def save(catalogue: Catalog, path: Path = CATALOGUE) -> None:
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, sort_output=True, include_lineno=False, width=100)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + body.getvalue().decode())


def findings(catalogue: Catalog, found: Catalog) -> list[str]:
    """What is wrong with the catalogue, a line each."""
    ours = {(message.context, message.id) for message in found if message.id}
    there = {(message.context, message.id): message for message in catalogue if message.id}
    lines = [
        f"missing from the catalogue: {name(key[1])}" for key in sorted(ours - set(there), key=str)
    ]
    for key, message in there.items():
        if key not in ours and not is_foreign(message):
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


def compile_catalogue(path: Path = CATALOGUE) -> None:
    """Write the compiled file beside the catalogue, whole or not at all."""
    compiled, unfinished = path.with_suffix(".mo"), path.with_suffix(".mo.new")
    with unfinished.open("wb") as file:
        write_mo(file, load(path))
    unfinished.replace(compiled)


def main(arguments: list[str]) -> int:
    settings.configure(USE_I18N=False)
    match arguments:
        case ["extract"]:
            catalogue = load()
            update(catalogue, collect())
            save(catalogue)
            return 0
        case ["check"]:
            lines = findings(load(), collect())
            print(*lines, sep="\n", end="\n" if lines else "", file=sys.stderr)
            return 1 if lines else 0
        case ["compile"]:
            compile_catalogue()
            return 0
        case _:
            print("usage: python -m cms.translations extract | check | compile", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
