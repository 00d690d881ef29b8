"""A client that sends what a browser sends, header by header: for the tests of log-in by cookie and of the page."""

import http.client
import json

import harness


class Site:
    def __init__(self, port, user=None, password=None):
        self.port = port
        self.user = user
        self.password = password
        self.bearer = harness.Rest(port).login(user, password).token if user else None

    def ask(self, method, path, data=None, headers=()):
        """One request with exactly these headers, beside Content-Length and, unless given, Host."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.putrequest(method, path, skip_host=any(name == "Host" for name, _ in headers), skip_accept_encoding=True)
            for name, value in headers:
                link.putheader(name, value)
            if data is not None:
                link.putheader("Content-Length", str(len(data)))
            link.endheaders(data)
            answer = link.getresponse()
            body = answer.read()
            found = harness.Answer(answer.status, answer.headers, body)
            found.body = body
            return found
        finally:
            link.close()

    def raw(self, method, path, data, cookie=None, origin=None, kind=None, host=None, token=None, headers=()):
        given = (("Host", host), ("Cookie", cookie), ("Origin", origin), ("Content-Type", kind),
                 ("Authorization", token and f"Bearer {token}"))
        return self.ask(method, path, data, [(n, v) for n, v in given if v is not None] + list(headers))

    def call(self, method, path, body=None, kind="", **more):
        """kind "": what a body has; None: no Content-Type at all."""
        data = None if body is None else json.dumps(body).encode()
        if kind == "":
            kind = None if body is None else "application/json"
        return self.raw(method, path, data, kind=kind, **more)

    def login(self, origin, host=None):
        return self.call("POST", "/api/v1/login", {"user": self.user, "password": self.password, "cookie": True}, origin=origin, host=host)

    def keys(self):
        return len(harness.Rest(self.port, self.bearer).must("GET", "/api/v1/api-keys?limit=200")["items"])
