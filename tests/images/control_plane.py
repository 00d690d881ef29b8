#!/usr/bin/python3
"""The control plane from its images, each under the rules of a restricted pod: database, migrations twice at once, first
administrator, server, page. What is asked through the page's nginx arrives at the server."""

import json
import secrets
import urllib.error
import urllib.request

import engine as images
from engine import mount


def http(url, body=None, headers=None, method=None):
    """(status, headers, body) of one request."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {**({"Content-Type": "application/json"} if data else {}), **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


class ControlPlane:
    """Starts the parts one after the other; tests stop and replace them."""

    def __init__(self, engine):
        self.engine = engine
        self.super = secrets.token_hex(12)
        self.api = secrets.token_hex(12)
        self.admin = secrets.token_hex(12)
        self.super_file = engine.secret("super", self.super)
        self.api_file = engine.secret("api", self.api)
        self.admin_file = engine.secret("admin", self.admin)
        self.pgpass = engine.dir / "pgpass"
        self.pgpass.write_text(f"*:*:*:api:{self.api}\n", encoding="utf-8")
        images.os.chown(self.pgpass, 10001, 10001)
        self.pgpass.chmod(0o600)
        self.data = engine.folder("data")

    def postgresql(self):
        found = self.engine.start("postgresql", *mount(self.super_file, "/secrets/super"), *mount(self.data, "/var/lib/postgresql/data", "rw"),
                                  "-e", "POSTGRES_PASSWORD_FILE=/secrets/super")
        return found.wait_up(lambda: found.run("pg_isready").returncode == 0)

    def migrate(self):
        return self.engine.start("migrate", *mount(self.api_file, "/secrets/api"), "-e", "PGHOST=postgresql", "-e", "PGUSER=postgres",
                                 "-e", f"PGPASSWORD={self.super}", "-e", "STREAMSPACE_API_USER=api",
                                 "-e", "STREAMSPACE_API_PASSWORD_FILE=/secrets/api")

    def server_options(self):
        return (*mount(self.pgpass, "/secrets/pgpass"), *mount(self.admin_file, "/secrets/admin"), "-e", "PGHOST=postgresql",
                "-e", "PGUSER=api", "-e", "PGPASSFILE=/secrets/pgpass")

    def init(self):
        return self.engine.start("server", *self.server_options(), command=("init", "--admin", "root", "--admin-password-file", "/secrets/admin"))

    def server(self, alias="server"):
        found = self.engine.start("server", *self.server_options(), alias=alias)
        return found.wait_up(lambda: http(f"http://{found.address}:9090/readyz")[0] == 200)

    def ui(self, url="http://server:8080"):
        found = self.engine.start("ui", "-e", f"STREAMSPACE_API_URL={url}")
        return found.wait_up(lambda: http(f"http://{found.address}:8080/")[0] == 200)


def body(t, engine):
    plane = ControlPlane(engine)
    database = plane.postgresql()
    runs = [plane.migrate(), plane.migrate()]
    t.eq([run.wait() for run in runs], [0, 0], "two migrations at once both end well")
    texts = [run.logs() for run in runs]
    t.ok(all("streamspace is at migration" in text for text in texts), "each says where the database is")
    t.eq(plane.migrate().wait(), 0, "a third run changes nothing and ends well")
    t.eq(plane.init().wait(), 0, "streamspaced init makes the first administrator")
    server = plane.server()
    ui = plane.ui()
    site = f"http://{ui.address}:8080"
    status, headers, page = http(site + "/")
    t.ok(status == 200 and b"<script" in page and headers["Content-Type"].startswith("text/html"), "nginx serves the page")
    status, _, text = http(site + "/api/v1/login", {"user": "root", "password": plane.admin})
    t.eq(status, 200, "the administrator logs in through it")
    token = json.loads(text)["token"]
    status, _, text = http(site + "/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    t.eq((status, json.loads(text)["name"]), (200, "root"), "and is who he is")
    t.eq(json.loads(http(site + "/api/v1/config")[2])["version"], images.VERSION, "the server is of this version")
    agent = engine.start("agent", command=("--version",))
    t.eq(agent.wait(), 0, "the agent starts")
    t.like(agent.logs(), images.VERSION.replace(".", r"\."), "and is of this version")
    for one in (server, ui, database):
        inspected = one.inspect()
        t.ok(inspected["HostConfig"]["ReadonlyRootfs"] and inspected["HostConfig"]["CapDrop"] == ["ALL"] and
             inspected["Config"]["User"] == "10001:10001", f"{one.name}: read-only root, no capability, user 10001")
    t.eq((server.stop(), ui.stop(), database.stop()), (0, 0, 0), "all end by themselves when they are told to")


if __name__ == "__main__":
    images.main(["postgresql", "migrate", "server", "agent", "ui"], body)
