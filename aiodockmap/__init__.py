"""Container maps for asyncio."""
