"""What a tenant at its limit costs its neighbour.

    neighbour.py PORT TOKEN LIMITED_TOKEN SECONDS

Asks for the list of agents, 150 times a second over one connection, with TOKEN for SECONDS while nobody else asks and for as
long while LIMITED_TOKEN's tenant, which is at its limit, asks 200 times a second over four; in turns of half a second,
ordered so that neither comes first. A request is due at its time: one that is held up by that before it counts from then.
Prints the 99th percentile beside the other tenant divided by the one without, then both in milliseconds and how many
requests of the limited tenant were refused and how many were let in.
"""

import http.client
import multiprocessing
import sys
import time

RATE = 150
FLOOD_RATE = 200
FLOOD_CLIENTS = 4
TURN = 0.5


class Client:
    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self):
        self.connection.request("GET", "/api/v2/agents", headers=self.headers)
        response = self.connection.getresponse()
        response.read()
        return response.status


def flood(port, token, interval, asks, statuses):
    """Asks each `interval` while it is told to."""
    client = Client(port, token)
    counts = {}
    while not asks["end"].is_set():
        if not asks["now"].wait(0.1):
            continue
        start = time.monotonic()
        status = client.ask()
        counts[status] = counts.get(status, 0) + 1
        time.sleep(max(0, interval - (time.monotonic() - start)))
    statuses.put(counts)


def latencies(client, seconds):
    start = time.perf_counter()
    times = []
    for number in range(int(RATE * seconds)):
        due = start + number / RATE
        while (wait := due - time.perf_counter()) > 0:
            time.sleep(wait)
        if (status := client.ask()) != 200:
            raise SystemExit(f"the neighbour was answered {status}")
        times.append(time.perf_counter() - due)
    return times


def percentile99(times):
    return sorted(times)[int(0.99 * len(times))]


def main(port, token, limited_token, seconds):
    port, seconds = int(port), int(seconds)
    asks = {"now": multiprocessing.Event(), "end": multiprocessing.Event()}
    statuses = multiprocessing.Queue()
    flood_arguments = (port, limited_token, FLOOD_CLIENTS / FLOOD_RATE, asks, statuses)
    floods = [multiprocessing.Process(target=flood, args=flood_arguments) for _ in range(FLOOD_CLIENTS)]
    for process in floods:
        process.start()
    spender = Client(port, limited_token)
    if not any(spender.ask() == 429 for _ in range(1000)):
        raise SystemExit("the tenant has no limit")
    client = Client(port, token)
    latencies(client, 1)
    alone, beside = [], []
    for turn in range(int(2 * seconds / TURN)):
        if turn % 4 in (1, 2):
            asks["now"].set()
            beside += latencies(client, TURN)
            asks["now"].clear()
        else:
            alone += latencies(client, TURN)
    asks["end"].set()
    counts = {}
    for _ in floods:
        for status, count in statuses.get().items():
            counts[status] = counts.get(status, 0) + count
    for process in floods:
        process.join()
    refused, admitted = counts.pop(429, 0), counts.pop(200, 0)
    if counts or refused < 10 * admitted:
        raise SystemExit(f"not at its limit: {refused} refused, {admitted} admitted, others {counts}")
    quiet, busy = percentile99(alone), percentile99(beside)
    print(f"{busy / quiet:.3f} {1000 * busy:.2f} {1000 * quiet:.2f} {refused} {admitted}")


main(*sys.argv[1:])
