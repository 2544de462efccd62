"""A dashboard as a browser's EventSource keeps it: it comes back with the last id that it has heard."""

import asyncio
import json
import socket
from typing import NamedTuple

PATH = "/api/v2/events/dashboard"


class Heard(NamedTuple):
    cursor: str
    event: str


class Reader:
    """Reads on one of several servers at a time; `cut` breaks its connection off, and another server may get the next."""

    def __init__(self, ports, organization, random, cursor=None):
        self.ports = ports
        self.organization = organization
        self.random = random
        self.cursor = cursor
        # One half sees all events; of the others each sees one type.
        self.type = random.choice([None, None, "lead_captured", "conversion_recorded"])
        self.heard = []
        self.gaps = []
        # Connections that were greeted.
        self.starts = 0
        self.start = None
        self._transport = None

    @property
    def last(self):
        return self.heard[-1].event if self.heard else None

    def cut(self):
        if self._transport:
            self._transport.abort() if self.random.random() < 0.5 else self._transport.close()

    def expected(self, log):
        """The ids of the events that it has to hear, of all those in the log."""
        began = next((place for place, event in enumerate(log) if event.position > self.start), len(log))
        return [
            event.id
            for event in log[began:]
            if event.is_told and event.tenant == self.organization.tenant and self.type in (None, event.type)
        ]

    async def read(self):
        while True:
            await self._read_once(self.random.choice(self.ports))
            self._transport = None

    async def _read_once(self, port):
        loop = asyncio.get_running_loop()
        closed = loop.create_future()
        try:
            self._transport, _ = await loop.create_connection(lambda: _Connection(self, closed), sock=self._socket(port))
        except OSError as error:
            raise AssertionError(f"refused: {error}") from error
        try:
            self._transport.write(self._request())
            await closed
        finally:
            self._transport.abort()

    def _socket(self, port):
        return socket.create_connection(("127.0.0.1", port))

    def _request(self):
        query = f"?types={self.type}" if self.type else ""
        header = ""
        if self.cursor:
            if self.random.random() < 0.5:
                header = f"Last-Event-ID: {self.cursor}\r\n"
            else:
                query += ("&" if query else "?") + f"last_event_id={self.cursor}"
        return (
            f"GET {PATH}{query} HTTP/1.1\r\nHost: localhost\r\n{header}"
            f"Authorization: Bearer {self.organization.token}\r\n\r\n"
        ).encode()

    def receive(self, frame):
        cursor = data = None
        for line in frame.decode().split("\n"):
            if line.startswith("id: "):
                cursor = line[4:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
        if data is None:
            if cursor is not None:
                self.cursor = cursor
                if self.start is None:
                    # Its cursor begins with the position in the order of all events.
                    self.start = int(cursor.split("-")[0], 16)
            return
        if data["type"] == "gap":
            self.gaps.append(data["data"]["reason"])
        elif data["type"] == "system_update":
            self.starts += 1
        elif data["type"] != "connection_established":
            self.heard.append(Heard(cursor, data["id"]))
            self.cursor = cursor


class StuckReader(Reader):
    """Takes nothing more once it was greeted, and does not come back; the kernel keeps little for it."""

    async def read(self):
        await self._read_once(self.ports[0])

    def receive(self, frame):
        super().receive(frame)
        if self.starts:
            self._transport.pause_reading()

    def _socket(self, port):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        return connection


class _Connection(asyncio.Protocol):
    """The frames of one answer, out of its chunks."""

    def __init__(self, reader, closed):
        self.reader = reader
        self.closed = closed
        self.raw = b""
        self.text = b""
        self.has_head = False

    def data_received(self, data):
        self.raw += data
        if not self.has_head:
            head, separator, rest = self.raw.partition(b"\r\n\r\n")
            if not separator:
                return
            if not head.startswith(b"HTTP/1.1 200 ") or b"text/event-stream" not in head:
                return self._fail(AssertionError(self.raw))
            self.has_head, self.raw = True, rest
        while True:
            length, separator, rest = self.raw.partition(b"\r\n")
            if not separator or len(rest) < (size := int(length, 16)) + 2:
                break
            self.text += rest[:size]
            self.raw = rest[size + 2 :]
        *frames, self.text = self.text.split(b"\n\n")
        try:
            for frame in frames:
                self.reader.receive(frame)
        except Exception as error:  # A frame that no client could read.
            self._fail(error)

    def connection_lost(self, _):
        if not self.closed.done():
            self.closed.set_result(None)

    def _fail(self, error):
        if not self.closed.done():
            self.closed.set_exception(error)
