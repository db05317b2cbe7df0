"""Request parameters, read as Stripe reads them and checked against the installed SDK.

The SDK's TypedDicts are generated from Stripe's OpenAPI description. They decide here which
parameters exist, so a parameter that an upgrade removed is refused in a test, not in production.
"""

import re
import sys
import types
import typing
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from stripe import RequestOptions
from typing_extensions import is_typeddict

from .errors import RefusalError, invalid
from .shape import Json

_KEY = re.compile(r"[^\[\]]+")


def decode(query: str) -> Json:
    """``a[0][b]=c`` as ``{"a": {"0": {"b": "c"}}}``; lists stay dicts until a type is known."""
    decoded: Json = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        *parents, last = _KEY.findall(key) or [key]
        branch = decoded
        for parent in parents:
            branch = branch.setdefault(parent, {})
            if not isinstance(branch, dict):
                raise invalid("Invalid object", key)
        branch[last if not key.endswith("[]") else str(len(branch))] = value
    return decoded


@cache
def fields_of(params_class: type) -> dict[str, Any]:
    """A params class's own fields and their types, without the SDK's RequestOptions."""
    annotations = {
        name: annotation
        for name, annotation in params_class.__annotations__.items()
        if name not in RequestOptions.__annotations__
    }
    namespace = vars(sys.modules[params_class.__module__])
    return typing.get_type_hints(
        type("Fields", (), {"__annotations__": annotations}), globalns=namespace
    )


def read(params_class: type, raw: Json, path: str = "") -> Json:
    """Typed parameters, or Stripe's refusal: unknown, missing, or of the wrong type."""
    known = fields_of(params_class)
    unknown = [_at(path, name) for name in raw if name not in known]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        raise invalid(
            f"Received unknown parameter{plural}: {', '.join(unknown)}",
            unknown[0],
            code="parameter_unknown",
        )
    required: frozenset[str] = getattr(params_class, "__required_keys__", frozenset())
    for name in known:
        if name in required and name not in raw:
            raise missing(_at(path, name))
    return {name: _typed(known[name], value, _at(path, name)) for name, value in raw.items()}


def missing(param: str) -> RefusalError:
    return invalid(f"Missing required param: {param}.", param, code="parameter_missing")


def _at(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _typed(annotation: Any, value: Any, path: str) -> Any:
    options = _options(annotation)
    if isinstance(value, dict):
        return _container(options, value, path)
    return _scalar(options, value, path)


def _options(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [option for part in typing.get_args(annotation) for option in _options(part)]
    return [annotation]


def _container(options: list[Any], value: Json, path: str) -> Any:
    for option in options:
        origin = typing.get_origin(option)
        if is_typeddict(option):
            return read(option, value, path)
        if origin is list:
            return _items(option, value, path)
        if origin is dict:
            return {name: _scalar([str], text, _at(path, name)) for name, text in value.items()}
    raise invalid(f"Invalid string: {path} must not be an object", path)


def _items(annotation: Any, value: Json, path: str) -> list[Any]:
    if not all(index.isdigit() for index in value):
        raise invalid("Invalid array", path)
    (of,) = typing.get_args(annotation)
    return [_typed(of, value[index], _at(path, index)) for index in sorted(value, key=int)]


def _scalar(options: list[Any], value: Any, path: str) -> Any:
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {path} must not be an object", path)
    if int in options and re.fullmatch(r"-?\d+", value):
        return int(value)
    if bool in options and value in ("true", "false"):
        return value == "true"
    if Decimal in options:
        return _decimal(value, path)
    return _word(options, value, path)


def _decimal(value: str, path: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise invalid(f"Invalid decimal: {value}", path) from None


def _word(options: list[Any], value: str, path: str) -> str:
    """A string; where the SDK lists the words Stripe knows, only those."""
    words = {word for option in options for word in _literals(option)}
    if words - {""} and value not in words:
        listed = ", ".join(sorted(words - {""}))
        raise invalid(f"Invalid {path}: must be one of {listed}", path)
    if str in options or value in words:
        return value
    kind = "integer" if int in options else "boolean" if bool in options else "object"
    raise invalid(f"Invalid {kind}: {value}", path, code=f"parameter_invalid_{kind}")


def _literals(option: Any) -> tuple[Any, ...]:
    return typing.get_args(option) if typing.get_origin(option) is typing.Literal else ()
