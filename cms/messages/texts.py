"""Which text a message has: the network's own, else the site's own, else the usual one.

The usual text is the file ``templates/messages/<kind>.txt``, translated by gettext. An own text is
written by administrators for one language: plain, with ``{{ names }}`` of the kind's placeholders.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from cms.messages import kinds
from cms.messages.kinds import Context, MessageKind
from cms.messages.models import MessageTemplate

logger = logging.getLogger(__name__)

#: Characters of a subject as written; a message's own has room for the values too.
MAX_SUBJECT, MAX_RENDERED_SUBJECT = 150, 250
MAX_BODY = 10_000
PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
#: Shorter values stand in too many places of a text to tell which of them is the placeholder.
SHORTEST_VALUE = 3

Problems = dict[str, list[str]]


class InvalidText(Exception):
    """The text can't be used. ``problems``: field → what is the matter, to show beside it."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(str(problems))
        self.problems = problems


class Text(NamedTuple):
    subject: str
    body: str


# Rendering ------------------------------------------------------------------------------------


def render(template: str, context: Context, *, language: str, scope: str) -> Text:
    """Subject and body of a message. ``context`` holds ``links``."""
    kind = kinds.find(template)
    own = find(kind, language=language, scope=scope) if kind else None
    with in_language(language):
        return fill(kind, own, context) if kind and own else usual(template, context)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Texts, numbers and times are the recipient's and the site's, whoever's request this is."""
    with translation.override(language), timezone.override(settings.TIME_ZONE):
        yield


def usual(template: str, context: Context) -> Text:
    """The file's text, in the active language."""
    rendered = render_to_string(f"messages/{template}.txt", dict(context))
    subject, _separator, body = rendered.strip().partition("\n")
    return Text(_one_line(subject), _tidy(body))


def fill(kind: MessageKind, text: Text, context: Context) -> Text:
    """An own text with the values in the places of their names, in one pass: what a value says is
    never taken for a name."""
    values = {_normal(name): value for name, value in kind.values(context).items()}

    def filled(part: str) -> str:
        return PLACEHOLDER.sub(lambda match: values[_normal(match[1])], part.replace("\r\n", "\n"))

    return Text(_one_line(filled(text.subject)), _tidy(filled(text.body)))


def find(kind: MessageKind, *, language: str, scope: str) -> Text | None:
    """The own text that applies, if there is one. One that no longer fits its kind (a later
    version asks for another link) is passed over and reported: the message must go out."""
    rows = MessageTemplate.objects.filter(
        template=kind.template, language=language, scope__in={scope, ""}
    ).exclude(body="")
    for row in sorted(rows, key=lambda row: row.scope, reverse=True):
        if not problems_of(kind, row.subject, row.body):
            return Text(row.subject, row.body)
        logger.error("The text %s no longer fits its kind; the usual one is sent.", row)
    return None


def as_template(kind: MessageKind, text: Text, context: Context) -> Text:
    """A rendered text with the names in the places of the values: what an editor begins with."""
    values = {name: value for name, value in kind.values(context).items() if _is_telling(value)}
    names = {value: name for name, value in reversed(values.items())}
    if not names:
        return text
    # The longest first, all in one pass: no name is put inside another.
    found = re.compile("|".join(map(_whole, sorted(names, key=len, reverse=True))))

    def named(part: str) -> str:
        return found.sub(lambda match: f"{{{{ {names[match[0]]} }}}}", part)

    return Text(named(text.subject), named(text.body))


def _whole(value: str) -> str:
    """Matches the value where it is no part of a longer word."""
    before = r"(?<!\w)" if value[0].isalnum() else ""
    after = r"(?!\w)" if value[-1].isalnum() else ""
    return before + re.escape(value) + after


def _is_telling(value: str) -> bool:
    return len(value) >= SHORTEST_VALUE and "{" not in value


def _normal(name: str) -> str:
    return " ".join(name.split()).casefold()


