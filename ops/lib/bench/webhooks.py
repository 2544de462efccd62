"""How soon webhooks arrive, and whether dead receivers delay others.

    webhooks.py PORT SECONDS TOKEN...

Each token is of an organisation of its own, which has one endpoint here. For SECONDS each, conversions are recorded in all
organisations in turn: once with receivers that all answer, once where every tenth accepts connections and says nothing.
Prints the median and the 99th percentile of the milliseconds from before a conversion is posted, so from before its
commit, until the first byte of its webhook, for both; of the second only those of receivers that answer.
"""

import asyncio
import http.client
import json
import re
import sys
import time

# Conversions a second, of all organisations together.
RATE = 40
PATIENCE = 30
AGENT = {
    "name": "Clara",
    "description": "Tira dúvidas.",
    "system_prompt": "Você é Clara, consultora da loja.",
    "model_id": "local",
}


class Organization:
    def __init__(self, port, token):
        self.client = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        agent = self.api("POST", "/agents", AGENT)["id"]
        question = {"streaming": False, "messages": [{"role": "user", "content": "Oi"}]}
        self.conversation = self.api("POST", f"/agents/{agent}/chat/stream", question)["conversation_id"]

    def api(self, method, path, body):
        self.client.request(method, f"/api/v2{path}", json.dumps(body), self.headers)
        response = self.client.getresponse()
        answer = response.read()
        if response.status not in (200, 201):
            raise SystemExit(f"{method} {path}: {response.status} {answer.decode()}")
        return json.loads(answer)["data"]

    def listen(self, url):
        body = {"name": "bench", "url": url, "events": ["conversion_recorded"]}
        self.webhook = self.api("POST", "/webhooks", body)["id"]

    def move(self, url):
        self.api("PATCH", f"/webhooks/{self.webhook}", {"url": url})


class Receiver(asyncio.Protocol):
    """Notes when the first byte of each webhook came."""

    arrivals = {}

    def connection_made(self, transport):
        self.transport = transport
        self.began = None
        self.data = b""

    def data_received(self, data):
        self.began = self.began or time.monotonic()
        self.data += data
        head, _, body = self.data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length and len(body) >= int(length[1]):
            value = json.loads(body)["data"]["value"]
            self.arrivals.setdefault(value, self.began)
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            self.transport.close()


async def measure(organizations, awaited, seconds, first):
    """Milliseconds of each webhook of the awaited organisations, sorted."""
    sent = {}
    start = time.monotonic()
    for number in range(RATE * seconds):
        await asyncio.sleep(start + number / RATE - time.monotonic())
        organization = organizations[number % len(organizations)]
        value = f"{first + number}.00"
        body = {"conversation_id": organization.conversation, "value": value}
        if organization in awaited:
            sent[value] = time.monotonic()
        await asyncio.to_thread(organization.api, "POST", "/conversions", body)
    deadline = time.monotonic() + PATIENCE
    while not sent.keys() <= Receiver.arrivals.keys():
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(sent.keys() - Receiver.arrivals.keys())} of {len(sent)} webhooks have not arrived")
        await asyncio.sleep(0.05)
    return sorted((Receiver.arrivals[value] - began) * 1000 for value, began in sent.items())


async def main(port, seconds, *tokens):
    loop = asyncio.get_running_loop()
    answering = await loop.create_server(Receiver, "127.0.0.1", 0, backlog=1000)
    silent = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0, backlog=1000)
    url, silence = (f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/" for server in (answering, silent))
    organizations = [Organization(int(port), token) for token in tokens]
    for organization in organizations:
        organization.listen(url)
    # Caches and plans.
    await measure(organizations, organizations, 2, 1000)
    healthy = await measure(organizations, organizations, int(seconds), 10_000)
    for organization in organizations[::10]:
        organization.move(silence)
    awaited = [organization for number, organization in enumerate(organizations) if number % 10]
    beside = await measure(organizations, awaited, int(seconds), 100_000)
    print(*(round(delays[len(delays) * part // 100], 1) for delays in (healthy, beside) for part in (50, 99)))


asyncio.run(main(*sys.argv[1:]))
