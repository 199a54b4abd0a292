"""Small faults in Python source, one at a time: a comparison, a constant, a lost statement."""

from __future__ import annotations

import ast
import copy
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

_OTHER: dict[type, tuple[type, ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
_OTHER_NAME = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}
_OTHER_METHOD = {
    "startswith": "endswith",
    "endswith": "startswith",
    "issuperset": "isdisjoint",
    "issubset": "isdisjoint",
    "union": "intersection",
    "intersection": "union",
    "update": "difference_update",
}
# What a reader's type checker sees, and words: no fault there changes what is decided.
_TYPES = {"annotation", "returns", "decorator_list", "type_params"}
_TYPE_NAMES = {"Literal", "TypeVar", "cast"}


@dataclass(frozen=True)
class Mutant:
    """One fault: the ``variant``-th of the ``place``-th place of a file; the lines it is on."""

    path: Path
    place: int
    variant: int
    lines: frozenset[int]
    outside: bool
    words: str

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}:{min(self.lines)}: {self.words}"

    @property
    def name(self) -> str:
        """The description without its line."""
        return f"{self.path.parent.name}/{self.path.name}: {self.words}"

    def tree(self) -> ast.Module:
        """The module with the fault."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        spot = list(spots(tree))[self.place]
        spot.put(variants(spot.node)[self.variant])
        return ast.fix_missing_locations(tree)


@dataclass(frozen=True)
class Spot:
    """A node where it hangs; ``lines`` are those of its statement."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    lines: frozenset[int]
    outside: bool

    def put(self, new: ast.AST) -> None:
        """Hang another node there."""
        ast.copy_location(new, self.node)
        if self.index is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.index] = new


def mutants(room: Path, without: Container[str] = ()) -> Iterator[Mutant]:
    """All faults of a room's files, but for some by name."""
    for path in sorted(path for path in room.glob("*.py") if path.name not in without):
        for place, spot in enumerate(spots(ast.parse(path.read_text(encoding="utf-8")))):
            for number, new in enumerate(variants(spot.node)):
                words = f"{_short(spot.node)} -> {_short(new)}"
                yield Mutant(path, place, number, spot.lines, spot.outside, words)


def spots(
    tree: ast.AST, lines: frozenset[int] = frozenset(), outside: bool = True
) -> Iterator[Spot]:
    """The nodes that may be changed, each before those within it."""
    for field, value in ast.iter_fields(tree):
        several = isinstance(value, list)
        for index, node in enumerate(value if several else [value]):
            if not isinstance(node, ast.AST) or field in _TYPES or _is_words(node):
                continue
            own = _lines(node, lines)
            once = outside or isinstance(tree, ast.arguments)
            yield Spot(tree, field, index if several else None, node, own, once)
            yield from spots(node, own, once and not isinstance(node, ast.FunctionDef | ast.Lambda))


def variants(node: ast.AST) -> list[ast.AST]:
    """What a node may be changed to."""
    kinds = (_operators, _conditions, _statements, _values, _calls)
    return [new for kind in kinds for new in kind(node)]


def _operators(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Compare(ops=[one]):
            return [_with(node, ops=[other()]) for other in _OTHER[type(one)]]
        case ast.BoolOp(op=op, values=values):
            fewer = values[0] if len(values) == 2 else ast.BoolOp(op, values[:-1])
            return [_with(node, op=_OTHER[type(op)][0]()), fewer]
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            return [_with(node, op=other()) for other in _OTHER.get(type(op), ())]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return [operand]
        case _:
            return []


def _conditions(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.If(test=test) | ast.IfExp(test=test):
            changed = isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp)  # as operators
            return [] if changed else [_with(node, test=ast.UnaryOp(ast.Not(), test))]
        case ast.comprehension(ifs=[_, *_]):
            return [_with(node, ifs=[])]
        case _:
            return []


def _statements(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            return [ast.Return(ast.Constant(None))]
        case ast.Expr() | ast.Continue() | ast.Break() | ast.Assign(targets=[ast.Subscript()]):
            return [ast.Pass()]
        case _:
            return []


def _values(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Slice():
            return [_with(node, **{k: None}) for k in ("lower", "upper") if getattr(node, k)]
        case ast.Constant(value=bool() as value):
            return [ast.Constant(not value)]
        case ast.Constant(value=int() | float() as value):
            return [ast.Constant(value + 1)]
        case ast.Constant(value=str() as value) if value:
            return [ast.Constant("")]
        case _:
            return []


def _calls(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _OTHER_NAME:
            if name == "sorted" and node.keywords:
                return []
            return [_with(node, func=ast.Name(_OTHER_NAME[name], ast.Load()))]
        case ast.Call(func=ast.Attribute(attr=name) as func) if name in _OTHER_METHOD:
            return [_with(node, func=_with(func, attr=_OTHER_METHOD[name]))]
        case _:
            return []


def _is_words(node: ast.AST) -> bool:
    """Whether a node is words, types or what is raised with them."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.JoinedStr() | ast.Import():
            return True
        case ast.Constant(value=str() as text):
            return " " in text
        case ast.If(test=ast.Name(id=name)):
            return name == "TYPE_CHECKING"
        case ast.FunctionDef(name=name):
            return name == "__repr__"
        case ast.Subscript(value=ast.Name(id=name)) | ast.Call(func=ast.Name(id=name)):
            return name in _TYPE_NAMES
        case ast.Assign(targets=[ast.Name()], value=ast.BinOp(op=ast.BitOr())) as alias:
            return all(isinstance(n, ast.Name | ast.BinOp) for n in _operands(alias.value))
        case _:
            return False


def _operands(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, ast.BinOp):
        yield from _operands(node.left)
        yield from _operands(node.right)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _with(node: ast.AST, **changed: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in changed.items():
        setattr(new, name, value)
    return new


def _lines(node: ast.AST, around: frozenset[int]) -> frozenset[int]:
    if isinstance(node, ast.stmt) and (hasattr(node, "body") or isinstance(node, ast.Match)):
        return frozenset({node.lineno})
    if isinstance(node, ast.stmt | ast.expr):
        own = frozenset(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        return own if isinstance(node, ast.stmt) else own | around
    return around


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) < 70 else text[:67] + "…"
