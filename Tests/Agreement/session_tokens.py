"""Session tokens: what Clerk's own library refuses, we refuse; what only we refuse is listed, with our reason.

Each mutation of a good token is shown to both. The library gets our key set in the two ways it knows: as a PEM, through
`authenticate_request`, and as a JWKS that it fetches, through `verify_token`; what either refuses, it refuses.
"""

import base64
import http.client
import http.server
import json
import os
import threading
import time
import unittest

import httpx
from clerk_backend_api.security import authenticate_request, verify_token
from clerk_backend_api.security.types import (
    AuthenticateRequestOptions,
    TokenVerificationError,
    VerifyTokenOptions,
)
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from only_we_refuse import ONLY_WE_REFUSE
from server import WITHOUT_LIMITS, Server

PARTY = "http://localhost"
REMOVED = object()
# Another type, another value, a value at an edge.
OTHERS = {
    "removed": REMOVED,
    "null": None,
    "true": True,
    "0": 0,
    "-1": -1,
    "1.5": 1.5,
    "10^30": 10**30,
    "empty text": "",
    "text": "x",
    "list": [],
    "object": {},
}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def changed(claims, path, value):
    """A copy with one member, or a member's member, set or removed."""
    copy = dict(claims)
    if len(path) > 1:
        copy[path[0]] = changed(copy[path[0]], path[1:], value)
    elif value is REMOVED:
        del copy[path[0]]
    else:
        copy[path[0]] = value
    return copy


class Mutations:
    """A good token, and tokens that differ from it in one thing, by name."""

    def __init__(self, token, key):
        self.token = token
        self.header, self.claims = (json.loads(decode(part)) for part in token.split(".")[:2])
        self.key = key

    def sign(self, header=None, claims=None, key=None, algorithm=hashes.SHA256):
        parts = [
            part if isinstance(part, bytes) else json.dumps(part).encode()
            for part in [self.header if header is None else header, self.claims if claims is None else claims]
        ]
        text = ".".join(map(encode, parts))
        signature = (key or self.key).sign(text.encode(), padding.PKCS1v15(), algorithm())
        return f"{text}.{encode(signature)}"

    def all(self):
        yield from self.claim_mutations()
        yield from self.time_mutations()
        yield from self.payload_mutations()
        yield from self.header_mutations()
        yield from self.key_mutations()
        yield from self.spelling_mutations()
        yield from self.byte_mutations()

    def claim_mutations(self):
        paths = [(name,) for name in self.claims] + [("o", name) for name in self.claims["o"]]
        for path in paths:
            for name, value in OTHERS.items():
                yield f"claim {'.'.join(path)}: {name}", self.sign(claims=changed(self.claims, path, value))
        for name in ["exp", "nbf", "iat"]:
            number = self.claims[name]
            for form, value in {"as text": str(number), "as float": float(number), "as 1e9 float": 4e9}.items():
                yield f"claim {name}: {form}", self.sign(claims=changed(self.claims, (name,), value))
        for name, value in {
            "iss": "https://clerk.example.com",
            "azp": PARTY + "/",
            "sub": "mch_1",
            "sts": "pending",
            "v": 3,
        }.items():
            yield f"claim {name}: {value}", self.sign(claims=changed(self.claims, (name,), value))
        for name in ["aud", "org_id", "org_role", "act", "crit"]:
            for form, value in {**OTHERS, "our origin": PARTY, "list of our origin": [PARTY]}.items():
                if value is not REMOVED:
                    yield f"added claim {name}: {form}", self.sign(claims={**self.claims, name: value})

    def time_mutations(self):
        now = int(time.time())
        for name in ["exp", "nbf", "iat"]:
            for seconds in [-86400, -60, 60, 86400]:
                yield f"claim {name}: now {seconds:+}", self.sign(claims={**self.claims, name: now + seconds})

    def payload_mutations(self):
        text = json.dumps(self.claims)
        forms = {
            "empty": "",
            "array": f"[{text}]",
            "text": json.dumps(text),
            "null": "null",
            "cut short": text[:-1],
            "byte order mark": "\ufeff" + text,
            "trailing text": text + "x",
            "trailing comma": text[:-1] + ",}",
            "NaN": text[:-1] + ', "x": NaN}',
            "claim twice": text[:-1] + ', "sub": "user_other"}',
            "U+0000 in sub": text.replace('"user_', '"user_\\u0000'),
            "lone surrogate in sub": text.replace('"user_', '"user_\\ud800'),
            "white space around": f" {text} ",
        }
        for name, form in forms.items():
            yield f"payload: {name}", self.sign(claims=form.encode())
        yield "payload: not UTF-8", self.sign(claims=text.encode().replace(b"user_", b"user_\xff"))
        yield "payload: UTF-16", self.sign(claims=text.encode("utf-16"))
        yield "payload: 9 KiB", self.sign(claims={**self.claims, "x": "x" * 6900})

    def header_mutations(self):
        for name in ["alg", "kid", "typ", "cat"]:
            for form, value in OTHERS.items():
                yield f"header {name}: {form}", self.sign(header=changed(self.header, (name,), value))
        values = {
            "alg": ["none", "None", "rs256", "HS256", "RS384", "RS512", "PS256", "ES256", "EdDSA"],
            "typ": ["jwt", "at+jwt", "application/at+jwt", "JWE"],
            "cat": ["cl_B7d4PD222AAA", "cl_B7d4PD333AAA", "cl_I7d4PD111III"],
            "kid": [self.header["kid"] + " ", self.header["kid"].upper(), "../jwks.json"],
            "crit": [[], ["exp"], ["b64"], "exp"],
            "b64": [False, True],
            "zip": ["DEF"],
            "jku": ["http://127.0.0.1:9/jwks.json"],
            "x5u": ["http://127.0.0.1:9/"],
            "jwk": [{"kty": "oct", "k": "AAAA"}],
            "oiat": [1],
        }
        for name, others in values.items():
            for value in others:
                yield f"header {name}: {json.dumps(value)}", self.sign(header={**self.header, name: value})
        for name, form in {"empty": b"", "array": b"[]", "null": b"null", "not JSON": b"{"}.items():
            yield f"header: {name}", self.sign(header=form)
        text = json.dumps(self.header)
        yield "header: alg twice", self.sign(header=(text[:-1] + ', "alg": "none"}').encode())
        yield "header alg: RS512, signed so", self.sign({**self.header, "alg": "RS512"}, algorithm=hashes.SHA512)
        none = ".".join([encode(json.dumps({**self.header, "alg": "none"}).encode()), self.token.split(".")[1], ""])
        yield "header alg: none, no signature", none
        yield "header alg: none, old signature", none + self.token.split(".")[2]

    def key_mutations(self):
        yield "key: another", self.sign(key=rsa.generate_private_key(65537, 2048))
        # The public key taken for a secret, the classic confusion of algorithms.
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        text = f"{encode(json.dumps({**self.header, 'alg': 'HS256'}).encode())}.{self.token.split('.')[1]}"
        code = hmac.HMAC(public, hashes.SHA256())
        code.update(text.encode())
        yield "key: the public one, as HS256 secret", f"{text}.{encode(code.finalize())}"
        text = self.token.rsplit(".", 1)[0]
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        yield "signature: PSS", f"{text}.{encode(self.key.sign(text.encode(), pss, hashes.SHA256()))}"

    def spelling_mutations(self):
        header, payload, signature = self.token.split(".")
        yield "spelling: padded signature", f"{self.token}=="
        yield "spelling: padded payload", f"{header}.{payload}{'=' * (-len(payload) % 4 or 4)}.{signature}"
        yield "spelling: standard alphabet", self.token.replace("-", "+").replace("_", "/")
        yield "spelling: foreign character in signature", f"{self.token[:-9]}!{self.token[-9:]}"
        yield "spelling: four parts", f"{self.token}.{signature}"
        yield "spelling: two parts", f"{header}.{payload}"
        yield "spelling: leading dot", f".{self.token}"
        yield "spelling: empty", "."
        yield "spelling: no signature", f"{header}.{payload}."
        yield "spelling: signature cut", self.token[:-4]
        yield "spelling: signature longer", self.token + "AAAA"

    def byte_mutations(self):
        """Each byte with its lowest bit changed."""
        names = ["header", "payload", "signature"]
        part = 0
        for place, character in enumerate(self.token):
            name = f"byte of {names[part]}" if character != "." else "byte: a dot"
            part += character == "."
            if place == len(self.token) - 1:
                # 2,048 bits are 341 digits and 2 bits.
                name = "unused bits of the last digit"
            yield name, f"{self.token[:place]}{chr(ord(character) ^ 1)}{self.token[place + 1:]}"


class SessionTokenTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(**WITHOUT_LIMITS)
        cls.addClassCleanup(cls.server.stop)
        cls.connection = http.client.HTTPConnection("127.0.0.1", cls.server.port, timeout=30)
        cls.addClassCleanup(cls.connection.close)
        cls.keys = KeyServer(os.path.join(cls.server.issuer, "jwks.json"))
        cls.addClassCleanup(cls.keys.close)
        with open(os.path.join(cls.server.issuer, "issuer.pem"), "rb") as file:
            cls.key = serialization.load_pem_private_key(file.read(), None)
        cls.pem = cls.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def clerk(self, token):
        """Why Clerk's library refuses the token; None where it accepts it."""
        request = httpx.Request("GET", "http://localhost/", headers={"Authorization": f"Bearer {token}"})
        options = AuthenticateRequestOptions(jwt_key=self.pem.decode(), authorized_parties=[PARTY])
        fetching = VerifyTokenOptions(
            secret_key="sk_test_1", api_url=self.keys.address, authorized_parties=[PARTY]
        )
        try:
            state = authenticate_request(request, options)
            if not state.is_signed_in:
                return state.reason.value[0]
            verify_token(token, fetching)
        except TokenVerificationError as error:
            return error.reason.value[0]
        except Exception as error:  # Some mistyped claims it does not expect; it does not accept them either.
            return repr(error)
        return None

    def ours(self, token):
        """The status and error code of our server."""
        self.connection.request("GET", "/api/v2/models", headers={"Authorization": f"Bearer {token}"})
        response = self.connection.getresponse()
        body = json.loads(response.read())
        return response.status, body.get("error_code")

    def test_a_development_token_is_accepted_by_both(self):
        self.assertIsNone(self.clerk(self.server.token))
        self.assertEqual(self.ours(self.server.token), (200, None))

    def test_what_they_refuse_we_refuse(self):
        both_accept, both_refuse, laxer, only_we = [], [], [], {}
        for name, token in Mutations(self.server.token, self.key).all():
            theirs, (status, code) = self.clerk(token), self.ours(token)
            self.assertIn(status, [200, 401, 403], f"{name}: {code}")
            if theirs is not None and status == 200:
                laxer.append(f"{name}: {theirs}")
            elif theirs is not None:
                both_refuse.append(name)
            elif status == 200:
                both_accept.append(name)
            else:
                place, _, change = name.partition(": ")
                only_we.setdefault(code, {}).setdefault(place, []).append(change)
        print(f"\nboth refuse {len(both_refuse)} mutations, both accept {len(both_accept)}; only we refuse:")
        for code, (why, _) in ONLY_WE_REFUSE.items():
            print(f"  {code}: {why}")
            for place, changes in only_we.get(code, {}).items():
                print(f"      {place}: {', '.join(changes)}")
        self.assertEqual(laxer, [], "we are laxer than Clerk's own library")
        self.assertGreater(len(both_refuse), 1000)
        self.assertEqual(only_we, {code: mutations for code, (_, mutations) in ONLY_WE_REFUSE.items()})


class KeyServer:
    """Serves a file as Clerk's Backend API serves its key set."""

    def __init__(self, path):
        with open(path, "rb") as file:
            keys = file.read()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(keys)))
                self.end_headers()
                self.wfile.write(keys)

            def log_message(self, *arguments):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
