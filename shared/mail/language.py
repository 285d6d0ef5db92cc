"""The language of templates: a small part of Jinja2, in its sandbox.

A template may show variables, put them through a filter, and choose by conditions. It has no way to an attribute, a
call or a loop, so that it can neither reach anything of the program nor keep it busy; the sandbox stands behind that.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .variables import NAMES

FILTERS = frozenset({"capitalize", "d", "default", "e", "escape", "lower", "title", "trim", "upper", "urlencode"})
TESTS = frozenset({"eq", "ge", "gt", "le", "lt", "ne"})
WORDS = (
    nodes.Add, nodes.And, nodes.Compare, nodes.Concat, nodes.CondExpr, nodes.Const, nodes.Filter, nodes.If,
    nodes.Keyword, nodes.Name, nodes.Neg, nodes.Not, nodes.Operand, nodes.Or, nodes.Output, nodes.Sub, nodes.Template,
    nodes.TemplateData, nodes.Test,
)  # fmt: skip
"""All that a template may be made of."""

COMPILED = 512  # templates kept ready; there are a few dozen


class Fault(NamedTuple):
    """Something wrong in a template: in which line (from 1), and what to do about it."""

    line: int
    message: str


def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=html, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


_PLAIN, _HTML = _environment(html=False), _environment(html=True)


@lru_cache(maxsize=COMPILED)
def compiled(source: str, *, html: bool) -> Template:
    """A template ready to be rendered. jinja2.TemplateSyntaxError: something is wrong with it, see `faults`."""
    if found := faults(source):
        raise TemplateSyntaxError(found[0].message, found[0].line)
    return (_HTML if html else _PLAIN).from_string(source)


def faults(source: str) -> list[Fault]:
    """All that is wrong with a template before it is rendered, in the order of its lines."""
    try:
        tree = _PLAIN.parse(source)
        # Before anything else: to compile it, Jinja2 would work out what is constant in it, however large.
        found = sorted(set(_in_tree(tree)))
        if not found:
            # Python has a limit of its own for how deep conditions may go.
            _PLAIN.compile(source)
        return found
    except TemplateSyntaxError as error:
        return [Fault(error.lineno, _sentence(error.message or "this can't be read"))]
    except (RecursionError, SyntaxError, MemoryError):
        return [Fault(1, "Too much is nested in it: make it simpler")]


def _in_tree(tree: nodes.Template) -> Iterator[Fault]:
    for node in tree.find_all(nodes.Node):
        match node:
            case nodes.Name() if node.name not in NAMES:
                yield Fault(node.lineno, f"There is no variable {node.name}{_instead(node.name, NAMES)}")
            case nodes.Filter() if node.name not in FILTERS:
                yield Fault(node.lineno, f"There is no filter {node.name}{_instead(node.name, FILTERS)}")
            case nodes.Test() if node.name not in TESTS:
                yield Fault(node.lineno, f"There is no test {node.name}{_instead(node.name, TESTS)}")
            case _ if not isinstance(node, WORDS):
                yield Fault(node.lineno or 1, "A template can only show variables and choose by {% if %}")


def _instead(name: str, known: frozenset[str]) -> str:
    alike = difflib.get_close_matches(name, sorted(known), n=1)
    return f": did you mean {alike[0]}?" if alike else f": there are {', '.join(sorted(known))}"


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:].rstrip(".")
