"""Tenants that sign in whoever the test says, and sign what they say with a key of their own."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "5b7a4c9e-0000-4000-8000-000000000001", "fake-entra-secret"
KEY_ID = "fake-key"


class FakeEntra:
    """``with FakeEntra() as entra``: ``claims`` are those of who signs in next."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signing_key: Any = self.key
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        #: The issuer that discovery tells, where a test lets it lie.
        self.issuer_told = ""
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FakeEntra":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def issuer(self, tenant: str) -> str:
        return f"{self.url}/{tenant}/v2.0"

    def discovery(self, tenant: str) -> dict[str, Any]:
        return {
            "issuer": self.issuer_told or self.issuer(tenant),
            "authorization_endpoint": f"{self.url}/{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{self.url}/{tenant}/oauth2/v2.0/token",
            "jwks_uri": f"{self.url}/{tenant}/discovery/v2.0/keys",
            "userinfo_endpoint": f"{self.url}/{tenant}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig"}]}

    def authorize(self, tenant: str, query: dict[str, str]) -> str:
        """Where the browser goes once somebody has signed in."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**query, "tenant": tenant}
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, tenant: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        if (
            asked is None
            or asked["tenant"] != tenant
            or asked["redirect_uri"] != form.get("redirect_uri")
            or asked.get("code_challenge") != challenge.decode()
            or (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET)
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": 3600,
            "id_token": self.id_token(tenant),
        }

    def id_token(self, tenant: str) -> str:
        now = int(time.time())
        usual = {"iss": self.issuer(tenant), "aud": CLIENT_ID, "tid": tenant, "iat": now}
        claims = {**usual, "exp": now + 3600, "sub": "pairwise", **self.claims}
        return jwt.encode(
            claims, self.signing_key, algorithm=self.algorithm, headers={"kid": KEY_ID}
        )


def _handler(entra: FakeEntra) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            tenant = parts.path.split("/")[1]
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path.endswith("/.well-known/openid-configuration"):
                self._answer(200, entra.discovery(tenant))
            elif parts.path.endswith("/keys"):
                self._answer(200, entra.keys())
            elif parts.path.endswith("/authorize"):
                self.send_response(302)
                self.send_header("Location", entra.authorize(tenant, query))
                self.end_headers()
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*entra.token(self.path.split("/")[1], form))

        def _answer(self, status: int, data: dict[str, Any]) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler
