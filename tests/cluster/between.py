"""A proxy between a program and an HTTP server, whose answers a test may change.

    with Between("https://127.0.0.1:6443", ca=folder() / "ca.crt", tls=directory) as proxy:
        proxy.before = lambda method, path: None           # called before a request is passed on; may answer (status, document)
        proxy.after = lambda method, path, answer: answer  # answer.status, .headers (dict), .document or .body
"""

import http.client
import http.server
import json
import ssl
import subprocess
import threading
import urllib.parse

DROPPED = ("connection", "content-length", "transfer-encoding", "accept-encoding", "content-encoding", "host", "keep-alive")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        try:
            self.document = json.loads(body)
        except ValueError:
            self.document = None

    def set(self, document):
        self.document = document
        self.body = json.dumps(document).encode()
        return self


class Between:
    def __init__(self, target, ca=None, tls=None):
        self.target = urllib.parse.urlsplit(target)
        self.context = ssl.create_default_context(cafile=str(ca)) if ca else None
        self.before = lambda method, path: None
        self.after = lambda method, path, answer: answer
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                outer.pass_on(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

            def log_message(self, *_):
                pass

            def send_response(self, code, message=None):  # the date is the server's
                self.send_response_only(code, message)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.certificate = None
        scheme = "http"
        if tls:
            self.certificate, key = tls / "between.crt", tls / "between.key"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-days", "2", "-subj", "/CN=between", "-addext", "subjectAltName=IP:127.0.0.1",
                            "-keyout", key, "-out", self.certificate], check=True, capture_output=True, timeout=60)
            own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            own.load_cert_chain(self.certificate, key)
            self.server.socket = own.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def pass_on(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        path = handler.path
        self.requests.append((handler.command, path))
        said = self.before(handler.command, path)
        if isinstance(said, str):
            path = said
        if isinstance(said, tuple):
            answer = Answer(said[0], {"Content-Type": "application/json"}, json.dumps(said[1]).encode())
        else:
            kind = http.client.HTTPSConnection if self.context else http.client.HTTPConnection
            more = {"context": self.context} if self.context else {}
            link = kind(self.target.hostname, self.target.port, timeout=60, **more)
            headers = {k: v for k, v in handler.headers.items() if k.lower() not in DROPPED}
            link.request(handler.command, path, body or None, headers)
            got = link.getresponse()
            answer = Answer(got.status, dict(got.getheaders()), got.read())
            link.close()
        answer = self.after(handler.command, path, answer)
        handler.send_response(answer.status)
        for key, value in answer.headers.items():
            if key.lower() not in DROPPED:
                handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def reset(self):
        self.before = lambda method, path: None
        self.after = lambda method, path, answer: answer
        self.requests.clear()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
