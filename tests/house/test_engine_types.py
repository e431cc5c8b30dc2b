"""In the engine only what numba compiles may go without annotations."""

import ast
from pathlib import Path

ENGINE = Path(__file__).parents[2] / "server" / "engine"
COMPILED = {"kernel", "entry", "overload", "intrinsic", "njit"}


def _decorators(function: ast.FunctionDef) -> set[str]:
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for decorator in function.decorator_list
        for node in ast.walk(decorator)
        if isinstance(node, ast.Name | ast.Attribute)
    }


def _untyped(function: ast.FunctionDef) -> bool:
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named = [argument for argument in given if argument.arg not in {"self", "cls"}]
    return function.returns is None or any(argument.annotation is None for argument in named)


def _interpreted(node: ast.AST) -> list[ast.FunctionDef]:
    """Functions below `node` that are not compiled; what a compiled one holds is compiled too."""
    found: list[ast.FunctionDef] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            if _decorators(child) & COMPILED:
                continue
            found.append(child)
        found += _interpreted(child)
    return found


def test_only_kernels_go_untyped() -> None:
    functions = [
        (f"{path.name}:{function.lineno} {function.name}", function)
        for path in sorted(ENGINE.glob("*.py"))
        for function in _interpreted(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert functions
    assert [place for place, function in functions if _untyped(function)] == []
