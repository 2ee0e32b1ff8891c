"""The open connections to one server."""

from contextlib import AsyncExitStack
from types import TracebackType

import httpx


class ServerConnections:
    """As many connections as posts under way at once, each kept for the next post.

    One client per connection: the time that httpx takes to choose a connection from a shared pool
    grows with the square of their number, and at a hundred it takes longer than the request. Use
    it as an asynchronous context manager.

    Args:
        key: Sent as a bearer token; None sends none.

    Attributes:
        key: The same.
    """

    def __init__(self, key: str | None) -> None:
        self.key = key
        self._headers = {"content-type": "application/json"}
        if key is not None:
            self._headers["authorization"] = f"Bearer {key}"
        self._certificates = httpx.create_ssl_context()
        self._idle: list[httpx.AsyncClient] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "ServerConnections":
        """Return itself; connections are opened as they are needed."""
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self._stack.__aexit__(kind, error, trace)

    async def post(self, url: str, content: bytes) -> httpx.Response:
        """Post JSON and return the whole response.

        Raises:
            httpx.HTTPError: If there is no connection or it breaks. There is no time-out.
        """
        client = self._idle.pop() if self._idle else await self._open()
        try:
            return await client.post(url, content=content)
        finally:
            self._idle.append(client)

    async def _open(self) -> httpx.AsyncClient:
        # httpx's time-outs start again with every byte, so they would bound nothing.
        client = httpx.AsyncClient(
            headers=self._headers,
            verify=self._certificates,
            timeout=None,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
        )
        return await self._stack.enter_async_context(client)
