"""Mutants of a worked solution: the same code with one thing changed, as a slip would change it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

_SWAPS: dict[type[ast.AST], tuple[type[Any], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.In),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
_NAMES = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "argmax": "argmin",
    "argmin": "argmax",
    "mean": "sum",
    "sum": "mean",
    "any": "all",
    "all": "any",
    "exp": "exp2",
    "log": "log2",
    "floor": "ceil",
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """What was changed and the source with that change, for each change to the function's body."""
    tree = ast.parse(source)
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    parameters = [argument.arg for argument in function.args.args]
    for index, node in enumerate(ast.walk(tree)):
        if not _is_inside(function, node):
            continue
        for changed in _changes(node, parameters):
            mutant = copy.deepcopy(tree)
            _put(mutant, index, changed)
            text = ast.unparse(ast.fix_missing_locations(mutant))
            what = f"line {getattr(node, 'lineno', '?')}: {_shown(node)} -> {_shown(changed)}"
            yield what, text


def _is_inside(function: ast.FunctionDef, node: ast.AST) -> bool:
    docstring = function.body[0] if ast.get_docstring(function) else None
    body = [line for line in function.body if line is not docstring]
    return any(node is found for line in body for found in ast.walk(line))


def _put(tree: ast.AST, index: int, changed: ast.AST) -> None:
    old = list(ast.walk(tree))[index]
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, changed)
            elif isinstance(value, list) and any(item is old for item in value):
                setattr(parent, field, [changed if item is old else item for item in value])


def _changes(node: ast.AST, parameters: list[str]) -> Iterator[ast.AST]:
    for other in _SWAPS.get(type(node), ()):
        yield other()
    if isinstance(node, ast.BinOp):
        yield from (node.left, node.right)
        yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from map(ast.Constant, _constants(node.value))
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Attribute):
        if node.attr == "T":
            yield node.value
        elif node.attr in _NAMES:
            yield ast.Attribute(node.value, _NAMES[node.attr], node.ctx)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if node.id in _NAMES:
            yield ast.Name(_NAMES[node.id], node.ctx)
        elif node.id in parameters:
            yield from (ast.Name(p, node.ctx) for p in parameters if p != node.id)
    elif isinstance(node, ast.Slice):
        yield from _slices(node)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        yield ast.Tuple(node.elts[::-1], node.ctx)


def _constants(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, value - 1, 2 * value]
    return [value.lower(), value[:-1]] if isinstance(value, str) and value else []


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    if len(node.args) == 1 and not isinstance(node.args[0], ast.GeneratorExp):
        yield node.args[0]
    if isinstance(node.func, ast.Attribute) and not node.args:
        yield node.func.value
    if len(node.args) >= 2:
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
    for keyword in node.keywords:
        yield ast.Call(node.func, node.args, [k for k in node.keywords if k is not keyword])


def _slices(node: ast.Slice) -> Iterator[ast.AST]:
    for lower in (node.lower, None):
        for upper in (node.upper, None):
            if (lower, upper) != (node.lower, node.upper):
                yield ast.Slice(lower, upper, node.step)
    for end, other in ((node.lower, "lower"), (node.upper, "upper")):
        if end is not None:
            for step in (1, -1):
                moved = ast.BinOp(end, ast.Add(), ast.Constant(step))
                ends = {"lower": node.lower, "upper": node.upper, other: moved}
                yield ast.Slice(ends["lower"], ends["upper"], node.step)


def _shown(node: ast.AST) -> str:
    if isinstance(node, (ast.operator, ast.cmpop, ast.boolop)):
        return type(node).__name__
    return ast.unparse(node)
