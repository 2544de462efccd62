"""Signed webhooks: they sign and we verify, we sign and they verify, and both refuse the same."""

import http.client
import http.server
import json
import threading
import unittest
import uuid
from datetime import datetime, timedelta, timezone

import standardwebhooks
import svix
from server import WITHOUT_LIMITS, Server

LIBRARIES = {"svix": svix.Webhook, "standardwebhooks": standardwebhooks.Webhook}
ID, TIMESTAMP, SIGNATURE = FIELDS = ["svix-id", "svix-timestamp", "svix-signature"]


def organization_event(name="Padaria São João"):
    now = int(datetime.now(timezone.utc).timestamp() * 1000)
    organization = f"org_{uuid.uuid4().hex}"
    event = {
        "data": {
            "object": "organization",
            "id": organization,
            "name": name,
            "slug": organization.lower(),
            "created_at": now,
            "updated_at": now,
        },
        "object": "event",
        "timestamp": now,
        "type": "organization.created",
    }
    return json.dumps(event, ensure_ascii=False)


def signed(webhook, body, at=None, message=None):
    at = at or datetime.now(timezone.utc)
    message = message or f"msg_{uuid.uuid4().hex}"
    signature = webhook.sign(message, at, body)
    return {ID: message, TIMESTAMP: str(int(at.timestamp())), SIGNATURE: signature}


def flips(text):
    """Each byte in turn with its lowest bit changed: never a control character, where there was none."""
    data = text.encode() if isinstance(text, str) else text
    for place in range(len(data)):
        yield data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


class WebhookTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(**WITHOUT_LIMITS)
        cls.addClassCleanup(cls.server.stop)
        cls.connection = http.client.HTTPConnection("127.0.0.1", cls.server.port, timeout=30)
        cls.addClassCleanup(cls.connection.close)

    def post(self, headers, body):
        """The receiver's answer: status and error code."""
        body = body.encode() if isinstance(body, str) else body
        self.connection.request("POST", "/webhooks/clerk", body, {"Content-Type": "application/json", **headers})
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        return response.status, answer.get("error_code")

    def test_they_sign_and_we_verify(self):
        for name, library in LIBRARIES.items():
            webhook = library(self.server.webhook_secret)
            for seconds in [0, -290, 290]:
                with self.subTest(name, seconds=seconds):
                    body = organization_event()
                    at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
                    self.assertEqual(self.post(signed(webhook, body, at), body), (200, None))

    def test_we_sign_and_they_verify(self):
        with Receiver() as receiver:
            for arguments in [("organization", "created", "--name", "Café ☕"), ("membership", "deleted")]:
                self.server.run(
                    *["dev", "clerk-event", *arguments, "--organization", f"org_{uuid.uuid4().hex}"],
                    *["--server", receiver.address, "--directory", self.server.issuer],
                )
        self.assertEqual(len(receiver.received), 2)
        for headers, body in receiver.received:
            standard = {name.replace("svix-", "webhook-"): headers[name] for name in FIELDS}
            for name, library in LIBRARIES.items():
                with self.subTest(name):
                    webhook = library(self.server.webhook_secret)
                    webhook.verify(body, standard)
                    for changed in [body[:-1] + b" ", body + b" "]:
                        with self.assertRaises(standardwebhooks.WebhookVerificationError):
                            webhook.verify(changed, standard)
            svix.Webhook(self.server.webhook_secret).verify(body, headers)
            self.assertEqual(self.post({name: headers[name] for name in FIELDS}, body), (200, None))

    def test_any_changed_byte_is_refused(self):
        webhook = svix.Webhook(self.server.webhook_secret)
        body = organization_event()
        headers = signed(webhook, body)
        for changed in flips(body):
            self.assertEqual(self.post(headers, changed), (401, "webhook_signature_invalid"), changed)
        for field in FIELDS:
            for changed in flips(headers[field]):
                status, _ = self.post({**headers, field: changed}, body)
                self.assertIn(status, [400, 401], changed)
        self.assertEqual(self.post(headers, body), (200, None))

    def test_another_secret_is_refused(self):
        body = organization_event()
        other = svix.Webhook("whsec_" + "C" * 32)
        self.assertEqual(self.post(signed(other, body), body), (401, "webhook_signature_invalid"))

    def test_more_than_five_minutes_either_way_are_refused(self):
        for name, library in LIBRARIES.items():
            webhook = library(self.server.webhook_secret)
            for seconds in [-301, 305]:
                with self.subTest(name, seconds=seconds):
                    body = organization_event()
                    headers = signed(webhook, body, datetime.now(timezone.utc) + timedelta(seconds=seconds))
                    with self.assertRaises(standardwebhooks.WebhookVerificationError):
                        webhook.verify(body, {key.replace("svix-", "webhook-"): headers[key] for key in headers})
                    self.assertEqual(self.post(headers, body), (401, "webhook_timestamp_invalid"))

    def test_a_missing_or_blank_header_is_refused(self):
        body = organization_event()
        headers = signed(svix.Webhook(self.server.webhook_secret), body)
        for field in FIELDS:
            for value in [None, "", " ", "\t "]:
                with self.subTest(field, value=value):
                    changed = {name: headers[name] if name != field else value for name in FIELDS}
                    changed = {name: changed[name] for name in FIELDS if changed[name] is not None}
                    self.assertEqual(self.post(changed, body), (400, "webhook_headers_missing"))

    def test_one_valid_signature_of_several_is_enough(self):
        ours = svix.Webhook(self.server.webhook_secret)
        body = organization_event()
        headers = signed(ours, body)
        other = svix.Webhook("whsec_" + "C" * 32).sign(headers[ID], datetime.now(timezone.utc), body)
        for several in [f"{other} {headers[SIGNATURE]}", f"{headers[SIGNATURE]} {other}", f"v9,AAAA {headers[SIGNATURE]}"]:
            with self.subTest(several):
                ours.verify(body, {**headers, SIGNATURE: several})
                self.assertEqual(self.post({**headers, SIGNATURE: several}, body), (200, None))
        self.assertEqual(
            self.post({**headers, SIGNATURE: f"{other} {other}"}, body), (401, "webhook_signature_invalid")
        )


class Receiver:
    """Keeps what is posted to it."""

    def __enter__(self):
        self.received = received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self._server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
