#!/usr/bin/python3
"""Log-in by cookie: its flags by where the page came from, who may use it, and that nobody else can make a browser
use it. A bearer token needs none of this and counts first."""

import json
import re

import harness
import web

LOGIN = "/api/v1/login"
TOKEN = r"[0-9a-f]{64}"
SECURE = re.compile(rf"__Host-streamspace=({TOKEN}); Path=/; Secure; HttpOnly; SameSite=Strict")
LOOPBACK = re.compile(rf"streamspace=({TOKEN}); Path=/; HttpOnly; SameSite=Strict")


def check_flags(t, site):
    """Origin, Host, what Set-Cookie says (None: refused)."""
    own = f"127.0.0.1:{site.port}"
    for origin, host, want in (
            (f"http://{own}", own, LOOPBACK),
            (f"http://localhost:{site.port}", f"localhost:{site.port}", LOOPBACK),
            (f"http://[::1]:{site.port}", f"[::1]:{site.port}", LOOPBACK),
            ("https://desk.example", "desk.example", SECURE),
            ("https://desk.example", "desk.example:443", SECURE),
            ("https://desk.example:8443", "desk.example:8443", SECURE),
            ("https://127.0.0.1", "127.0.0.1", SECURE),
            ("http://desk.example", "desk.example", None),
            ("http://127.0.0.1.evil.example", "127.0.0.1.evil.example", None),
            ("https://desk.example", "desk.example:8443", None),
            ("https://evil.example", "desk.example", None),
            (f"http://127.0.0.1:{site.port + 1}", own, None),
            (f"http://{own}/", own, None),
            (f"http://{own}, https://evil.example", own, None),
            ("null", own, None),
            ("", own, None),
            (None, own, None)):
        answer = site.login(origin, host)
        name = f"log-in from {origin} at {host}"
        cookies = answer.headers.get_all("Set-Cookie") or []
        if want is None:
            t.eq((answer.status, answer.code, cookies), (403, "origin_refused", []), f"{name}: refused")
        else:
            t.ok(answer.status == 200 and len(cookies) == 1 and want.fullmatch(cookies[0]), f"{name}: {want.pattern[:20]}…") \
                or t.diag(f"{answer!r} {cookies}")
            t.ok("token" not in answer.json and cookies[0].split("=")[1][:64] not in answer.text, f"{name}: the body has no token")
    plain = site.call("POST", LOGIN, {"user": site.user, "password": site.password})
    t.ok(plain.status == 200 and re.fullmatch(TOKEN, plain.json["token"]) and plain.headers["Set-Cookie"] is None,
         "without `cookie` the token stands in the body as before")
    odd = site.call("POST", LOGIN, {"user": site.user, "password": site.password, "cookie": "yes"})
    t.eq((odd.status, odd.code), (422, "wrong_type"), "`cookie` is true or false")


def check_reading(t, site, cookie):
    get = lambda line, **more: site.call("GET", "/api/v1/me", cookie=line, **more)
    name, token = cookie.split("=")
    t.eq(get(cookie).json["name"], site.user, "a GET needs the cookie only")
    t.eq(get(f"theme=dark; {cookie}; x=y").status, 200, "among others")
    t.eq(get(f"x={token}; {name}x={token}; X-{cookie}").code, "unauthorized", "by its whole name only")
    t.eq(get(f"{cookie}; {cookie}").code, "unauthorized", "twice it is none")
    for value in (token[:-1], token + "0", token.upper() if token != token.upper() else "z" * 64, f'"{token}"', "", "0" * 64):
        t.eq(get(f"{name}={value}").status, 401, f"a value of {len(value)} characters opens nothing")
    t.eq(get(f"__Host-{name}={token}").status, 200, "under the name of https as well")
    t.eq(get(cookie, host="desk.example").code, "unauthorized", "the name of loopback counts on loopback only")
    t.eq(get(f"__Host-{name}={token}", host="desk.example").status, 200, "that of https everywhere")
    t.eq(get(cookie, token="0" * 64).code, "unauthorized", "Authorization counts before the cookie")
    t.eq(get(f"{name}={'0' * 64}", token=site.bearer).status, 200, "also when the cookie is worth nothing")
    t.eq(site.call("GET", "/api/v1/me", headers=[("Cookie", cookie), ("Cookie", cookie)]).status, 400, "one header of cookies")


