"""Translates a module of pure whole-number Python to a JavaScript module that computes the same, to the last digit.

Every int becomes a BigInt, so both sides are exact. What lies outside a small subset stops the build with `Refused`
and its line: nothing is guessed. The subset: functions with plain arguments, assignment, if, for, return, conditional
expressions, comprehensions, tuples as rows, frozen dataclasses built by keyword, whole-number operators, slices,
functions of two arguments with `lru_cache`, and the functions and methods in HELPERS and METHODS.

The translator knows no types, so a few meanings stay with the writer: join lists with `+` only beside a list display,
compare lists item by item, and give `str` whole numbers only. Tests run the same forms through both sides.
"""

import ast
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Python's meaning of a builtin or operator, in JavaScript. Strings count and cut by code point, as in Python.
HELPERS = {
    "$order": "(a,b)=>{if(Array.isArray(a)){for(let i=0;i<a.length&&i<b.length;i++){const o=$order(a[i],b[i]);"
    "if(o)return o}return a.length-b.length}return a<b?-1:a>b?1:0}",
    "$div": "(a,b)=>{const q=a/b;return q*b!==a&&(a<0n)!==(b<0n)?q-1n:q}",
    "$mod": "(a,b)=>a-$div(a,b)*b",
    "$add": "(a,b)=>Array.isArray(a)?[...a,...b]:a+b",
    "$at": "(x,i)=>{const v=(typeof x==='string'?[...x]:x)[Number(i)];"
    "if(v===undefined)throw RangeError('index');return v}",
    # by the first argument, for as long as the second is the very same
    "$cached": "(f,n)=>{const had=new Map();let by;return (a,b)=>{if(b!==by||had.size>=n){had.clear();by=b}"
    "let v=had.get(a);if(v===undefined)had.set(a,v=f(a,b));return v}}",
    "$cut": "(x,a,b)=>typeof x!=='string'?x.slice(a,b):a===0&&x.length<=b?x:[...x].slice(a,b).join('')",
    "$get": "(m,k,d)=>m.has(k)?m.get(k):d",
    "abs": "n=>n<0n?-n:n",
    "all": "x=>x.every(v=>v)",
    "any": "x=>x.some(v=>v)",
    "dict": "x=>new Map(x)",
    "int": "s=>{if(!/^[0-9]+$/.test(s))throw SyntaxError('digits');return BigInt(s)}",
    "len": "x=>BigInt(typeof x==='string'&&!/^[\\0-\\x7f]*$/.test(x)?[...x].length:x.length??x.size)",
    "max": "(a,...r)=>r.reduce((m,b)=>b>m?b:m,a)",
    "min": "(a,...r)=>r.reduce((m,b)=>b<m?b:m,a)",
    "range": "n=>Array.from({length:Math.max(0,Number(n))},(_,i)=>BigInt(i))",
    "set": "x=>[...new Set(x)]",
    "sorted": "(x,k=v=>v)=>[...x].sort((a,b)=>$order(k(a),k(b)))",
    "str": "n=>String(n)",
    "sum": "x=>x.reduce((a,b)=>a+b,0n)",
    "zip": "(x,...r)=>{if(r.some(y=>y.length!==x.length))throw RangeError('zip');"
    "return x.map((v,i)=>[v,...r.map(y=>y[i])])}",
}
NEEDS = {"$mod": "$div", "sorted": "$order"}
ARGUMENTS = {"max": (2, 9), "min": (2, 9), "zip": (2, 9)}  # how many; one for the other builtins
KEYWORDS = {"sorted": "key", "zip": "strict"}
METHODS: dict[str, Callable[..., str]] = {  # by name and number of arguments
    "append/1": lambda x, item: f"{x}.push({item})",
    "startswith/1": lambda x, start: f"{x}.startsWith({start})",
    "endswith/1": lambda x, end: f"{x}.endsWith({end})",
    "rjust/2": lambda x, width, fill: f"{x}.padStart(Number({width}), {fill})",
    "split/1": lambda x, mark: f"{x}.split({mark})",
    "join/1": lambda mark, parts: f"{parts}.join({mark})",
    "get/2": lambda x, key, default: f"$get({x}, {key}, {default})",
    "items/0": lambda x: f"[...{x}.entries()]",
}
OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Pow: "**", ast.USub: "-", ast.Not: "!", ast.And: "&&", ast.Or: "||",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!==", ast.Is: "===",
    ast.IsNot: "!==",
}  # fmt: skip
CLAIMS = ("any", "all", "startswith", "endswith")  # calls that answer true or false
# fmt: off
TAKEN = {  # words of the language, and the globals that HELPERS rely on
    "arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do",
    "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import",
    "in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return",
    "static", "super", "switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void", "while", "with",
    "yield", "Array", "BigInt", "Map", "Math", "Number", "RangeError", "Set", "String", "SyntaxError",
}
# fmt: on
LISTS = (ast.List, ast.ListComp, ast.GeneratorExp)
MANY = (ast.List, ast.Tuple, ast.ListComp, ast.SetComp)


