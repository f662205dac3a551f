"""A few connections to the mail server, opened as they are needed and used again for the next mails."""

from __future__ import annotations

from workflow.mail.post.transport import Delivery, Server, Transport


class Pool:
    """Hands messages over, each on a connection that is free; there are as many as mails go at once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._free: list[Transport] = []

    @property
    def free(self) -> tuple[Transport, ...]:
        """The idle connections."""
        return tuple(self._free)

    async def send(self, body: bytes, sender: str, recipient: str) -> Delivery:
        """Sends the message; returns the outcome instead of raising on errors of a server or the network."""
        # The one used last: it is the least likely to have been hung up.
        transport = self._free.pop() if self._free else Transport(self._server)
        try:
            return await transport.send(body, sender, recipient)
        except BaseException:
            transport.drop()
            raise
        finally:
            self._free.append(transport)

    async def rest(self) -> None:
        """Closes the connections that have been idle for too long."""
        for transport in self._free:
            await transport.rest()

    async def close(self) -> None:
        """Closes each connection with QUIT."""
        for transport in self._free:
            await transport.close()
