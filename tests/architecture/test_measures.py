"""The measures of the style: short files, short functions, imports at the top, no blind except.

Layers and the circle of imports are import-linter's, names and annotations are ruff's.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cms.embedded import BASE_DIR

PACKAGES = ("cms", "home", "networks", "payments")
FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES = 300, 400, 40
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((BASE_DIR / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def place(path: Path, node: ast.AST | None = None) -> str:
    name = path.relative_to(BASE_DIR).as_posix()
    return f"{name}:{node.lineno}" if node is not None else name


@pytest.mark.parametrize(
    ("folders", "limit"), [(PACKAGES, FILE_LINES), (("tests",), TEST_FILE_LINES)]
)
def test_files_are_short(folders, limit):
    long = [
        f"{place(path)} has {lines} lines"
        for path in files(*folders)
        if (lines := len(path.read_text().splitlines())) > limit
    ]
    assert long == []


def test_functions_are_short():
    long = [
        f"{place(path, node)} {node.name} has {lines} lines"
        for path in files(*PACKAGES)
        for node in functions(path)
        if (lines := node.end_lineno - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


def test_no_function_imports():
    hidden = [
        place(path, node)
        for path in files(*PACKAGES)
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def is_blind(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    types = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException"))
        for kind in types
    )


def test_no_except_is_blind():
    blind = [
        place(path, node)
        for path in files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and is_blind(node)
    ]
    assert blind == []


def test_no_module_is_a_drawer_for_everything():
    assert [place(path) for path in files(*PACKAGES) if path.stem in FORBIDDEN_NAMES] == []


def test_the_environment_is_read_in_one_place():
    readers = {
        place(path)
        for path in files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }
    assert readers <= {"cms/env.py", "cms/wsgi.py"}


def test_no_receiver_listens_to_the_projects_own_models():
    """Django's signals hide what follows from what; Wagtail's own are how it tells us."""
    signals = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed"}
    users = [
        place(path, node)
        for path in files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and signals & {alias.name for alias in node.names}
    ]
    assert users == []