class Refused(Exception):
    """The source leaves the pure subset; the message names the line and the reason."""


def refusal(node: ast.AST, reason: str = "") -> Refused:
    why = reason or f"{type(node).__name__} is outside the pure subset"
    return Refused(f"line {getattr(node, 'lineno', '?')}: {why}")


def names_in(target: ast.expr) -> list[str]:
    """The plain names a target binds."""
    if isinstance(target, ast.Name):
        return [target.id]
    return [name for t in target.elts for name in names_in(t)] if isinstance(target, ast.Tuple) else []


def bound_in(f: ast.FunctionDef) -> list[tuple[str, ast.expr | None]]:
    """Names assigned anywhere in a function, each with its value where it has one of its own."""
    found: list[tuple[str, ast.expr | None]] = []
    for node in ast.walk(f):
        if isinstance(node, ast.AnnAssign):
            found += [(name, node.value) for name in names_in(node.target)]
        elif isinstance(node, ast.AugAssign):
            found += [(name, None) for name in names_in(node.target)]
        elif isinstance(node, ast.Assign):
            found += [pair for target in node.targets for pair in pairs_of(target, node.value)]
    return found


def pairs_of(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return [pair for t, v in zip(target.elts, value.elts, strict=True) for pair in pairs_of(t, v)]
    return [(name, value if isinstance(target, ast.Name) else None) for name in names_in(target)]


class Translator(ast.NodeVisitor):
    """Visits one module; each visit answers the JavaScript of its node."""

    def __init__(self) -> None:
        self.shapes: dict[str, list[str]] = {}  # dataclasses and their fields
        self.functions: dict[str, ast.FunctionDef] = {}
        self.known: list[set[str]] = [set()]  # names in scope, module constants first
        self.flags: set[str] = set()  # names that hold true or false
        self.used: set[str] = set()  # helpers to emit

    def generic_visit(self, node: ast.AST) -> str:
        raise refusal(node)

    def helper(self, name: str) -> str:
        self.used |= {name, NEEDS.get(name, name)}
        return "$" + name.strip("$")

    @contextmanager
    def scope(self, names: list[str], node: ast.AST) -> Iterator[None]:
        for name in names:
            if name in TAKEN or not name.isascii():
                raise refusal(node, f"{name} cannot be a name in JavaScript")
        self.known.append(set(names))
        yield
        self.known.pop()

    # -- truth: only of what is true or false in both languages

    def is_claim(self, node: ast.expr) -> bool:
        match node:
            case ast.Compare() | ast.Constant(value=bool()):
                return True
            case ast.BoolOp(values=values):
                return all(self.is_claim(v) for v in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.is_claim(operand)
            case ast.Name(id=name):
                return name in self.flags
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                return ast.unparse(self.functions[name].returns or node) == "bool"
            case ast.Call(func=func):
                return ast.unparse(func).split(".")[-1] in CLAIMS
        return False

    def claim(self, node: ast.expr) -> str:
        if not self.is_claim(node):
            raise refusal(node, f"write the comparison out: {ast.unparse(node)}")
        return str(self.visit(node))

    # -- the module

    def module(self, tree: ast.Module) -> str:
        body = tree.body[1:] if ast.get_docstring(tree) else tree.body
        for node in body:
            if isinstance(node, ast.ClassDef):
                self.shapes[node.name] = self.fields(node)
            elif isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node
        out = "".join(self.top(node) for node in body)
        return "".join(f"const ${k.strip('$')} = {v};\n" for k, v in HELPERS.items() if k in self.used) + out

    def top(self, node: ast.stmt) -> str:
        match node:
            case ast.ClassDef():
                return ""
            case ast.FunctionDef():
                return self.function(node)
            case ast.ImportFrom(module="dataclasses", names=[ast.alias(name="dataclass", asname=None)]):
                return ""
            case ast.ImportFrom(module="functools", names=[ast.alias(name="lru_cache", asname=None)]):
                return ""
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in TAKEN:
                out = f"const {name} = {self.visit(value)};\n"
                self.known[0].add(name)
                return out
        raise refusal(node)

    def fields(self, node: ast.ClassDef) -> list[str]:
        body = node.body[1:] if ast.get_docstring(node) else node.body
        decorators = [ast.unparse(d).split("(")[0] for d in node.decorator_list]
        if decorators != ["dataclass"] or node.bases or node.keywords:
            raise refusal(node, "a class is a dataclass without bases")
        names = [s.target.id for s in body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
        if len(names) != len(body) or any(isinstance(s, ast.AnnAssign) and s.value for s in body):
            raise refusal(node, "a dataclass holds fields without defaults, and nothing else")
        return names

    def function(self, f: ast.FunctionDef) -> str:
        args, a = [arg.arg for arg in f.args.args], f.args
        if a.defaults or a.kwonlyargs or a.vararg or a.kwarg or a.posonlyargs:
            raise refusal(f, "a function has plain arguments")
        most = self.remembered(f)
        bound = bound_in(f)
        assigned = {name for name, _ in bound}
        looped = {name for n in ast.walk(f) if isinstance(n, ast.For) for name in names_in(n.target)}
        if both := looped & (assigned | set(args)):
            raise refusal(f, f"{sorted(both)[0]} is both a loop variable and another name")
        self.flags = {arg.arg for arg in a.args if arg.annotation and ast.unparse(arg.annotation) == "bool"}
        self.flags -= {name for name, value in bound if not (value and self.is_claim(value))}
        self.flags |= {n for n in assigned if all(value and self.is_claim(value) for m, value in bound if m == n)}
        lets = sorted(assigned - set(args))
        with self.scope([f.name, *args, *sorted(assigned)], f):
            body = self.block(f.body[1:] if ast.get_docstring(f) else f.body)
        start = f"let {', '.join(lets)};\n" if lets else ""
        given, done = ", ".join(args), f"{{\n{start}{body}}}"
        if most:
            return f"export const {f.name} = {self.helper('$cached')}(({given}) => {done}, {most});\n"
        return f"export function {f.name}({given}) {done}\n"

    def remembered(self, f: ast.FunctionDef) -> int:
        """How many answers a function remembers, by its first argument; 0 for one that does not."""
        match f.decorator_list:
            case []:
                return 0
            case [ast.Call(func=ast.Name(id="lru_cache"), args=[], keywords=[ast.keyword(arg="maxsize", value=most)])]:
                kinds = [ast.unparse(a.annotation) if a.annotation else "" for a in f.args.args]
                if len(kinds) == 2 and kinds[0] in ("int", "str") and isinstance(most, ast.Constant) and most.value:
                    return int(most.value)
        raise refusal(f, "a decorator is lru_cache with its maxsize, of a text or whole number and one more argument")

    # -- statements

    def block(self, body: list[ast.stmt]) -> str:
        return "".join(self.visit(s) for s in body)

    def visit_Assign(self, n: ast.Assign) -> str:
        if len(n.targets) != 1:
            raise refusal(n, "one assignment at a time")
        return f"{self.target(n.targets[0])} = {self.visit(n.value)};\n"

    def visit_AnnAssign(self, n: ast.AnnAssign) -> str:
        if n.value is None:
            raise refusal(n, "an annotated name needs its value")
        return f"{self.target(n.target)} = {self.visit(n.value)};\n"

    def visit_AugAssign(self, n: ast.AugAssign) -> str:
        return f"{self.target(n.target)} = {self.visit_BinOp(ast.BinOp(n.target, n.op, n.value, lineno=n.lineno))};\n"

    def visit_If(self, n: ast.If) -> str:
        other = f" else {{\n{self.block(n.orelse)}}}" if n.orelse else ""
        return f"if ({self.claim(n.test)}) {{\n{self.block(n.body)}}}{other}\n"

    def visit_For(self, n: ast.For) -> str:
        if n.orelse:
            raise refusal(n, "for has no else here")
        source = self.visit(n.iter)
        with self.scope(names_in(n.target), n):
            return f"for (const {self.target(n.target)} of {source}) {{\n{self.block(n.body)}}}\n"

    def visit_Return(self, n: ast.Return) -> str:
        return f"return {self.visit(n.value) if n.value else 'null'};\n"

    def visit_Expr(self, n: ast.Expr) -> str:
        if not isinstance(n.value, ast.Call):
            raise refusal(n, "an expression alone does nothing")
        return f"{self.visit(n.value)};\n"

    # -- expressions

    def target(self, t: ast.expr) -> str:
        match t:
            case ast.Tuple(elts=elts):
                return f"[{', '.join(map(self.target, elts))}]"
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                return f"{self.visit(value)}[{self.index(index)}]"
            case ast.Name(id=name):
                return name
        raise refusal(t)

    def visit_Name(self, n: ast.Name) -> str:
        if not any(n.id in names for names in self.known):
            raise refusal(n, f"{n.id} is not known here")
        return n.id

    def visit_Constant(self, n: ast.Constant) -> str:
        match n.value:
            case None | bool():
                return json.dumps(n.value)
            case int():
                return f"{n.value}n"
            case str() if n.value.isascii():
                return json.dumps(n.value)
        raise refusal(n, f"{n.value!a} is not a whole number or an ASCII text")

    def visit_List(self, n: ast.List | ast.Tuple) -> str:
        return f"[{', '.join(map(self.visit, n.elts))}]"

    def visit_Tuple(self, n: ast.Tuple) -> str:
        return self.visit_List(n)

    def visit_Attribute(self, n: ast.Attribute) -> str:
        return f"{self.visit(n.value)}.{n.attr}"

    def index(self, n: ast.expr) -> str:
        if isinstance(n, ast.UnaryOp):
            raise refusal(n, "an index counts from the start")
        return str(self.visit(n))

    def visit_Subscript(self, n: ast.Subscript) -> str:
        if not isinstance(n.slice, ast.Slice):
            return f"{self.helper('$at')}({self.visit(n.value)}, {self.index(n.slice)})"
        if n.slice.step:
            raise refusal(n, "a slice has no step here")
        low = f"Number({self.visit(n.slice.lower)})" if n.slice.lower else "0"
        high = f", Number({self.visit(n.slice.upper)})" if n.slice.upper else ""
        return f"{self.helper('$cut')}({self.visit(n.value)}, {low}{high})"

    def visit_BinOp(self, n: ast.BinOp) -> str:
        a, b = self.visit(n.left), self.visit(n.right)
        if isinstance(n.op, (ast.FloorDiv, ast.Mod)):
            return f"{self.helper('$div' if isinstance(n.op, ast.FloorDiv) else '$mod')}({a}, {b})"
        lists = isinstance(n.left, LISTS) or isinstance(n.right, LISTS)
        if isinstance(n.op, ast.Add) and lists:
            return f"{self.helper('$add')}({a}, {b})"
        if type(n.op) not in OPERATORS or lists:
            raise refusal(n, f"{ast.unparse(n)} is outside the pure subset")
        return f"({a} {OPERATORS[type(n.op)]} {b})"

    def visit_UnaryOp(self, n: ast.UnaryOp) -> str:
        if isinstance(n.op, ast.Not):
            return f"!({self.claim(n.operand)})"
        if not isinstance(n.op, ast.USub):
            raise refusal(n)
        return f"(-({self.visit(n.operand)}))"

    def visit_BoolOp(self, n: ast.BoolOp) -> str:
        return "(" + f" {OPERATORS[type(n.op)]} ".join(map(self.claim, n.values)) + ")"

    def visit_Compare(self, n: ast.Compare) -> str:
        if len(n.ops) != 1:
            raise refusal(n, "one comparison at a time")
        left, op, right = n.left, n.ops[0], n.comparators[0]
        a, b = self.visit(left), self.visit(right)
        if isinstance(op, (ast.In, ast.NotIn)):
            return f"{'!' * isinstance(op, ast.NotIn)}{b}.includes({a})"
        if isinstance(left, MANY) or isinstance(right, MANY):
            raise refusal(n, "compare lists item by item")
        return f"({a} {OPERATORS[type(op)]} {b})"

    def visit_IfExp(self, n: ast.IfExp) -> str:
        return f"({self.claim(n.test)} ? {self.visit(n.body)} : {self.visit(n.orelse)})"

    def visit_Lambda(self, n: ast.Lambda) -> str:
        args = [a.arg for a in n.args.args]
        if n.args.defaults or n.args.vararg or n.args.kwonlyargs or n.args.kwarg:
            raise refusal(n, "a lambda has plain arguments")
        with self.scope(args, n):
            return f"({', '.join(args)}) => ({self.visit(n.body)})"

    def visit_ListComp(self, n: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> str:
        with self.scope([name for g in n.generators for name in names_in(g.target)], n):
            out = str(self.visit(n.elt))
            for k, g in enumerate(reversed(n.generators)):
                target = self.target(g.target)
                kept = "".join(f".filter(({target}) => {self.claim(c)})" for c in g.ifs)
                made = f".{'flatMap' if k else 'map'}(({target}) => ({out}))"
                out = f"[...{self.visit(g.iter)}]{kept}{'' if kept and out == target else made}"
        return out

    def visit_GeneratorExp(self, n: ast.GeneratorExp) -> str:
        return self.visit_ListComp(n)

    def visit_SetComp(self, n: ast.SetComp) -> str:
        return f"{self.helper('set')}({self.visit_ListComp(n)})"

    # -- calls

    def visit_Call(self, n: ast.Call) -> str:
        if isinstance(n.func, ast.Attribute):
            return self.method(n, n.func)
        if not isinstance(n.func, ast.Name):
            raise refusal(n)
        name = n.func.id
        if name in self.shapes:
            return self.shape(n, self.shapes[name])
        if name in self.functions and not n.keywords:
            return f"{name}({', '.join(map(self.visit, n.args))})"
        if name in self.functions or name not in HELPERS:
            raise refusal(n, f"{name}() is not known here, or not with keywords")
        return self.builtin(n, name)

    def builtin(self, n: ast.Call, name: str) -> str:
        low, high = ARGUMENTS.get(name, (1, 1))
        keywords = [k.arg for k in n.keywords]
        if not low <= len(n.args) <= high or keywords not in ([], [KEYWORDS.get(name)]):
            raise refusal(n, f"{name}() is not known with these arguments")
        args = [self.visit(a) for a in n.args]
        if name == "zip":
            if not n.keywords or ast.unparse(n.keywords[0].value) != "True":
                raise refusal(n, "zip() needs strict=True")
        else:
            args += [self.visit(k.value) for k in n.keywords]
        return f"{self.helper(name)}({', '.join(args)})"

    def method(self, n: ast.Call, func: ast.Attribute) -> str:
        x, args = self.visit(func.value), [self.visit(a) for a in n.args]
        if func.attr == "strip" and args == ['" "']:
            return f"{x}.replace(/^ +| +$/g, '')"  # trim() would take off more than spaces
        key = f"{func.attr}/{len(args)}"
        if key not in METHODS or n.keywords:
            raise refusal(n, f".{func.attr}() is not known with these arguments")
        if func.attr == "get":
            self.helper("$get")
        return METHODS[key](x, *args)

    def shape(self, n: ast.Call, fields: list[str]) -> str:
        given = {str(k.arg): self.visit(k.value) for k in n.keywords}
        if n.args or sorted(given) != sorted(fields):
            raise refusal(n, "a dataclass is built by keyword, with every field")
        return "({" + ", ".join(f"{k}: {v}" for k, v in given.items()) + "})"


def translate(source: str) -> str:
    """The JavaScript module for a Python module of the subset; every function is exported. Refused outside of it."""
    return Translator().module(ast.parse(source))
