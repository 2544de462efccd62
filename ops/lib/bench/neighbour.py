"""What a tenant at its limit costs its neighbour.

    neighbour.py PORT TOKEN LIMITED_TOKEN SECONDS

Asks for the list of agents, 150 times a second over one connection, with TOKEN for SECONDS while nobody else asks and for as
long while LIMITED_TOKEN's tenant, which is at its limit, asks over 64 connections, each again as soon as it is answered; in
turns of a second, ordered so that neither comes first, with a second before each in which nothing is measured. A request is
due at its time: one that is held up by that before it counts from then. Prints the 99th percentile beside the other tenant
divided by the one without, then both in milliseconds and how many requests of the limited tenant were refused and how many
were let in.
"""

import multiprocessing
import selectors
import socket
import sys
import time

RATE = 150
FLOOD_CLIENTS = 64
TURN = 1


class Client:
    """A connection that asks, and says when it was answered."""

    def __init__(self, port, token):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(30)
        head = f"GET /api/v2/agents HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
        self.request = head.encode()
        self.answer = b""

    def ask(self):
        self.socket.sendall(self.request)

    def read(self):
        """The status, once the whole answer is there; until then None."""
        if not (piece := self.socket.recv(65_536)):
            raise SystemExit("the server has hung up")
        self.answer += piece
        head, separator, body = self.answer.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return None
        self.answer = b""
        return int(head.split(b" ", 2)[1])

    def wait(self):
        self.ask()
        while (status := self.read()) is None:
            pass
        return status


def flood(port, token, asks, statuses):
    """Asks while it is told to, from all connections at once."""
    clients = [Client(port, token) for _ in range(FLOOD_CLIENTS)]
    counts = {}
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
        idle = set(clients)
        while not asks["end"].is_set():
            if asks["now"].is_set():
                for client in idle:
                    client.ask()
                idle = set()
            for key, _ in selector.select(0.05):
                client = key.data
                if (status := client.read()) is None:
                    continue
                counts[status] = counts.get(status, 0) + 1
                if asks["now"].is_set():
                    client.ask()
                else:
                    idle.add(client)
    statuses.put(counts)


def latencies(client, seconds):
    start = time.perf_counter()
    times = []
    for number in range(int(RATE * seconds)):
        due = start + number / RATE
        while (wait := due - time.perf_counter()) > 0:
            time.sleep(wait)
        if (status := client.wait()) != 200:
            raise SystemExit(f"the neighbour was answered {status}")
        times.append(time.perf_counter() - due)
    return times


def percentile99(times):
    return sorted(times)[int(0.99 * len(times))]


def main(port, token, limited_token, seconds):
    port, seconds = int(port), int(seconds)
    asks = {"now": multiprocessing.Event(), "end": multiprocessing.Event()}
    statuses = multiprocessing.Queue()
    spender = Client(port, limited_token)
    if not any(spender.wait() == 429 for _ in range(1000)):
        raise SystemExit("the tenant has no limit")
    flooding = multiprocessing.Process(target=flood, args=(port, limited_token, asks, statuses))
    flooding.start()
    client = Client(port, token)
    alone, beside = [], []
    for turn in range(int(2 * seconds / TURN)):
        (times, change) = (beside, asks["now"].set) if turn % 4 in (1, 2) else (alone, asks["now"].clear)
        change()
        latencies(client, TURN)
        times += latencies(client, TURN)
    asks["end"].set()
    counts = statuses.get()
    flooding.join()
    refused, admitted = counts.pop(429, 0), counts.pop(200, 0)
    if counts or refused < 10 * admitted:
        raise SystemExit(f"not at its limit: {refused} refused, {admitted} admitted, others {counts}")
    quiet, busy = percentile99(alone), percentile99(beside)
    print(f"{busy / quiet:.3f} {1000 * busy:.2f} {1000 * quiet:.2f} {refused} {admitted}")


main(*sys.argv[1:])
