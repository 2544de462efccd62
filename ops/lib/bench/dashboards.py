"""What open dashboards cost.

    dashboards.py PORT TOKEN PID COUNT SECONDS

Opens COUNT dashboard streams, one after the other, leaves them alone for SECONDS and prints by how many KiB each has
made the server's process grow, and how many KiB of kernel memory there are for each. The client's end of each
connection is in the kernel too, so a server's part of that is about half.
"""

import selectors
import socket
import sys
import time


def resident(pid):
    """KiB of memory of a process."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def kernel():
    """KiB of the kernel's objects and of sockets' buffers."""
    with open("/proc/meminfo") as file:
        slab = next(int(line.split()[1]) for line in file if line.startswith("Slab:"))
    with open("/proc/net/sockstat") as file:
        pages = next(int(line.split()[-1]) for line in file if line.startswith("TCP:"))
    return slab + pages * 4


def open_stream(port, token):
    stream = socket.create_connection(("127.0.0.1", port))
    stream.sendall(
        f"GET /api/v2/events/dashboard HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    answer = b""
    while b'"type":"system_update"' not in answer:
        piece = stream.recv(65_536)
        answer += piece
        if not piece or not answer.startswith(b"HTTP/1.1 200 "[: len(answer)]):
            raise SystemExit(f"not a dashboard stream: {answer!r}")
    stream.setblocking(False)
    return stream


def read_for(streams, seconds):
    """Reads the heartbeats, as a browser does; a stream that ends is a failure."""
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            for key, _ in selector.select(rest):
                if not key.fileobj.recv(65_536):
                    raise SystemExit("a dashboard stream ended")


def main(port, token, pid, count, seconds):
    count = int(count)
    before = resident(pid), kernel()
    streams = [open_stream(int(port), token) for _ in range(count)]
    read_for(streams, int(seconds))
    after = resident(pid), kernel()
    print(*(round((new - old) / count, 1) for old, new in zip(before, after)))


if __name__ == "__main__":
    main(*sys.argv[1:])
