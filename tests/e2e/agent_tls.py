#!/usr/bin/python3
"""The agent's two sockets over TLS: with the control plane's authority they connect, without it nothing is said."""

import os
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent_alone  # noqa: E402
import control_plane  # noqa: E402
import harness  # noqa: E402
import rfb  # noqa: E402
import tap  # noqa: E402

# libwebsockets 4.1 never frees the TLS state of a second context (docs/decisions/0028): only leaks are not looked for.
NO_LEAKS = {"ASAN_OPTIONS": harness.HANDED_ON["ASAN_OPTIONS"].replace("detect_leaks=1", "detect_leaks=0")}


class TlsPlane(control_plane.ControlPlane):
    def __init__(self, certificate, key):
        super().__init__()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.url = f"https://localhost:{self.port}"
        self.streams = True
        self.refused = threading.Event()  # a client did not like the certificate

    def serve(self, sock):
        try:
            sock = self.context.wrap_socket(sock, server_side=True)
        except OSError:
            self.refused.set()
            return
        super().serve(sock)


def main(t):
    with agent_alone.Lone(type("Nobody", (), {"bootstrap_key": "b" * 64, "url": ""}), stop_timeout=2) as lone:
        certificate, key = lone.root / "cert.pem", lone.root / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, capture_output=True)
        with TlsPlane(certificate, key) as plane:
            lone.plane = plane
            lone.start(NO_LEAKS)
            t.ok(plane.refused.wait(30), "control: an authority that the agent does not know is refused")
            t.eq((plane.registrations, plane.links.empty(), plane.stream_links.empty()), ([], True, True), "and told nothing")
            lone.current.stop()
            lone.start(NO_LEAKS, ca_file=certificate)
            link = plane.link()
            stream = plane.stream()
            t.eq(stream.query, f"agent_id=host-a&epoch={link.epoch}", "with --ca-file both sockets connect over TLS")
            link.command("start_session", "s-a", 1, agent_alone.wish("s-a"))
            link.wait("observed", lambda p: p["state"] == "running")
            screen = rfb.Rfb(stream.socket(stream.open("s-a"))).handshake()
            t.eq(screen.name, "s-a", "and a viewer has its desktop")
            t.eq(sum(len(part) for part in screen.frame().values()), 4 * screen.width * screen.height, "a whole frame of it")
            t.eq((lone.current.stop(), lone.current.complaints()), (0, []), "it ends well")


if __name__ == "__main__":
    tap.run(main)
