"""Keeping the values of environment variables out of what engines say."""

from __future__ import annotations

from typing import Final

from ..errors import EngineError
from ..model import JsonObject

SHORTEST_SECRET: Final = 6
"""Characters; shorter values are words like `true` that messages have for other reasons."""
REDACTED: Final = "***"


def without_values(error: EngineError, body: JsonObject) -> EngineError:
    """The same error, its message without the values of the body's environment variables.

    Engines quote settings that they refuse.
    """
    message = error.message
    variables = body.get("Env")
    for variable in variables if isinstance(variables, list | tuple) else ():
        name, equals, value = str(variable).partition("=")
        if equals and value:
            message = message.replace(f"{name}={value}", f"{name}={REDACTED}")
            if len(value) >= SHORTEST_SECRET:
                message = message.replace(value, REDACTED)
    if message == error.message:
        return error
    return type(error)(
        message,
        resource=error.resource,
        call=error.call,
        status=error.status,
        advice=error.advice,
    )