def check_mutations(t, site, cookie):
    """A change by cookie: Origin, Content-Type, whether it is done."""
    own = f"http://127.0.0.1:{site.port}"
    body = {"name": "from-page", "scopes": ["read"]}
    for origin, kind, good in ((own, "application/json", True), (own, "application/json; charset=utf-8", True),
                               (own, "text/plain", False), (own, "application/x-www-form-urlencoded", False),
                               (own, "multipart/form-data; boundary=x", False), (own, None, False),
                               (None, "application/json", False), ("null", "application/json", False),
                               (f"http://127.0.0.1:{site.port + 1}", "application/json", False),
                               (f"http://127.0.0.1:{site.port}.evil.example", "application/json", False),
                               ("https://evil.example", "application/json", False)):
        before = site.keys()
        answer = site.call("POST", "/api/v1/api-keys", body, cookie=cookie, origin=origin, kind=kind)
        name = f"a change by cookie from {origin} as {kind}"
        t.eq((answer.status, None if good else answer.code), (201, None) if good else (403, "origin_refused"), name)
        t.eq(site.keys() - before, 1 if good else 0, f"{name}: {'' if good else 'not '}done")
    form = site.raw("POST", "/api/v1/api-keys", json.dumps(body)[:-1].encode() + b',"x":"=1"}', cookie, "https://evil.example", "text/plain")
    t.eq(form.code, "origin_refused", "what a form of a foreign page can send is refused")
    for method, path in (("DELETE", "/api/v1/logins/none"), ("PATCH", "/api/v1/settings"), ("PUT", "/api/v1/groups/x"),
                         ("POST", "/api/v1/logout")):
        t.eq(site.call(method, path, cookie=cookie, kind="application/json").code, "origin_refused", f"{method} without Origin")
        t.eq(site.call(method, path, cookie=cookie, origin=own, kind=None).code, "origin_refused", f"{method} without a body or a type")
    done = site.call("DELETE", "/api/v1/logins/none", cookie=cookie, origin=own, kind="application/json")
    t.eq(done.code, "login_not_found", "with both it reaches the database")
    t.eq(site.call("POST", "/api/v1/api-keys", body, token=site.bearer, origin="https://evil.example").status, 201,
         "a bearer token needs no Origin")
    for method in ("OPTIONS", "GET"):
        answer = site.call(method, "/api/v1/api-keys", cookie=cookie, origin="https://evil.example",
                           headers=[("Access-Control-Request-Method", "POST")])
        allowed = [name for name in answer.headers if name.lower().startswith("access-control")]
        t.eq(allowed, [], f"{method}: nobody is allowed by CORS")


def check_logout(t, site):
    own = f"http://127.0.0.1:{site.port}"
    line = site.login(own).headers["Set-Cookie"].split(";")[0]
    answer = site.call("POST", "/api/v1/logout", cookie=line, origin=own, kind="application/json")
    t.eq((answer.status, answer.headers["Set-Cookie"]), (200, "streamspace=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"),
         "log-out takes the cookie away")
    t.eq(site.call("GET", "/api/v1/me", cookie=line).status, 401, "and ends the log-in")
    secure = site.login("https://desk.example", "desk.example").headers["Set-Cookie"].split(";")[0]
    answer = site.call("POST", "/api/v1/logout", cookie=secure, origin="https://desk.example", host="desk.example", kind="application/json")
    t.eq(answer.headers["Set-Cookie"], "__Host-streamspace=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0",
         "by https with its own flags")
    token = site.call("POST", LOGIN, {"user": site.user, "password": site.password}).json["token"]
    answer = site.call("POST", "/api/v1/logout", {}, token=token)
    t.eq((answer.status, answer.headers["Set-Cookie"]), (200, None), "log-out by token says nothing of cookies")


def check_origins(t, stack, site):
    """The option: behind a proxy that writes its own Host."""
    server = stack.start_server(port=harness.free_port(),
                                options=("--origins", "https://desk.example https://alt.example:8443, http://localhost:3000"))
    there = web.Site(server.port, site.user, site.password)
    own = f"127.0.0.1:{there.port}"
    for origin, want in (("https://desk.example", SECURE), ("https://desk.example:443", SECURE), ("https://DESK.example", SECURE),
                         ("https://alt.example:8443", SECURE), ("http://localhost:3000", LOOPBACK), ("https://alt.example", None),
                         ("http://desk.example", None), (f"http://{own}", None), ("https://desk.example.evil.example", None)):
        answer = there.login(origin, own)
        got = answer.headers["Set-Cookie"]
        t.ok((want.fullmatch(got) if got else None) if want else answer.code == "origin_refused",
             f"--origins: log-in from {origin} is {'accepted' if want else 'refused'}") or t.diag(f"{answer!r} {got}")
    for option in ("desk.example", "ftp://desk.example", "https://", "https://desk.example/", "https://a:0", "https://a:99999",
                   "https://*.example"):
        done = harness.subprocess.run([harness.BUILD / "streamspaced", "--origins", option, "--listen", "127.0.0.1:0",
                                       "--internal-listen", "127.0.0.1:0"], env={**stack.server_environment(), **harness.HANDED_ON},
                                      capture_output=True, text=True, timeout=60)
        t.ok(done.returncode == 2 and "origins" in done.stdout + done.stderr, f"--origins {option} is refused at start")
    return server


def main(t):
    with harness.Stack() as stack:
        site = web.Site(stack.port, stack.ADMIN, stack.admin_password)
        check_flags(t, site)
        own = f"http://127.0.0.1:{site.port}"
        cookie = site.login(own).headers["Set-Cookie"].split(";")[0]
        check_reading(t, site, cookie)
        check_mutations(t, site, cookie)
        check_logout(t, site)
        other = check_origins(t, stack, site)
        secret = cookie.split("=")[1]
        t.ok(secret not in stack.servers[0].log and secret[:32] not in stack.servers[0].log, "no log has the cookie's token")
        for server in (stack.servers[0], other):
            t.eq(server.complaints(), [], "the sanitizers have nothing to say")


if __name__ == "__main__":
    harness.main(main)
