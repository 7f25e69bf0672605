"""An identity provider on loopback, by OpenID Connect: what a proxy asks of one, and no more."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.stack.render import COMPONENT_SETTINGS, Object

CLIENT = COMPONENT_SETTINGS["oidcClient"]
GROUP = COMPONENT_SETTINGS["oidcGroup"]
SECRET = "the provider knows this"


class Handler(BaseHTTPRequestHandler):
    """What both servers of the test have in common."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(handler: type[Handler], tls: Path) -> Iterator[str]:
    """Serve by TLS on loopback; yield host:port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    """An identity provider: whoever comes is signed in as `user`, in `groups`."""

    def __init__(self, folder: Path) -> None:
        self._key = folder / "provider.pem"
        subprocess.run(["openssl", "genrsa", "-out", str(self._key), "2048"], check=True, capture_output=True)
        self.user = "ann"
        self.groups = [GROUP]
        self.address = ""
        self._codes: dict[str, dict[str, str]] = {}

    def token(self, **claims: object) -> str:
        """Sign a token for the signed-in user."""
        now = int(time.time())
        body: Object = {
            "iss": f"https://{self.address}",
            "aud": CLIENT,
            "sub": self.user,
            "groups": self.groups,
        }
        body |= {"email": f"{self.user}@north.internal", "iat": now, "exp": now + 600, **claims}
        parts = [encoded(json.dumps(one).encode()) for one in ({"alg": "RS256", "kid": "1"}, body)]
        signed = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", str(self._key)],
            input=".".join(parts).encode(),
            check=True,
            capture_output=True,
        )
        return ".".join([*parts, encoded(signed.stdout)])

    def keys(self) -> Object:
        command = ["openssl", "rsa", "-in", str(self._key), "-noout", "-modulus"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        modulus = bytes.fromhex(said.strip().partition("=")[2])
        return {"keys": [{"kty": "RSA", "alg": "RS256", "kid": "1", "n": encoded(modulus), "e": "AQAB"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Sign the user in; return where the browser goes next."""
        assert asked["client_id"] == CLIENT
        code = secrets.token_hex(8)
        self._codes[code] = asked
        query = urllib.parse.urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{query}"

    def exchange(self, asked: dict[str, str]) -> Object | None:
        """Give the tokens for a code to who has the verifier, and the secret of the client."""
        began = self._codes.pop(asked["code"])
        challenge = encoded(hashlib.sha256(asked["code_verifier"].encode()).digest())
        if began["code_challenge"] != challenge or began["code_challenge_method"] != "S256":
            return None
        token = self.token(nonce=began["nonce"])
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token}

    def handler(self) -> type[Handler]:
        provider = self

        class Its(Handler):
            def do_GET(self) -> None:
                path, _, query = self.path.partition("?")
                base = f"https://{provider.address}"
                if path == "/.well-known/openid-configuration":
                    said: Object = {"issuer": base, "authorization_endpoint": f"{base}/authorize"}
                    said |= {"token_endpoint": f"{base}/token", "jwks_uri": f"{base}/keys"}
                    said |= {"id_token_signing_alg_values_supported": ["RS256"]}
                    self.send(200, json.dumps(said).encode(), **{"Content-Type": "application/json"})
                elif path == "/keys":
                    body = json.dumps(provider.keys()).encode()
                    self.send(200, body, **{"Content-Type": "application/json"})
                else:
                    self.send(302, Location=provider.authorize(dict(urllib.parse.parse_qsl(query))))

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                login = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
                known = urllib.parse.unquote_plus(login) == f"{CLIENT}:{SECRET}"
                tokens = provider.exchange(dict(urllib.parse.parse_qsl(sent))) if known else None
                body = json.dumps(tokens or {"error": "invalid_grant"}).encode()
                self.send(200 if tokens else 400, body, **{"Content-Type": "application/json"})

        return Its
