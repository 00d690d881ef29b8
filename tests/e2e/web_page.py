#!/usr/bin/python3
"""The page as the server answers it: types, caching, compression, headers, its own routes, and that nothing but its
files can be reached. First with files of our own, then with the real page when it has been built."""

import gzip
import pathlib
import re
import socket

import harness
import web

POLICY = "default-src 'self'; img-src 'self' data:"
HASH = "0123456789abcdef"
ASSETS = f"/assets/{HASH}"


def write(place, path, content, packed=True):
    file = place / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if packed:
        (file.parent / (file.name + ".gz")).write_bytes(gzip.compress(content, mtime=0))


def make_page(place):
    files = {
        "/index.html": f'<!doctype html><script type="module" src="{ASSETS}/app.js"></script>\n'.encode() * 20,
        f"{ASSETS}/app.js": b"export const answer = 42;\n" * 200,
        f"{ASSETS}/styles/base.css": b"body { margin: 0; }\n" * 200,
        f"{ASSETS}/icon.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>' * 20,
        f"{ASSETS}/dot.png": bytes(range(256)),
        f"{ASSETS}/empty.txt": b"",
    }
    for path, content in files.items():
        write(place, path, content, packed=not path.endswith((".png", ".txt")))
    return files


def check_files(t, site, files):
    types = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
             ".svg": "image/svg+xml", ".png": "image/png", ".txt": "text/plain; charset=utf-8"}
    for path, content in files.items():
        plain = site.ask("GET", path)
        t.ok(plain.status == 200 and plain.body == content, f"{path}: byte for byte")
        t.eq(plain.headers["Content-Type"], types[path[path.rindex("."):]], f"{path}: its type")
        immutable = path.startswith("/assets/")
        t.eq(plain.headers["Cache-Control"], "public, max-age=31536000, immutable" if immutable else "no-cache", f"{path}: how it is cached")
        again = site.ask("GET", path, headers=[("If-None-Match", plain.headers["ETag"])])
        t.eq((again.status, again.body, again.headers["ETag"], again.headers["Cache-Control"]),
             (304, b"", plain.headers["ETag"], plain.headers["Cache-Control"]), f"{path}: 304 for who has it")
        t.eq(site.ask("GET", path, headers=[("If-None-Match", '"other"')]).status, 200, f"{path}: 200 for who has another")
        head = site.ask("HEAD", path)
        same = [n for n in ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Content-Security-Policy")
                if head.headers[n] != plain.headers[n]]
        t.eq((head.status, head.body, same), (200, b"", []), f"{path}: HEAD says the same and sends nothing")


def check_compression(t, site, files):
    path = f"{ASSETS}/app.js"
    plain = site.ask("GET", path)
    t.eq((plain.headers["Content-Encoding"], plain.headers["Vary"]), (None, "Accept-Encoding"), "who takes no gzip gets none")
    for accepted, packed in (("gzip", True), ("gzip, deflate, br, zstd", True), ("br;q=1.0, GZIP;q=0.5", True), ("deflate,gzip", True),
                             ("identity", False), ("gzip;q=0", False), ("gzip;q=0.000, br", False), ("x-gzip2", False), ("", False),
                             ("gzip;q=0.001", True), (",,,;;=,", False)):
        answer = site.ask("GET", path, headers=[("Accept-Encoding", accepted)])
        t.eq((answer.headers["Content-Encoding"], answer.status), ("gzip" if packed else None, 200), f"Accept-Encoding: {accepted}")
        t.eq(gzip.decompress(answer.body) if packed else answer.body, files[path], f"Accept-Encoding: {accepted}: the same content")
        t.ok((answer.headers["ETag"] != plain.headers["ETag"]) == packed, f"Accept-Encoding: {accepted}: its own ETag")
    packed = site.ask("GET", path, headers=[("Accept-Encoding", "gzip")])
    again = site.ask("GET", path, headers=[("Accept-Encoding", "gzip"), ("If-None-Match", packed.headers["ETag"])])
    t.eq((again.status, again.headers["Content-Encoding"]), (304, None), "304 of what is compressed")
    again = site.ask("GET", path, headers=[("If-None-Match", packed.headers["ETag"])])
    t.eq(again.status, 200, "who has it compressed and wants it plain gets it")
    picture = site.ask("GET", f"{ASSETS}/dot.png", headers=[("Accept-Encoding", "gzip")])
    t.eq((picture.headers["Content-Encoding"], picture.headers["Vary"]), (None, None), "a picture is not compressed")


