"""Whether the values that a person gives fit the parameters of a job. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.specs import Parameter

from .problems import Problem


def checked_params(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each parameter, defaults filled in. Raises `bad_params` with all that is wrong."""
    names = {parameter.name for parameter in parameters}
    wrong = [f"there is no parameter {name!r}" for name in given if name not in names]
    values: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.name not in given:
            if parameter.required:
                wrong.append(f"{parameter.name!r} is missing")
            elif parameter.default is not None:
                values[parameter.name] = parameter.default
        elif complaint := _complaint(parameter, given[parameter.name]):
            wrong.append(f"{parameter.name!r} must be {complaint}")
        else:
            values[parameter.name] = given[parameter.name]
    if wrong:
        raise Problem("bad_params", f"The parameters can't be used: {'; '.join(wrong)}.")
    return values


def _complaint(parameter: Parameter, value: Any) -> str:
    match parameter.kind:
        case "text":
            return "" if isinstance(value, str) else "a text"
        case "integer":
            return "" if isinstance(value, int) and not isinstance(value, bool) else "a whole number"
        case "boolean":
            return "" if isinstance(value, bool) else "true or false"
        case "choice":
            return "" if value in parameter.choices else f"one of {', '.join(parameter.choices)}"
