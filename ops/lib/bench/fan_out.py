"""How soon open dashboards hear of a conversion, and what they cost while they do.

    fan_out.py PORT TOKEN PID COUNT CONVERSATION CONVERSIONS

Opens COUNT dashboard streams, and records CONVERSIONS of the conversation one after the other, each when all streams
have heard of the last. Prints the 99th percentile of the milliseconds from before a conversion is posted, so from before
its commit, until a stream has its event, and by how many KiB each stream has made the server's process grow.
"""

import http.client
import json
import selectors
import sys
import time

from dashboards import open_stream, resident

PATIENCE = 30


def hear(selector, streams, event):
    """When each stream has had the event. Heartbeats come between."""
    heard = []
    rest = dict.fromkeys(streams, b"")
    deadline = time.monotonic() + PATIENCE
    while rest:
        if not (ready := selector.select(deadline - time.monotonic())):
            raise SystemExit(f"{len(rest)} of {len(streams)} streams have not heard of {event}")
        for key, _ in ready:
            stream = key.fileobj
            if not (piece := stream.recv(65_536)):
                raise SystemExit("a dashboard stream ended")
            if stream in rest:
                rest[stream] += piece
                if event in rest[stream]:
                    heard.append(time.monotonic())
                    del rest[stream]
    return heard


def main(port, token, pid, count, conversation, conversions):
    before = resident(pid)
    streams = [open_stream(int(port), token) for _ in range(int(count))]
    client = http.client.HTTPConnection("127.0.0.1", int(port))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    delays = []
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)
        for number in range(int(conversions)):
            value = f"{1000 + number}.00"
            start = time.monotonic()
            body = json.dumps({"conversation_id": conversation, "value": value})
            client.request("POST", "/api/v2/conversions", body, headers)
            delays += [heard - start for heard in hear(selector, streams, f'"value":"{value}"'.encode())]
            if (answer := client.getresponse()).status != 201 or not answer.read():
                raise SystemExit(f"the conversion was not recorded: {answer.status}")
    grown = (resident(pid) - before) / len(streams)
    delays.sort()
    print(round(delays[len(delays) * 99 // 100] * 1000, 1), round(grown, 1))


main(*sys.argv[1:])
