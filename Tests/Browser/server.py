"""Starts the real program on the tests' Postgres and Redis, and speaks to it."""

import base64
import copy
import json
import os
import re
import secrets
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

DOCUMENT = "# Planos\n\n" + "\n\n".join(
    f"## Plano {number}\nO plano {number} custa R$ {number},90 por mês — \"sem multa\", com ação, coração e emoção. "
    + "Atende pelo site, pelo aplicativo e pelo telefone, das 9h às 18h. " * 6
    for number in range(1, 13)
)


# Settings that let any number of requests through.
WITHOUT_LIMITS = dict.fromkeys(
    [
        *["RATE_LIMIT_TENANT", "RATE_LIMIT_USER", "RATE_LIMIT_ADDRESS", "RATE_LIMIT_FAILED_AUTHENTICATION"],
        *["LIVE_STREAMS_TENANT", "LIVE_STREAMS_USER"],
    ],
    "1000000",
)


class Client:
    """Speaks to a server as one organisation's administrator."""

    def __init__(self, port, token):
        self.port = port
        self.token = token

    def api(self, method, path, body=None):
        """`data` of the answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v2{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with _opener.open(request, timeout=30) as response:
            return json.load(response)["data"]

    def get(self, path):
        """The body, asked for without a credential."""
        with _opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
            return response.read()


class Server(Client):
    """The program itself, until `stop`."""

    def __init__(self, **settings):
        """`settings` are variables of the environment besides those that every server needs."""
        self._directory = tempfile.TemporaryDirectory(prefix="agentes-test-")
        self.issuer = os.path.join(self._directory.name, "issuer")
        self._environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "ENVIRONMENT": "development",
            "HOST": "127.0.0.1",
            "PORT": "0",
            "DATABASE_URL": os.environ["TEST_DATABASE_URL"],
            "REDIS_URL": os.environ["TEST_REDIS_URL"],
            "MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "CLERK_ISSUER": "https://clerk.localhost",
            "CLERK_AUTHORIZED_PARTIES": "http://localhost",
            "CLERK_JWKS": os.path.join(self.issuer, "jwks.json"),
            "WEB_ASSETS": os.path.join(ROOT, ".local", "web-assets"),
            **settings,
        }
        self.run("dev", "keys", "--directory", self.issuer)
        with open(os.path.join(self.issuer, "webhook.secret"), encoding="utf-8") as file:
            self.webhook_secret = self._environment["CLERK_WEBHOOK_SECRET"] = file.read()
        self.run("migrate")
        self.organization = f"org_{secrets.token_hex(8)}"
        self._serve(self.token_of(self.organization))

    def another(self):
        """One more process with the same settings, to be stopped before this one."""
        other = copy.copy(self)
        other._serve(self.token)
        return other

    def _serve(self, token):
        self._log = []
        self._process = subprocess.Popen(
            [os.environ["TEST_AGENTES"], "serve"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        super().__init__(self._listening_port(), token)
        threading.Thread(target=self._read_log, daemon=True).start()
        self._wait_until(lambda: self._status("/ready") == 200, "the server is ready")

    def token_of(self, organization):
        """Its administrator's."""
        arguments = ["--directory", self.issuer, "--organization", organization, "--ttl", "1h"]
        return self.run("dev", "token", *arguments).strip()

    def connections(self):
        """Connections of clients that the process has not closed, whether or not there still is a client."""
        with open("/proc/net/tcp", encoding="utf-8") as file:
            cells = [line.split() for line in file.readlines()[1:]]
        return sum(local.endswith(f":{self.port:04X}") and state in ["01", "08"] for _, local, _, state, *_ in cells)

    def memory(self):
        """KiB that are resident."""
        with open(f"/proc/{self._process.pid}/status", encoding="utf-8") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))

    def stop(self):
        """SIGTERM. Fails if the server complained."""
        self._process.terminate()
        self._process.wait(timeout=40)
        self._directory.cleanup()
        complaints = [line for line in self._log if '"level":"error"' in line or not line.startswith("{")]
        assert not complaints, "\n".join(complaints)

    def make_agent(self):
        """An agent that knows twelve plans."""
        base = self.api("POST", "/knowledge/bases", {"name": "Loja"})
        document = self.api(
            "POST", "/knowledge/text", {"name": "Planos", "knowledge_base_id": base["id"], "content": DOCUMENT}
        )
        path = f"/knowledge/documents/{document['id']}"
        self._wait_until(lambda: self.api("GET", path)["status"] == "ready", "the document is indexed")
        return self.api(
            "POST",
            "/agents",
            {
                "name": "Clara",
                "description": "Tira dúvidas.",
                "system_prompt": "Você é Clara, consultora da loja.",
                "model_id": "local",
                "knowledge_base_id": base["id"],
            },
        )["id"]

    def run(self, *arguments):
        """What the program prints when it is run with these arguments."""
        return subprocess.run(
            [os.environ["TEST_AGENTES"], *arguments],
            cwd=ROOT,
            env=self._environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def _listening_port(self):
        for line in self._process.stdout:
            self._log.append(line)
            if found := re.search(r"listening on [^\"]*:(\d+)", line):
                return int(found.group(1))
        raise AssertionError("the server ended before it listened:\n" + "".join(self._log))

    def _read_log(self):
        self._log.extend(self._process.stdout)

    def _status(self, path):
        try:
            with _opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    @staticmethod
    def _wait_until(condition, what):
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, f"not within 60 s: {what}"
            time.sleep(0.05)


# The server is on this machine: no proxy of the environment has a part in it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
