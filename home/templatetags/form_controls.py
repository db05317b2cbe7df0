"""Form fields as Det Fælles Designsystem draws them, and the summary of a form's errors."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django import forms, template
from django.forms import BaseForm, BaseFormSet, BoundField
from django.utils.safestring import SafeString

register = template.Library()


class ErrorLink(NamedTuple):
    """An error and the id of the control it is about; empty for one about the whole form."""

    target: str
    text: str


@register.filter
def control_kind(field: BoundField) -> str:
    """How the field is drawn: hidden, checkbox, options (a group of radios or boxes) or plain."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "options"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "plain"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's control with the design system's class added to its own."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        css = "form-checkbox"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    else:
        css = "form-input"
    own = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{css} {own}".strip()})


@register.filter
def options_type(field: BoundField) -> str:
    """radio or checkbox, for a group of options (Django's boxes are a subclass of its radios)."""
    several = isinstance(field.field.widget, forms.CheckboxSelectMultiple)
    return "checkbox" if several else "radio"


def _target(field: BoundField) -> str:
    """The id of the first control of the field."""
    return field.id_for_label or f"{field.auto_id}_0"


def _form_errors(form: BaseForm) -> Iterator[ErrorLink]:
    yield from (ErrorLink("", str(error)) for error in form.non_field_errors())
    for field in form:
        yield from (ErrorLink(_target(field), str(error)) for error in field.errors)


def _all_errors(parts: Iterable[BaseForm | BaseFormSet | None]) -> Iterator[ErrorLink]:
    for part in parts:
        if isinstance(part, BaseFormSet):
            yield from (ErrorLink("", str(error)) for error in part.non_form_errors())
            yield from _all_errors(part.forms)
        elif part is not None:
            yield from _form_errors(part)


@register.simple_tag
def error_links(*parts: BaseForm | BaseFormSet | None) -> list[ErrorLink]:
    """The errors of bound forms and formsets, in the order of the page. Unbound: none."""
    return list(_all_errors(part for part in parts if part and part.is_bound))