def check_routes(t, site, files):
    for path in ("/", "/sessions", "/sessions/s-0123/view", "/login?next=/homes&x=1", "/a%20b", "/%E2%82%AC", "/apiary", "/livezoo",
                 f"http://127.0.0.1:{site.port}/catalog"):
        answer = site.ask("GET", path)
        t.ok((answer.status, answer.body) == (200, files["/index.html"]), f"{path}: the page") or t.diag(answer)
    for path in ("/favicon.ico", "/x/y.js", "/assets", "/assets/", ASSETS, f"{ASSETS}/", f"{ASSETS}/none.js", "/assets/0000/app.js",
                 f"{ASSETS}/app.js/", f"{ASSETS}/app.js.gz", f"{ASSETS}/APP.JS", "/index.html/x.y", "/.npmrc"):
        want = 200 if path == "/assets" else 404
        answer = site.ask("GET", path)
        t.eq((answer.status, answer.code if want == 404 else None), (want, "route_not_found" if want == 404 else None), f"{path}: {want}")
        if want == 404:
            t.eq((answer.headers["Content-Type"], answer.headers["Cache-Control"]), ("application/problem+json", "no-store"),
                 f"{path}: a problem that nobody keeps")
    for path in ("/api", "/api/", "/api/v1", "/api/v1/none", "/api/v2/sessions", "/metrics", "/metrics/x", "/livez/x", "/%61pi/none", "//api/v1/me", "/API/v1/me",
                 "/Livez", "/x//y"):
        answer = site.ask("GET", path)
        t.eq((answer.status, answer.code), (404, "route_not_found"), f"{path}: is not the page's")
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = site.ask(method, "/sessions", b"" if method != "OPTIONS" else None)
        t.eq((answer.status, answer.code, answer.headers["Allow"]), (405, "method_not_allowed", "GET, HEAD"), f"{method} on the page: 405")


def check_traversal(t, site, secret):
    text = secret.read_bytes()
    up = "../" * 12
    for path in ("/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", f"{ASSETS}/../../../secret.txt", f"{ASSETS}/..%2f..%2f..%2fsecret.txt",
                 f"/{up}etc/passwd", f"/{up}{secret}", f"/{secret}", f"//{secret}", "/assets/%00", f"{ASSETS}/app.js%00.png", "/..\\secret.txt",
                 "/%c0%ae%c0%ae/secret.txt", f"{ASSETS}/./app.js", f"/{ASSETS}/app.js", "/%zz", "/" + "a/" * 2000):
        answer = site.ask("GET", path)
        t.ok(text not in answer.body and b"root:" not in answer.body and answer.status in (200, 400, 404, 414, 431) and
             (answer.status != 200 or answer.headers["Content-Type"].startswith("text/html")), f"{path[:60]}: nothing but the page ({answer.status})")


def check_headers(t, site, paths):
    for path in paths:
        for headers in ((), (("If-None-Match", "*"),)):
            answer = site.ask("GET", path, headers=headers)
            got = {n: answer.headers.get_all(n) for n in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options",
                                                          "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy")}
            t.eq(got, {"Content-Security-Policy": [POLICY], "X-Content-Type-Options": ["nosniff"], "X-Frame-Options": ["DENY"],
                       "Referrer-Policy": ["same-origin"], "Cross-Origin-Opener-Policy": ["same-origin"],
                       "Cross-Origin-Resource-Policy": ["same-origin"]}, f"{path}: {answer.status} with its headers")
            t.eq((answer.headers["Set-Cookie"], answer.headers["Access-Control-Allow-Origin"]), (None, None), f"{path}: no cookie, no CORS")
    answer = site.ask("GET", "/api/v1/config")
    t.eq((answer.headers["Content-Security-Policy"], answer.headers["Cache-Control"], answer.headers["X-Frame-Options"]),
         ("default-src 'none'; frame-ancestors 'none'", "no-store", "DENY"), "the API keeps its own")
    version = (harness.ROOT / "VERSION").read_text().strip()
    t.eq((answer.status, answer.json), (200, {"version": version, "default_org": "default"}), "/api/v1/config says what the page needs")


def check_keep_alive(t, site, files):
    """Several files over one connection, as a browser asks for them."""
    path = f"{ASSETS}/styles/base.css"
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as link:
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 5 + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        got = b"".join(iter(lambda: link.recv(65536), b""))
    t.eq((got.count(b"HTTP/1.1 200"), got.count(files[path])), (6, 5), "six answers over one connection")