def _one_line(text: str) -> str:
    return " ".join(text.split())[:MAX_RENDERED_SUBJECT]


def _tidy(text: str) -> str:
    """An empty value leaves no hole of several empty lines."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)


# Editing --------------------------------------------------------------------------------------


def problems_of(kind: MessageKind, subject: str, body: str) -> Problems:
    """What keeps this text from being used, by field; empty when nothing does."""
    found = {
        "subject": _subject_problems(kind, subject),
        "body": _body_problems(kind, body),
    }
    return {field: messages for field, messages in found.items() if messages}


def _subject_problems(kind: MessageKind, subject: str) -> list[str]:
    problems = _name_problems(kind, subject)
    if not subject.strip():
        problems.append(_("Write a subject."))
    if len(subject) > MAX_SUBJECT:
        problems.append(
            _("The subject has %(length)s characters; at most %(most)s are shown.")
            % {"length": len(subject), "most": MAX_SUBJECT}
        )
    links = {_normal(each.name) for each in kind.placeholders if each.is_link}
    problems += [
        _("A link can't stand in the subject: %(name)s.") % {"name": f"{{{{ {name} }}}}"}
        for name in _names(subject)
        if _normal(name) in links
    ]
    return problems


def _body_problems(kind: MessageKind, body: str) -> list[str]:
    problems = _name_problems(kind, body)
    if not body.strip():
        problems.append(_("Write a text."))
    if len(body) > MAX_BODY:
        problems.append(
            _("The text has %(length)s characters; there is room for %(most)s.")
            % {"length": len(body), "most": MAX_BODY}
        )
    written = {_normal(name) for name in _names(body)}
    problems += [
        _("The text must contain %(name)s: %(description)s.")
        % {"name": f"{{{{ {each.name} }}}}", "description": each.description}
        for each in kind.placeholders
        if each.required and _normal(each.name) not in written
    ]
    return problems


def _name_problems(kind: MessageKind, text: str) -> list[str]:
    known = {_normal(each.name) for each in kind.placeholders}
    problems = [
        _("%(name)s is not a placeholder of this message.") % {"name": f"{{{{ {name} }}}}"}
        for name in dict.fromkeys(_names(text))
        if _normal(name) not in known
    ]
    rest = PLACEHOLDER.sub("", text)
    for marks in ("{{", "}}", "{%", "%}", "[[", "]]"):
        if marks in rest:
            problems.append(
                _("%(marks)s can't stand alone. Placeholders are written {{ so }}.")
                % {"marks": marks}
            )
    return problems


def _names(text: str) -> list[str]:
    return [" ".join(match.split()) for match in PLACEHOLDER.findall(text)]


@transaction.atomic
def save_text(
    kind: MessageKind, *, scope: str, language: str, subject: str, body: str, actor: Actor
) -> MessageTemplate:
    """Use this text from now on; messages already written keep theirs. Raises InvalidText."""
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip()
    if problems := problems_of(kind, subject, body):
        raise InvalidText(problems)
    return _write(kind, scope, language, actor, {"subject": subject, "body": body})


@transaction.atomic
def back_to_usual(kind: MessageKind, *, scope: str, language: str, actor: Actor) -> MessageTemplate:
    """Give the own text up: the site's, or the usual one, applies again."""
    return _write(kind, scope, language, actor, {"subject": "", "body": ""})


def _write(
    kind: MessageKind, scope: str, language: str, actor: Actor, new: Mapping[str, Any]
) -> MessageTemplate:
    row, _created = MessageTemplate.objects.get_or_create(
        template=kind.template, scope=scope, language=language
    )
    row = MessageTemplate.objects.select_for_update().get(pk=row.pk)
    changed = [name for name, value in new.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, new[name])
    row.save(update_fields=changed)
    audit.record(
        actor=actor,
        action="message_text.changed" if row.body else "message_text.given_up",
        subject=row,
        fields=changed,
        kind=kind.template,
        scope=scope,
        language=language,
    )
    return row
