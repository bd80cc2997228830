"""The output of a script, passed on as it comes."""

from __future__ import annotations

from ..client import ScriptStream
from ..execute import ScriptResult
from ._options import as_typed
from ._output import remark, write


async def pass_on(script: ScriptStream) -> int | None:
    """Print what scripts print, to the same streams, and say at the end which of them did not end well.

    Lines of several containers begin with the container's name.

    Returns:
        The first exit code that is not 0, if there is one; None if a script has not ended in time, or ran
        nowhere.
    """
    async for line in script:
        stamp = f"{line.timestamp} " if line.timestamp else ""
        origin = f"{line.container}: " if script.is_several else ""
        write(f"{origin}{stamp}{line.text}", nl=line.ends_line, err=line.stream == "stderr")
    ended = [
        (engine, instance, result)
        for engine, found in script.results.items()
        for instance, result in (
            ((None, found),) if isinstance(found, ScriptResult) else found.items()
        )
        if result.id  # else the run has failed, which is told by whoever sees it fail
    ]
    for engine, instance, result in ended:
        if result.exit_code != 0:
            who = " ".join(
                filter(None, (instance, f"on {engine}" if len(script.results) > 1 else ""))
            )
            what = (
                as_typed(result.error or "")
                or f"the script ended with exit code {result.exit_code}"
            )
            remark(f"{who}: {what}" if who else what)
    codes = [result.exit_code for _, _, result in ended]
    if not codes or None in codes:
        return None
    return next((code for code in codes if code), 0)
