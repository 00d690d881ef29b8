#!/usr/bin/python3
"""trusted_proxies: whose address stands in the log. X-Forwarded-For counts from trusted addresses only, and of it
only the rightmost address that is not trusted: the rest is what a client says about himself."""

import http.client

import harness

# X-Forwarded-For, the client behind proxies of 127.0.0.0/8, 10.0.0.0/8 and 2001:db8:1::/48
CASES = (
    ("203.0.113.9", "203.0.113.9"),
    ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
    ("203.0.113.9, 10.1.2.3", "203.0.113.9"),
    ("203.0.113.9,10.1.2.3,\t10.1.2.4", "203.0.113.9"),
    ("203.0.113.9:4711", "203.0.113.9"),
    ("2001:db8::9", "2001:db8::9"),
    ("[2001:db8::9]:4711, 2001:db8:1::7", "2001:db8::9"),
    ("::ffff:203.0.113.9", "203.0.113.9"),
    ("10.1.2.3, 10.1.2.4", "10.1.2.3"),
    ("203.0.113.9, unknown, 10.1.2.3", "10.1.2.3"),
    ("unknown", "127.0.0.1"),
    ("", "127.0.0.1"),
    ("203.0.113.9,", "127.0.0.1"),
    ("1.2.3.4.5", "127.0.0.1"),
    (None, "127.0.0.1"),
)


def peer_of(server, answer_headers):
    request = answer_headers["X-Request-Id"]

    def find():
        lines = [line for line in server.log.splitlines() if f"id={request} " in line and " request " in line]
        return lines[0] if lines else None

    line = harness.wait_for("the request in the log", find)
    return next(word[5:] for word in line.split() if word.startswith("peer=")).strip('"')


def ask(server, *values):
    """One request with as many such headers."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        link.putrequest("GET", "/api/v1/none")
        for value in values:
            link.putheader("X-Forwarded-For", value)
        link.endheaders()
        answer = link.getresponse()
        answer.read()
        return answer.headers
    finally:
        link.close()


def refuses(stack, option):
    done = harness.subprocess.run([harness.BUILD / "streamspaced", "--trusted-proxies", option, "--listen", "127.0.0.1:0",
                                   "--internal-listen", "127.0.0.1:0"], env={**stack.server_environment(), **harness.HANDED_ON},
                                  capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def main(t):
    with harness.Stack(server=False) as stack:
        trusting = stack.start_server(options=("--trusted-proxies", "127.0.0.0/8, 10.0.0.0/8,2001:db8:1::/48"))
        for value, want in CASES:
            got = peer_of(trusting, ask(trusting, *([] if value is None else [value])))
            t.eq(got, want, f"X-Forwarded-For: {value}")
        got = peer_of(trusting, ask(trusting, "198.51.100.1", "203.0.113.9, 10.1.2.3"))
        t.eq(got, "203.0.113.9", "several headers are one list")
        plain = stack.start_server(port=harness.free_port())
        got = peer_of(plain, ask(plain, "203.0.113.9"))
        t.eq(got, "127.0.0.1", "without trusted proxies the header says nothing")
        other = stack.start_server(port=harness.free_port(), options=("--trusted-proxies", "10.0.0.0/8"))
        got = peer_of(other, ask(other, "203.0.113.9"))
        t.eq(got, "127.0.0.1", "nor from an address that is not trusted")
        for option in ("10.0.0.0/33", "10.0.0", "2001:db8::/129", "10.0.0.0/", "here"):
            code, text = refuses(stack, option)
            t.ok(code == 2 and "trusted_proxies" in text, f"--trusted-proxies {option} is refused at start")
        for server in (trusting, plain, other):
            t.eq(server.complaints(), [], "the sanitizers have nothing to say")


if __name__ == "__main__":
    harness.main(main)
