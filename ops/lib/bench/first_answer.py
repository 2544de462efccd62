"""How long a client waits for the first `answer` frame of a chat, alone on the server.

    first_answer.py PORT TOKEN PATH QUESTION COUNT

Prints the median of COUNT chats in milliseconds, from sending the request to having read the frame.
"""

import socket
import statistics
import sys
import time


def wait_for_answer(port, request):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start = time.perf_counter()
        connection.sendall(request)
        answer = b""
        waited = None
        while piece := connection.recv(65_536):
            answer += piece
            if waited is None and b'\ndata: {"event":"answer",' in answer:
                waited = time.perf_counter() - start
    if not answer.startswith(b"HTTP/1.1 200 ") or b'\ndata: {"event":"done",' not in answer or waited is None:
        raise SystemExit(f"not the answer of a chat: {answer[:2000]!r}")
    return waited


def main(port, token, path, question, count):
    with open(question, "rb") as file:
        body = file.read()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    request = head.encode() + body
    print(round(1000 * statistics.median(wait_for_answer(int(port), request) for _ in range(int(count))), 3))


main(*sys.argv[1:])
