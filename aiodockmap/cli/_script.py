"""The output of a script, passed on as it comes."""

from __future__ import annotations

import click

from ..client import ScriptStream
from ..execute import ScriptResult


async def pass_on(script: ScriptStream) -> bool:
    """Print what scripts print, to the same streams; say at the end whether all of them ended well.

    Lines of several containers begin with the container's name.
    """
    async for line in script:
        stamp = f"{line.timestamp} " if line.timestamp else ""
        origin = f"{line.container}: " if script.is_several else ""
        click.echo(f"{origin}{stamp}{line.text}", nl=line.ends_line, err=line.stream == "stderr")
    ended = [
        (engine, instance, result)
        for engine, found in script.results.items()
        for instance, result in (
            ((None, found),) if isinstance(found, ScriptResult) else found.items()
        )
    ]
    for engine, instance, result in ended:
        if result.exit_code != 0:
            who = " ".join(
                filter(None, (instance, f"on {engine}" if len(script.results) > 1 else ""))
            )
            what = result.error or f"the script ended with exit code {result.exit_code}"
            click.echo(f"{who}: {what}" if who else what, err=True)
    return bool(ended) and all(result.exit_code == 0 for _, _, result in ended)
