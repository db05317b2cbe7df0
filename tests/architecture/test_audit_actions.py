"""Everything that is written to the history has a name that people understand."""

import ast
import re
from collections.abc import Iterator

import pytest

from cms.accounts import backoffice as sign_in
from networks.backoffice.timeline import KINDS, field_label, kind_of
from networks.backoffice.wording import ACTION_LABELS
from tests.architecture.test_measures import PACKAGES, files, place, tree

#: What happens to rows, and to a colleague's sign-in.
LABELS = {**ACTION_LABELS, **sign_in.ACTION_LABELS}
RECORDERS = {"record", "record_all"}


def recorded() -> Iterator[tuple[str, str]]:
    """(place, pattern) of each action that is recorded; what is put in is any word."""
    for path in files(*PACKAGES):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in RECORDERS or ast.unparse(node.func.value) != "audit":
                continue
            action = next((each.value for each in node.keywords if each.arg == "action"), None)
            for pattern in patterns(action):
                yield place(path, node), pattern


def patterns(action: ast.expr | None) -> list[str]:
    match action:
        case ast.Constant(value=str() as name):
            return [re.escape(name)]
        case ast.JoinedStr(values=parts):
            return ["".join(part_pattern(part) for part in parts)]
        case ast.IfExp(body=body, orelse=orelse):
            return [*patterns(body), *patterns(orelse)]
    return []  # A variable.


def part_pattern(part: ast.expr) -> str:
    return re.escape(part.value) if isinstance(part, ast.Constant) else r"[a-z_]+"


def test_actions_are_found_in_the_code() -> None:
    found = {pattern for _place, pattern in recorded()}
    assert re.escape("membership.signed_up") in found
    assert r"membership\.[a-z_]+" in found
    assert len(found) > 50


def test_every_recorded_action_has_a_label() -> None:
    nameless = [
        f"{where}: {pattern}"
        for where, pattern in recorded()
        if not any(re.fullmatch(pattern, action) for action in LABELS)
    ]
    assert nameless == []


@pytest.mark.parametrize("action", sorted(ACTION_LABELS))
def test_every_action_is_of_a_kind_that_can_be_filtered_by(action: str) -> None:
    assert kind_of(action) in KINDS


def test_fields_are_told_by_their_names() -> None:
    assert str(field_label("buyer_gln")) != "buyer_gln"
    assert str(field_label("job_title")) != "job_title"
    assert field_label("no_such_field") == "no_such_field"
