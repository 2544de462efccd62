"""A TCP proxy that is a slow path: what the server sends goes on in pieces of 1,448 bytes at 4 Mbit/s."""

import os
import socket
import threading
import time

PIECE = 1448  # The payload of a TCP segment on Ethernet.
BYTES_A_SECOND = 4_000_000 / 8


class SlowProxy:
    """Listens on a free port of 127.0.0.1 and forwards to `port`; a thread for each direction of a connection.

    Threads, since an event loop's timers are in whole milliseconds, and a piece takes 2.9.
    """

    def __init__(self, port):
        self._target = port
        self._open = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.worst_delay = 0.0  # Seconds.
        self._start(self._accept)
        self._start(self._feel_pulse)

    def _feel_pulse(self):
        """Keeps in `worst_delay` how late an ordinary thread was woken. The server's are: what a thread of it that waits
        for a processor has to send piles up."""
        while self._listener.fileno() != -1:
            due = time.monotonic() + 0.001
            time.sleep(0.001)
            self.worst_delay = max(self.worst_delay, time.monotonic() - due)

    def cut(self):
        """Closes every connection that is open now."""
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            self._hang_up(end)

    def close(self):
        self._hang_up(self._listener)
        self.cut()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {client, server}
            self._start(self._forward, client, server, 65_536, float("inf"))
            self._start(self._forward, server, client, PIECE, BYTES_A_SECOND)

    def _forward(self, source, sink, size, rate):
        self._take_precedence()
        path_is_free = 0.0
        try:
            while data := source.recv(size):
                sink.sendall(data)
                path_is_free = max(path_is_free, time.monotonic()) + len(data) / rate
                time.sleep(max(0.0, path_is_free - time.monotonic()))
        except OSError:
            pass
        for end in (source, sink):
            self._hang_up(end)

    @staticmethod
    def _take_precedence():
        """Lets this thread run as soon as it is woken, where the system permits: while it waited for a processor, what was
        sent apart would be read as one, and the path be another one than it pretends to be."""
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        except PermissionError:
            pass

    def _hang_up(self, end):
        with self._lock:
            self._open.discard(end)
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()

    @staticmethod
    def _start(target, *arguments):
        threading.Thread(target=target, args=arguments, daemon=True).start()
