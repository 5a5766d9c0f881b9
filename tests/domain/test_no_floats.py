"""No floating point anywhere in the domain."""

import ast
from pathlib import Path

import pytest

import trova_app.domain

FILES = sorted(Path(trova_app.domain.__path__[0]).glob("**/*.py"))


def floats_in(source: str) -> list[str]:
    """What in a source makes or rounds a float: literals, float(), round(), true division."""
    found = []
    for node in ast.walk(ast.parse(source)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        named = isinstance(node, ast.Name) and node.id in ("float", "round")
        divided = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        if literal or named or divided:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_rule_of_the_domain_never_touches_a_float(path: Path) -> None:
    assert floats_in(path.read_text()) == []


@pytest.mark.parametrize("source", ["a = 1.5", "a = float(b)", "a = round(b)", "a = b / c", "a /= b", "map(float, x)"])
def test_the_check_itself_finds_a_float(source: str) -> None:
    assert floats_in(source)


def test_the_arithmetic_imports_nothing_but_dataclasses_and_lru_cache_and_is_plain_text() -> None:
    source = next(path for path in FILES if path.name == "lines.py").read_text()
    imports = [ast.unparse(n) for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert imports == ["from dataclasses import dataclass", "from functools import lru_cache"]
    assert source.isascii()