def check_start(t, stack, top):
    """What is no page is refused at start."""
    def start(place, *options):
        done = harness.subprocess.run([harness.BUILD / "streamspaced", "--ui-dir", place, *options, "--listen", "127.0.0.1:0",
                                       "--internal-listen", "127.0.0.1:0"], env={**stack.server_environment(), **harness.HANDED_ON},
                                      capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def page(name):
        place = top / name
        write(place, "index.html", b"x", packed=False)
        return place

    link, alone, odd, deep, big = (page(name) for name in ("link", "alone", "odd", "deep", "big"))
    (link / "passwd.txt").symlink_to("/etc/passwd")
    (alone / "app.js.gz").write_bytes(b"x")
    (odd / "a b.js").write_bytes(b"x")
    write(deep, "/".join("abcdefghijkl") + "/x.js", b"x", packed=False)
    (big / "big.png").write_bytes(bytes(1 << 20))
    (top / "empty").mkdir()
    for name, place, options, word in (("a link out of it", link, (), "passwd.txt"), ("a compressed file alone", alone, (), "app.js"),
                                       ("a name with a blank", odd, (), "a b.js"), ("files too deep", deep, (), "too deep"),
                                       ("more than ui_memory", big, ("--ui-memory", "1MiB"), "ui_memory"),
                                       ("no index.html", top / "empty", (), "index.html"), ("no directory", top / "none", (), "none")):
        code, text = start(place, *options)
        t.ok(code == 2 and word in text, f"a page with {name} is refused at start") or t.diag(f"{code} {text}")


def check_real(t, stack):
    """What `make ui` built."""
    place = harness.ROOT / "build" / "ui"
    server = stack.start_server(port=harness.free_port(), options=("--ui-dir", place))
    site = web.Site(server.port)
    index = site.ask("GET", "/").text
    links = re.findall(r'(?:src|href)="(/assets/[^"]+)"', index)
    t.ok(len(links) >= 2, f"the built page refers to {len(links)} files")
    seen, queue, wrong = set(), list(links), []
    while queue:
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = site.ask("GET", path)
        if answer.status != 200 or "immutable" not in answer.headers["Cache-Control"]:
            wrong.append((path, answer.status))
        if path.endswith(".js"):
            text = re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", answer.text, flags=re.S | re.M)
            for target in re.findall(r"""\b(?:import|export)\b[\w$*{},\s]*?\bfrom\s*["']([^"'\n]+)["']|\bimport\s*\(?\s*["']([^"'\n]+)["']""", text):
                target = target[0] or target[1]
                if not target.startswith("."):
                    wrong.append((path, target))
                queue.append("/" + str(pathlib.PurePosixPath(harness.os.path.normpath(f"{path}/../{target}"))).lstrip("/"))
    t.eq(wrong, [], f"every module that it imports is there ({len(seen)} files)")
    t.ok(any("novnc" in path for path in seen) and any("preact" in path for path in seen), "the libraries among them")
    sizes = [(len(site.ask("GET", path).body), len(site.ask("GET", path, headers=[("Accept-Encoding", "gzip")]).body)) for path in sorted(seen)]
    t.diag(f"{len(seen)} files, {sum(a for a, _ in sizes)} bytes, {sum(b for _, b in sizes)} over the wire")
    t.ok(sum(b for _, b in sizes) < 0.5 * sum(a for a, _ in sizes), "compressed they are less than half")
    return server


def main(t):
    with harness.Stack(server=False) as stack:
        top = stack.dir / "pages"
        place = top / "ui"
        files = make_page(place)
        secret = top / "secret.txt"
        secret.write_text("not for the page")
        server = stack.start_server(options=("--ui-dir", place))
        site = web.Site(server.port)
        check_files(t, site, files)
        check_compression(t, site, files)
        check_routes(t, site, files)
        check_traversal(t, site, secret)
        check_headers(t, site, ("/", "/sessions", f"{ASSETS}/app.js", f"{ASSETS}/dot.png"))
        check_keep_alive(t, site, files)
        inside = harness.Rest(server.internal_port)
        t.eq(inside.get("/").status, 404, "the internal listener has no page")
        t.like(inside.get("/metrics").text, r'streamspace_http_requests_total\{route="page",method="GET",status="200"\} \d+', "they are counted as `page`")
        (place / "index.html").write_bytes(b"changed")
        t.eq(site.ask("GET", "/").body, files["/index.html"], "what is answered stands in memory")
        check_start(t, stack, top)
        servers = [server]
        if (harness.ROOT / "ui" / "index.html").exists():
            servers.append(check_real(t, stack))
        for server in servers:
            t.eq(server.complaints(), [], "the sanitizers have nothing to say")


if __name__ == "__main__":
    harness.main(main)
