"""Receivers of webhooks: some answer, some hang, some fail, some close half-way, some are not there.

    receivers.py COUNT URLS ENDPOINTS RECEIVED

Writes COUNT URLs to the file URLS, a line each, whose paths say what their receiver does. ENDPOINTS will have a line for each,
its URL, the endpoint's id and its secret, before the first request. Of each request a line goes to RECEIVED before it is
answered: endpoint, webhook-id, digest of the body, whether both packages that verify signatures take it, and whether the
answer is a success.
"""

import asyncio
import hashlib
import random
import socket
import sys

import standardwebhooks
import svix

# Of ten receivers.
KINDS = ["healthy", "healthy", "hangs", "healthy", "fails", "healthy", "healthy", "closes", "healthy", "dead"]


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
            head = await reader.readuntil(b"\r\n\r\n")
            headers = dict(
                line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:] if ": " in line
            )
            headers = {name.lower(): value for name, value in headers.items()}
            body = await reader.readexactly(int(headers["content-length"]))
            endpoint, secret = self.endpoint()
            values = [
                endpoint, headers["webhook-id"], hashlib.sha256(body).hexdigest(), is_signed(secret, body, headers),
                self.kind == "healthy",
            ]
            print(*values, sep=",", file=self.received, flush=True)
            await self.answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # its process was killed
        finally:
            writer.close()

    async def answer(self, writer):
        match self.kind:
            case "healthy":
                await asyncio.sleep(random.random() * 0.03)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            case "fails":
                writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            case "closes":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            case "hangs":
                await asyncio.sleep(60)
        await writer.drain()


async def main(count, urls, endpoints, received):
    with open(received, "a", encoding="utf-8") as received:
        receivers = [Receiver(KINDS[n % len(KINDS)], endpoints, received) for n in range(int(count))]
        for receiver in receivers:
            await receiver.listen()
        with open(urls, "w", encoding="utf-8") as file:
            file.writelines(f"{receiver.url}\n" for receiver in receivers)
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
