#!/usr/bin/python3
"""Bad requests: each is refused with the right status and code, says where, and changes nothing."""

import json
import re
import socket
import subprocess

import harness
import openapi

JSON = {"Content-Type": "application/json"}


def raw(port, data, timeout=10):
    """Send bytes as they are and read until the server closes, or says no more for a while."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as link:
        link.sendall(data)
        link.settimeout(3)
        got = b""
        try:
            while chunk := link.recv(65536):
                got += chunk
                head, found, body = got.partition(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                if found and length and len(body) >= int(length.group(1)):
                    break
        except (TimeoutError, ConnectionResetError):
            pass
        return got


def status_of(answer):
    found = re.match(rb"HTTP/1\.1 (\d+)", answer)
    return int(found.group(1)) if found else None


def problem(t, answer, status, code, name, **members):
    good = answer.status == status and answer.code == code
    good = good and all(answer.json.get(k) == v for k, v in members.items())
    if not t.ok(good, f"{name}: {status} {code} {members or ''}"):
        t.diag(answer)
        return
    t.ok(answer.headers["Content-Type"] == "application/problem+json"
         and answer.json["status"] == status and answer.json["title"] and answer.json["detail"]
         and answer.json["type"] == f"urn:streamspace:error:{code}"
         and answer.json["request_id"] == answer.headers["X-Request-Id"], f"{name}: a whole problem")


def bodies(t, user):
    path = "/api/v1/sessions"

    def post(body, **head):
        return user.call("POST", path, body, headers={**JSON, **{k.replace("_", "-"): v for k, v in head.items()}})

    problem(t, post(b'{"template":"terminal","owner":"ada","role":"x"}'), 422, "unknown_field", "unknown field",
            pointer="/role")
    problem(t, post(b'{"template":"terminal","a/b~c":1}'), 422, "unknown_field", "escapes in a pointer",
            pointer="/a~1b~0c")
    problem(t, post(b'{"template":7}'), 422, "wrong_type", "number for a string", pointer="/template")
    problem(t, post(b'{"template":null}'), 422, "wrong_type", "null for a required field", pointer="/template")
    problem(t, post(b'{"Template":"terminal"}'), 422, "unknown_field", "names are exact", pointer="/Template")
    problem(t, post(b'{}'), 422, "missing_field", "missing field", pointer="/template")
    problem(t, post(b''), 422, "missing_field", "no body", pointer="/template")
    problem(t, post(b'[]'), 422, "wrong_type", "array as body", pointer="")
    problem(t, post(b'"terminal"'), 422, "wrong_type", "string as body", pointer="")
    problem(t, post(b'{"template":"a","template":"b"}'), 400, "duplicate_key", "key twice", pointer="/template")
    problem(t, post(b'{"template":"\xff\xfe"}'), 400, "invalid_utf8", "bad UTF-8")
    problem(t, post(b'{"template":"\xed\xa0\x80"}'), 400, "invalid_utf8", "surrogate in UTF-8")
    for name, text in {"truncated": b'{"template":"ter', "trailing": b'{"template":"x"} {}', "NUL": b'{"template":"a\\u0000b"}',
                       "raw NUL": b'{"template":"a\0b"}', "comment": b'{/**/"template":"x"}', "single quotes": b"{'template':'x'}",
                       "NaN": b'{"template":NaN}', "not JSON": b"template=terminal", "byte order mark": b'\xef\xbb\xbf{"template":"x"}'}.items():
        answer = post(text)
        t.ok(answer.status == 400 and answer.code in ("invalid_json", "invalid_utf8"), f"{name}: 400 {answer.code}")
    for depth in (40, 5000, 400000):
        problem(t, post(b'{"template":' + b"[" * depth + b"]" * depth + b"}"), 400, "too_deep", f"{depth} levels")
    problem(t, post(b'{"template":' + b'{"a":' * 100000), 400, "too_deep", "100,000 open objects")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", "", "application/json; charset=latin-1"):
        problem(t, post(b'{"template":"terminal"}', Content_Type=kind), 415, "unsupported_media_type", f"type {kind!r}")
    answer = post(b'{"template":"none"}', Content_Type="Application/JSON; charset=UTF-8")
    problem(t, answer, 404, "template_not_found", "case of a media type does not matter")
    problem(t, user.call("POST", "/api/v1/me", b"{}", headers=JSON), 405, "method_not_allowed", "method")
    problem(t, user.call("GET", "/api/v1/me", b'{"x":1}', headers=JSON), 422, "unknown_field", "body of a GET", pointer="/x")


def sizes(t, user):
    limit = 1 << 20
    padded = json.dumps({"template": "none"}).encode()
    exact = padded + b" " * (limit - len(padded))
    problem(t, user.call("POST", "/api/v1/sessions", exact, headers=JSON), 404, "template_not_found", "a body of exactly 1 MiB is read")
    for size in (limit + 1, 3 * limit):
        problem(t, user.call("POST", "/api/v1/sessions", b" " * size, headers=JSON), 413, "body_too_large", f"{size} bytes")
    auth = f"Authorization: Bearer {user.token}\r\nContent-Type: application/json\r\n".encode()
    line = b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\n" + auth
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    t.eq(status_of(raw(user.port, line + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17 + b"0\r\n\r\n")), 413, "chunked, 17 times 64 KiB")
    good = b'{"template":"none"}'
    t.eq(status_of(raw(user.port, line + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(good), good))), 404, "chunked, small")
    t.eq(status_of(raw(user.port, line + b"Content-Length: 99999999999\r\n\r\n{}")), 413, "Content-Length far too large is answered at once")
    t.eq(status_of(raw(user.port, line + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")), 413, "... and instead of 100 Continue")
    for name, head in {"negative": b"Content-Length: -1", "words": b"Content-Length: many", "2^64 and more": b"Content-Length: 18446744073709551617",
                       "unknown encoding": b"Transfer-Encoding: gzip", "two encodings": b"Transfer-Encoding: gzip, chunked",
                       "both lengths": b"Content-Length: 2\r\nTransfer-Encoding: chunked",
                       "two lengths": b"Content-Length: 2\r\nContent-Length: 3"}.items():
        got = raw(user.port, line + head + b"\r\n\r\n{}")
        t.ok(status_of(got) in (400, 413, None), f"length {name}: {status_of(got)}")
    got = raw(user.port, line + b"Content-Length: 2\r\n\r\n{}GET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n", timeout=5)
    t.eq(status_of(got), 422, "what follows a body is another request")
    with socket.create_connection(("127.0.0.1", user.port)) as link:
        link.sendall(line + b"Content-Length: 500\r\n\r\n{}")
    t.ok(user.get("/api/v1/me").status == 200, "a body shorter than announced harms nobody")


def paths(t, user):
    for path in ("/api", "/api/v1", "/api/v1/", "/api/v1/sessions/", "//api/v1/me", "/api/v1/../v1/me", "/api/v1/me/x", "/api/v2/me",
                 "/API/v1/me", "/metrics", "/api/v1/sessions/a/b", "/api/v1/sessions/a:b:c", "/favicon.ico"):
        problem(t, user.get(path), 404, "route_not_found", path)
    for path in ("/api/v1/sessions/%", "/api/v1/sessions/%zz", "/api/v1/sessions/a%00b", "/api/v1/sessions/%ff"):
        problem(t, user.get(path), 400, "bad_request", path)
    problem(t, user.get("/api/v1/sessions/s-%27%3b--"), 404, "session_not_found", "quotes in an id")
    problem(t, user.get("/api/v1/sessions/" + "x" * 5000), 404, "session_not_found", "a long id")
    answer = user.call("DELETE", "/api/v1/sessions")
    problem(t, answer, 405, "method_not_allowed", "DELETE of a list")
    t.eq(answer.headers["Allow"], "POST, GET, HEAD", "Allow names the methods")
    t.eq(user.post("/api/v1/sessions/x:hibernate").status, 404, "a verb is part of its route")
    answer = user.call("HEAD", "/api/v1/me")
    t.ok(answer.status == 200 and answer.text == "" and int(answer.headers["Content-Length"]) > 0, "HEAD is GET without a body")
    answer = user.get("/api/v1/me", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    problem(t, answer, 426, "upgrade_required", "an upgrade where there is none")
    problem(t, user.get("/api/v1/agents/connect"), 426, "upgrade_required", "no upgrade where there must be one")
    t.eq(status_of(raw(user.port, b"\r\nGET /api/v1/agents/connect?agent_id=x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n")), 426,
         "an upgrade that the door does not recognise")
    for target in (b"http://x/livez", b"HTTPS://x:1/livez", b"/livez"):
        t.eq(status_of(raw(user.port, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")), 200, f"{target.decode()} names a path")
    for target in (b"http:/livez", b"ftp://x/livez", b"http://x//livez", b"http://x/LIVEZ", b"http://x/favicon.ico"):
        t.eq(status_of(raw(user.port, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")), 404, f"{target.decode()} does not")
    t.eq(status_of(raw(user.port, b"GET http://x/api/v1/agents/connect HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n")), 426,
         "an upgrade with an absolute URI")


def no_dry_run(t, user):
    """Routes that change something and have no dry run refuse one, instead of doing it in earnest."""
    table = json.loads(subprocess.run([harness.BUILD / "streamspaced", "routes"], text=True, capture_output=True, check=True).stdout)
    once = [r for r in table if r["method"] != "GET" and not r["mutates"]]
    t.eq(sorted(r["name"] for r in once), ["change_password", "explain_placement", "login", "logout", "register_agent", "report_activity", "set_password"], "seven routes have no dry run")
    for route in once:
        answer = user.call(route["method"], route["path"] + "?dry_run=true", {f["name"]: "abc" for f in route["body"] if f["required"]},
                           headers={"X-Agent-API-Key": "0" * 64})
        problem(t, answer, 422, "unknown_parameter", f"a dry run of {route['name']}", parameter="dry_run")
    t.eq(user.get("/api/v1/me").status, 200, "and nobody was logged out")


def queries(t, user, admin):
    problem(t, user.get("/api/v1/sessions?colour=red"), 422, "unknown_parameter", "unknown parameter", parameter="colour")
    problem(t, user.get("/api/v1/me?x"), 422, "unknown_parameter", "parameter without a value", parameter="x")
    problem(t, user.get("/api/v1/sessions?dry_run=true"), 422, "unknown_parameter", "a query has no dry run", parameter="dry_run")
    for limit in ("x", "", "1.5", "0x10", "99999999999999999999", "-", "1e3", "+1"):
        problem(t, user.get(f"/api/v1/sessions?limit={limit}"), 422, "invalid_argument", f"limit={limit}", parameter="limit")
    for limit in ("0", "-1", "201", "2147483647"):
        problem(t, user.get(f"/api/v1/sessions?limit={limit}"), 422, "invalid_argument", f"limit={limit}")
    problem(t, user.get("/api/v1/sessions?limit=1&limit=2"), 422, "invalid_argument", "limit twice", parameter="limit")
    for cursor in ("x", "%27", "AAAA", "a" * 3000):
        problem(t, user.get(f"/api/v1/sessions?cursor={cursor}"), 422, "invalid_argument", f"cursor={cursor[:9]}")
    problem(t, user.get("/api/v1/sessions?state=happy"), 422, "invalid_argument", "no such state")
    problem(t, user.get("/api/v1/sessions?state=%zz"), 400, "bad_request", "malformed escape")
    problem(t, user.get("/api/v1/sessions?owner=%ff"), 400, "bad_request", "bad UTF-8 in a query")
    problem(t, user.get("/api/v1/sessions?owner=%00"), 400, "bad_request", "NUL in a query")
    problem(t, user.delete("/api/v1/sessions/x?force=1"), 422, "invalid_argument", "force=1", parameter="force")
    for key in ("", "x" * 201, "a b"):
        answer = admin.post("/api/v1/users", {"name": "eve"}, headers={"Idempotency-Key": key})
        problem(t, answer, 422, "invalid_argument", f"Idempotency-Key of {len(key)}", header="Idempotency-Key")
    t.eq(status_of(raw(user.port, b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n")), 400,
         "two Authorization headers")
    t.ok(status_of(raw(user.port, b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100000 + b"\r\n\r\n")) in (413, 431, None), "a huge header")
    t.ok(status_of(raw(user.port, b"GET /" + b"y" * 100000 + b" HTTP/1.1\r\n\r\n")) in (404, 414, 431, None), "a huge path")
    t.ok(status_of(raw(user.port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n\n")) in (400, None), "TLS at a plain port")


def accounts(t, stack, user):
    anyone = stack.anonymous()
    admin = stack.ADMIN
    for name, password in ((admin, "wrong-password"), ("nobody", "wrong-password"), (admin, ""), (admin, "x" * 2000), ("\u202e", "x")):
        answer = anyone.post("/api/v1/login", {"user": name, "password": password})
        problem(t, answer, 401, "invalid_credentials", f"log-in of {name!a}, {len(password)} bytes")
    problem(t, anyone.post("/api/v1/login", {"user": admin, "password": "x", "org": "other"}), 401, "invalid_credentials", "unknown organisation")
    for token in ("", "x", "Z" * 64, "0" * 63, "0" * 65):
        problem(t, anyone.post("/api/v1/set-password", {"token": token, "password": "long enough"}), 401, "token_invalid", f"token of {len(token)}")
    problem(t, anyone.post("/api/v1/set-password", {"token": "0" * 64, "password": "long enough"}), 401, "token_invalid", "unknown token")
    for password in ("", "seven77", "x" * 1025):
        answer = anyone.post("/api/v1/set-password", {"token": "0" * 64, "password": password})
        problem(t, answer, 422, "invalid_argument", f"password of {len(password)} bytes", pointer="/password")
    problem(t, user.post("/api/v1/users", {"name": "eve"}), 403, "forbidden", "a user creates no users")
    answer = anyone.get("/api/v1/me", headers={"Authorization": "Bearer " + "0" * 64})
    problem(t, answer, 401, "unauthorized", "unknown token")
    t.eq(answer.headers["WWW-Authenticate"], "Bearer", "401 says how")
    other = stack.anonymous().login("ada", user.password)
    t.eq(other.post("/api/v1/logout").json, {"logged_out": True}, "log-out")
    problem(t, other.get("/api/v1/me"), 401, "unauthorized", "after log-out")
    problem(t, other.post("/api/v1/logout"), 401, "unauthorized", "log-out twice")
    t.eq(user.get("/api/v1/me").json["name"], "ada", "the other log-in still holds")


def headers(t, user):
    answer = user.get("/api/v1/me")
    for name, value in {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
                        "Referrer-Policy": "no-referrer", "Content-Type": "application/json"}.items():
        t.eq(answer.headers[name], value, f"{name}: {value}")


FIRST_LINES = (
    (b"GARBAGE\r\n\r\n", 400),
    (b"GET /livez\r\n\r\n", 400),
    (b"GET /livez\0x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET\t/livez\tHTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(64), 400),  # TLS
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    (b"GET /livez HTTP/1.2\r\nHost: x\r\n\r\n", 505),
)


def first_lines(t, stack):
    """What is no request line is refused by the front door, as a problem too, and the connection ends."""
    def counted():
        metrics = harness.Rest(stack.internal_port).get("/metrics").text
        return int(re.search(r'door_connections_total{event="refused_malformed"} (\d+)', metrics).group(1))

    before = counted()
    for data, status in FIRST_LINES:
        head, _, body = raw(stack.port, data).partition(b"\r\n\r\n")
        t.eq(status_of(head), status, f"{data[:20]}: {status}")
        answer = json.loads(body or b"{}")
        t.ok(b"application/problem+json" in head and b"Connection: close" in head and answer.get("status") == status
             and answer.get("code") == "bad_request", f"{data[:20]}: a problem")
    t.eq(counted() - before, len(FIRST_LINES), "each is counted")


def fingerprint(db):
    """Sessions, commands, users, templates, agents: a count of each and of all events."""
    tables = "session agent_command app_user template template_revision agent session_event request"
    sums = ", ".join(f"(SELECT count(*) FROM streamspace_data.{table})" for table in tables.split())
    return db.query(f"SELECT {sums};", user=None)


def main(t):
    described = openapi.Watch()
    with harness.Stack() as stack:
        user = stack.user("ada")
        stack.template("terminal")
        before = fingerprint(stack.db)
        headers(t, user)
        bodies(t, user)
        sizes(t, user)
        paths(t, user)
        queries(t, user, stack.admin)
        no_dry_run(t, user)
        first_lines(t, stack)
        accounts(t, stack, user)
        t.eq(fingerprint(stack.db), before, "nothing has changed")
        t.ok(stack.server.running(), "the server is up")
        described.check(t)
        t.eq(stack.server.stop(), 0, "and stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")
        t.ok(user.token not in stack.server.log and user.password not in stack.server.log, "no secret in its log")


if __name__ == "__main__":
    harness.main(main)
