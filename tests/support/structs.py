"""Any value of a struct, for tests that must hold for all of them."""

from __future__ import annotations

from datetime import UTC
from functools import cache
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct, inspect

# JavaScript's largest whole number (ECMA-262, Number.MAX_SAFE_INTEGER): larger ones are not the same everywhere.
LARGEST = 2**53 - 1
MOST = 3  # elements in a tuple or an object

PLAIN: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.StrType: st.text(),
    inspect.FloatType: st.floats(allow_nan=False, allow_infinity=False),
    inspect.BoolType: st.booleans(),
    inspect.NoneType: st.none(),
    inspect.UUIDType: st.uuids(),
    inspect.DateTimeType: st.datetimes(timezones=st.just(UTC)),
    inspect.AnyType: st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(),
}


@cache
def structs(struct: type[Struct]) -> st.SearchStrategy[Any]:
    """All values of a struct; optional fields are left out now and then."""
    kind = inspect.type_info(struct)
    assert isinstance(kind, inspect.StructType)
    required = {field.name: _values(field.type) for field in kind.fields if field.required}
    optional = {field.name: _values(field.type) for field in kind.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: struct(**values))


def _values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    if type(kind) in PLAIN:
        return PLAIN[type(kind)]
    if isinstance(kind, inspect.IntType):
        return st.integers(-LARGEST if kind.ge is None else kind.ge, LARGEST if kind.le is None else kind.le)
    return _composed(kind)


def _composed(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.StructType():
            return structs(kind.cls)
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.UnionType():
            return st.one_of(*map(_values, kind.types))
        case inspect.VarTupleType():
            return st.lists(_values(kind.item_type), max_size=MOST).map(tuple)
        case inspect.DictType():
            return st.dictionaries(_values(kind.key_type), _values(kind.value_type), max_size=MOST)
    raise TypeError(f"no values are known of {kind}: add them here")
