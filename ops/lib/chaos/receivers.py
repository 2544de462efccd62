"""Receivers of webhooks: some answer, some hang, some fail, some close half-way, some are not there.

    receivers.py URLS ENDPOINTS RECEIVED

Writes the URL of each to the file URLS, a line each, whose path says what the receiver does. ENDPOINTS will have a line for
each, its URL, its endpoint's id, its secret and the one that comes after it, before the first request. Of each request a line
goes to RECEIVED before it is answered: endpoint, webhook-id, webhook-timestamp, digest of the body, whether both packages that
verify signatures take it with the one secret and with the other, whether it came to another path, and the answer's status.
"""

import asyncio
import hashlib
import random
import sys

import standardwebhooks
import svix

# Four of each of five tenants. All but `other` want what happens; `rated` so many a second, `rotates` gets a new secret.
KINDS = [
    *["healthy", "healthy", "hangs", "redirects"],
    *["healthy", "fails", "healthy", "dead"],
    *["healthy", "closes", "rated", "drips"],
    *["rotates", "healthy", "hangs", "gone"],
    *["healthy", "throttles", "dead", "other"],
]
STATUS = {"hangs": 0, "closes": 0, "drips": 0, "fails": 500, "redirects": 302, "gone": 410}
# Of the events, by the first byte of their digest, those that come too fast for `throttles`, and for how many seconds.
TOO_FAST = range(10)
PAUSE = 7


def is_signed(secret, body, headers):
    try:
        standardwebhooks.Webhook(secret).verify(body, headers)
        svix.Webhook(secret).verify(body, headers)
        return True
    except (standardwebhooks.WebhookVerificationError, svix.WebhookVerificationError):
        return False


class Receiver:
    def __init__(self, kind, endpoints, received):
        self.kind, self.endpoints, self.received = kind, endpoints, received
        self.throttled = set()

    async def listen(self):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{self.kind}"
        if self.kind == "dead":
            server.close()

    def endpoint(self):
        with open(self.endpoints, encoding="utf-8") as lines:
            return next((line.split()[1:] for line in lines if line.split()[0] == self.url))

    async def serve(self, reader, writer):
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines if ": " in line)
            headers = {name.lower(): value for name, value in headers.items()}
            body = await reader.readexactly(int(headers["content-length"]))
            endpoint, *secrets = self.endpoint()
            status = self.status(headers["webhook-id"])
            values = [
                *[endpoint, headers["webhook-id"], headers["webhook-timestamp"], hashlib.sha256(body).hexdigest()],
                *(is_signed(secret, body, headers) for secret in secrets),
                *[first.split()[1] != f"/{self.kind}", status],
            ]
            print(*values, sep=",", file=self.received, flush=True)
            await self.answer(writer, status)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # its process was killed
        finally:
            writer.close()

    def status(self, event):
        if self.kind == "throttles" and hashlib.sha256(event.encode()).digest()[0] in TOO_FAST:
            if event not in self.throttled:
                self.throttled.add(event)
                return 429
        return STATUS.get(self.kind, 200)

    async def answer(self, writer, status):
        match self.kind:
            case "hangs":
                await asyncio.sleep(60)
            case "closes":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            case "drips":
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(600):
                    writer.write(b"1\r\nx\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.1)
            case _:
                await asyncio.sleep(random.random() * 0.03)
                more = {302: "Location: /elsewhere\r\n", 429: f"Retry-After: {PAUSE}\r\n"}.get(status, "")
                writer.write(f"HTTP/1.1 {status} So\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


async def main(urls, endpoints, received):
    with open(received, "a", encoding="utf-8") as received:
        receivers = [Receiver(kind, endpoints, received) for kind in KINDS]
        for receiver in receivers:
            await receiver.listen()
        with open(urls, "w", encoding="utf-8") as file:
            file.writelines(f"{receiver.url}\n" for receiver in receivers)
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
