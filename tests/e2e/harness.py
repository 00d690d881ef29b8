"""The end-to-end harness: real PostgreSQL, real streamspaced, real streamspace-agent.

    import harness, tap
    def main(t):
        with harness.Stack() as stack:
            user = stack.user("ada")
            ...
    if __name__ == "__main__":
        harness.main(main)

harness.main() runs the file again under tests/bin/with-db when there is no test database yet, so
each file runs by itself. Everything lives in one temporary directory and is gone afterwards.
Nothing here sleeps for a guessed time: wait_for() polls a condition up to a deadline.
Programs come from build/san (ASan, UBSan, fault points); STREAMSPACE_BUILD=DIR chooses another.
"""

import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import rfb  # noqa: E402
from procs import (HANDED_ON, PATIENCE, Program, Timeout, holders, processes,  # noqa: E402,F401
                   tcp_listeners, wait_for)
import tap  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("STREAMSPACE_BUILD", ROOT / "build" / "san"))
TERMINAL = {
    "displayName": "Terminal",
    "description": "An xterm under a window manager",
    "platforms": ["process"],
    "command": ["xterm", "-geometry", "100x30+20+20"],
    "resolution": "1024x768",
}


class Failed(AssertionError):
    """A session failed while something else was waited for."""


def main(body):
    """Run body(tap) with a test database: here, or in a run of this file under with-db."""
    if "SS_API_USER" not in os.environ:
        with_db = str(ROOT / "tests" / "bin" / "with-db")
        program = [sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]]
        os.execv(with_db, [with_db, "--", *program])
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    tap.run(body)


def end(number, _):
    """Leave through the finally clauses; a second signal does not disturb them."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(128 + number)


# --- database ---------------------------------------------------------------------------------


class SqlError(Exception):
    def __init__(self, text):
        super().__init__(text)
        found = re.search(r"(?:ERROR|FATAL):  ([0-9A-Z]{5}): (.*)", text)
        self.sqlstate = found.group(1) if found else None
        self.message = found.group(2) if found else text
        detail = re.search(r"DETAIL:  (.*)", text)
        self.detail = detail.group(1) if detail else None


class Database:
    """psql as one of the logins that with-db made: api, dba, or the superuser (user=None)."""

    def __init__(self, name=None):
        self.name = name or os.environ.get("PGDATABASE", "streamspace")
        self.codes = None

    def environment(self, user=None):
        env = dict(os.environ, PGDATABASE=self.name)
        if user:
            env["PGUSER"] = user
        return env

    def query(self, sql, user="dba", **variables):
        """Rows as text, columns by TAB. :'x' in sql is the variable x, quoted by psql."""
        args = ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"]
        for key, value in variables.items():
            args += ["-v", f"{key}={value}"]
        done = subprocess.run(args, input=sql, env=self.environment(user), text=True,
                              capture_output=True, timeout=60)
        if done.returncode:
            raise SqlError(done.stderr)
        return done.stdout.rstrip("\n")

    def json(self, sql, user="dba", **variables):
        text = self.query(sql, user, **variables)
        return json.loads(text) if text else None

    def session(self, session):
        """The session as a DBA sees it."""
        return self.json("SELECT streamspace.get_session(p_session => :'id');", id=session)

    def code_of(self, error):
        """The error code behind a SqlError, by the error table."""
        if self.codes is None:
            rows = self.query("SELECT sqlstate, code FROM streamspace.list_error_codes();", user=None)
            self.codes = dict(line.split("\t") for line in rows.splitlines())
        return self.codes.get(error.sqlstate, error.sqlstate)


# --- REST -------------------------------------------------------------------------------------


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.text = body.decode(errors="replace")
        try:
            self.json = json.loads(body) if body else None
        except ValueError:
            self.json = None

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None

    def __repr__(self):
        return f"{self.status} {self.text[:1500]}"


class Rest:
    """A client of one server with (or without) the token of one user."""

    def __init__(self, port, token=None, name=None):
        self.port = port
        self.token = token
        self.name = name

    def call(self, method, path, body=None, headers=None, timeout=30):
        head = dict(headers or {})
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            head.setdefault("Content-Type", "application/json")
        if self.token:
            head.setdefault("Authorization", "Bearer " + self.token)
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            link.request(method, path, data, head)
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            link.close()

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, {} if body is None else body, **more)

    def put(self, path, body, **more):
        return self.call("PUT", path, body, **more)

    def delete(self, path, **more):
        return self.call("DELETE", path, **more)

    def must(self, method, path, body=None, status=(200, 201, 202), **more):
        """The JSON of an answer that has to be a success."""
        answer = self.call(method, path, body, **more)
        if answer.status not in (status if isinstance(status, tuple) else (status,)):
            raise AssertionError(f"{method} {path}: {answer!r}")
        return answer.json

    def login(self, user, password):
        token = self.must("POST", "/api/v1/login", {"user": user, "password": password})["token"]
        return Rest(self.port, token, user)

    # sessions, in the words of the API
    def create(self, template, **fields):
        return self.must("POST", "/api/v1/sessions", {"template": template, **fields}, status=201)

    def session(self, session):
        return self.must("GET", f"/api/v1/sessions/{session}")

    def hibernate(self, session):
        return self.must("POST", f"/api/v1/sessions/{session}:hibernate", {})

    def wake(self, session):
        return self.must("POST", f"/api/v1/sessions/{session}:wake", {})

    def terminate(self, session, force=False):
        more = "?force=true" if force else ""
        return self.must("DELETE", f"/api/v1/sessions/{session}{more}")

    def wait_state(self, session, *states, timeout=None, seen=None):
        """Wait until the session is in one of the states; seen(state, session) at each change."""
        last = [None]

        def probe():
            now = self.session(session)
            if now["state"] != last[0]:
                last[0] = now["state"]
                if seen:
                    seen(now["state"], now)
            if now["state"] == "failed" and "failed" not in states:
                raise Failed(f"session {session} failed: {now['reason']}: {now['message']}; {now['next_step']}")
            return now if now["state"] in states else None

        try:
            return wait_for(f"session {session} to be {' or '.join(states)}", probe, timeout)
        except Timeout as error:
            raise Timeout(f"{error}; it is {tap.show(self.session(session))}") from None


# --- the stack --------------------------------------------------------------------------------


def short_tmp():
    """TMPDIR, unless the sockets of sessions below it would be longer than sun_path."""
    directory = tempfile.gettempdir()
    return directory if len(directory) <= 24 else "/tmp"


class Stack:
    """A server on the test database, its first administrator, and agents on request."""

    ADMIN = "root-admin"

    def __init__(self, server=True):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ss-e2e-", dir=short_tmp()))
        os.chmod(self.dir, 0o711)  # session uids pass through, and see nothing else
        self.db = Database()
        self.programs = []
        self.servers = []
        self.agents = {}
        self.admin_password = secrets.token_hex(12)
        self.bootstrap_key = secrets.token_hex(32)
        self.port = self.internal_port = None
        self.server = None
        self.admin = None
        try:
            self.init()
            if server:
                self.start_server()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            for program in self.programs:
                tap.Tap.diag(f"--- {program.name} (pid {program.pid}) ends:\n{program.tail()}")
        self.close()

    def close(self):
        for program in reversed(self.programs):
            if program.running():
                try:
                    program.signal(signal.SIGTERM)
                    program.process.wait(10)
                except subprocess.TimeoutExpired:
                    program.process.kill()
                    program.process.wait()
        self.sweep()
        if os.environ.get("STREAMSPACE_KEEP"):
            tap.Tap.diag(f"kept {self.dir}")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def sweep(self):
        """Sessions outlive their agent on purpose: end those of this stack, also one that is still being made."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            left = set()
            for session in {path.name for path in self.dir.glob("*/sessions/*")}:
                left |= set(self.session_processes(session))
            left |= holders(str(self.dir))
            left -= {os.getpid()}
            if not left:
                return
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            time.sleep(0.02)

    def file(self, name, text, mode=0o600):
        path = self.dir / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def init(self):
        password = self.file("admin.password", self.admin_password + "\n")
        key = self.file("bootstrap.key", self.bootstrap_key + "\n")
        done = subprocess.run(
            [BUILD / "streamspaced", "init", "--admin", self.ADMIN, "--admin-password-file", password,
             "--bootstrap-key-file", key, *self.init_options()],
            env={**self.server_environment(), **HANDED_ON}, text=True, capture_output=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"streamspaced init: exit {done.returncode}\n{done.stdout}{done.stderr}")

    def init_options(self):
        """More options of `streamspaced init`; for subclasses."""
        return ()

    def server_environment(self):
        env = self.db.environment("api")
        env["STREAMSPACED_DATABASE"] = self.db.name
        return env

    def start_server(self, fault=None, env=None, port=0, options=()):
        """Start (another) streamspaced and wait until it is ready. fault is a fault point."""
        number = len(self.servers)
        ports = self.dir / f"ports-{number}"
        more = {**self.server_environment(), **(env or {})}
        if fault:
            more["STREAMSPACE_FAULT"] = fault
        server = Program(
            f"server-{number}",
            [BUILD / "streamspaced", "--listen", f"127.0.0.1:{port or self.port or 0}",
             "--internal-listen", "127.0.0.1:0", "--port-file", ports, *options],
            self.dir / f"server-{number}.log", more)
        self.programs.append(server)
        self.servers.append(server)

        def ready():
            if not server.running():
                raise AssertionError(f"streamspaced ended with {server.wait()}:\n{server.tail()}")
            text = ports.read_text() if ports.exists() else ""
            return dict(line.split() for line in text.splitlines()) if text.count("\n") >= 2 else None

        found = wait_for("the server's ports", ready)
        server.port, server.internal_port = int(found["public"]), int(found["internal"])
        self.server, self.port, self.internal_port = server, server.port, server.internal_port
        wait_for("/readyz", lambda: Rest(server.port).get("/readyz").status == 200)
        if self.admin is None:
            self.admin = Rest(server.port).login(self.ADMIN, self.admin_password)
        self.admin.port = server.port
        return server

    def restart_server(self, **more):
        """Start a server again at the same port, after the last one ended."""
        return self.start_server(port=self.port, **more)

    def anonymous(self):
        return Rest(self.port)

    def user(self, name, role="user", **fields):
        """Create a user, set the password by the one-time token, log in."""
        made = self.admin.must("POST", "/api/v1/users", {"name": name, "role": role, **fields}, status=201)
        password = secrets.token_hex(12)
        self.anonymous().must("POST", "/api/v1/set-password",
                              {"token": made["set_password_token"], "password": password})
        user = self.anonymous().login(name, password)
        user.password = password
        return user

    def template(self, name="terminal", spec=None, **fields):
        body = {**(TERMINAL if spec is None else spec), **fields}
        return self.admin.must("PUT", f"/api/v1/templates/{name}", body)

    @staticmethod
    def agent_options(platform):
        if os.geteuid() == 0 and platform == "process":
            first = 1_000_000 + os.getpid() * 64  # uids of this stack's sessions alone
            return ("--session-uids", f"{first}-{first + 63}")
        return ()

    def start_agent(self, agent="agent-1", platform="process", fault=None, env=None, approve=True, options=()):
        """Start a streamspace-agent (again, with the same state), approve it once, wait for online."""
        state = self.dir / agent
        state.mkdir(mode=0o700, exist_ok=True)
        more = {"STREAMSPACE_AGENT_RECONNECT_MAX": "1s", **(env or {})}
        if fault:
            more["STREAMSPACE_FAULT"] = fault
        known = agent in self.agents
        program = Program(
            agent,
            [BUILD / "streamspace-agent", "--control-plane-url", f"http://127.0.0.1:{self.port}",
             "--agent-id", agent, "--platform", platform, "--state-dir", state,
             "--bootstrap-key-file", self.dir / "bootstrap.key", *self.agent_options(platform), *options],
            self.dir / f"{agent}.log", more)
        program.state_dir = state
        self.programs.append(program)
        self.agents[agent] = program
        if approve:
            if not known:
                self.approve(agent)
            self.wait_online(agent)
        return program

    def agent_row(self, agent):
        items = self.admin.must("GET", "/api/v1/agents?limit=200")["items"]
        return next((a for a in items if a["id"] == agent), None)

    def registered(self, agent):
        """The row of an agent; a program of ours that ended before there is one is an error."""
        program = self.agents.get(agent)
        if program and not program.running():
            raise AssertionError(f"{agent} ended with {program.wait()}:\n{program.tail()}")
        return self.agent_row(agent)

    def approve(self, agent):
        row = wait_for(f"{agent} to register", lambda: self.registered(agent))
        body = {"key_prefix": row["key_prefix"]} if row.get("key_prefix") else {}
        return self.admin.must("POST", f"/api/v1/agents/{agent}:approve", body)

    def wait_online(self, agent, timeout=None):
        program = self.agents.get(agent)

        def probe():
            if program and not program.running():
                raise AssertionError(f"{agent} ended with {program.wait()}:\n{program.tail()}")
            row = self.agent_row(agent)
            return row if row and row["state"] == "online" else None

        return wait_for(f"{agent} to be online", probe, timeout)

    # --- the world of the process driver ---

    def session_processes(self, session):
        """Processes of a session: those that name it in argv or environment, and their descendants."""
        table = processes()
        mark = f"STREAMSPACE_SESSION={session}".encode()
        found = set()
        for pid, (argv, _) in table.items():
            if pid == os.getpid():
                continue
            try:
                environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:
                environment = b""
            if mark in environment.split(b"\0") or any(session in word for word in argv):
                found.add(pid)
        while True:
            more = {pid for pid, (_, parent) in table.items() if parent in found} - found
            if not more:
                return {pid: table[pid][0] for pid in found}
            found |= more

    def vnc_processes(self, session):
        return {pid: argv for pid, argv in self.session_processes(session).items()
                if argv and os.path.basename(argv[0]) == "Xtigervnc"}

    def session_socket(self, session):
        """The path of the session's RFB socket, or None."""
        for agent in self.agents.values():
            path = agent.state_dir / "sessions" / session / "run" / "rfb.sock"
            if path.exists():
                return str(path)
        return None

    def home(self, session):
        """The session's home on this host; there is one even when the session is not running."""
        home = self.db.session(session)["home"]
        for agent in self.agents.values():
            path = agent.state_dir / "homes" / (home["id"] if home else session)
            if path.exists():
                return path
        return None

    def type_nonce(self, session, name="proof"):
        """Type `echo NONCE > ~/NAME` into the session's terminal; wait until its home has it."""
        nonce = secrets.token_hex(8)
        path = wait_for("the session's RFB socket", lambda: self.session_socket(session))
        with wait_for("an RFB greeting", lambda: rfb.Rfb.connect_unix(path)) as screen:
            def typed():
                # The window manager and the shell may still be starting: type until it worked.
                screen.click(200, 200)
                screen.type(f"\necho {nonce} > ~/{name}\n")
                try:
                    return wait_for("the file", lambda: self.read_proof(session, name, nonce), timeout=2)
                except Timeout:
                    return None
            home_file = wait_for(f"{nonce} in ~/{name}", typed)
        return nonce, home_file

    def read_proof(self, session, name, nonce):
        """The path of the file ~/NAME of the session when its content is the nonce."""
        home = self.home(session)
        path = home / name if home else None
        if path and path.exists() and path.read_text(errors="replace").strip() == nonce:
            return path
        return None


class Background(threading.Thread):
    """Run a function beside the test; result() joins and hands on its answer or exception."""

    def __init__(self, function, *args, **named):
        super().__init__(daemon=True)
        self.work = lambda: function(*args, **named)
        self.answer = self.error = None
        self.start()

    def run(self):
        try:
            self.answer = self.work()
        except Exception as error:  # handed to the one who joins
            self.error = error

    def result(self, timeout=None):
        self.join(PATIENCE if timeout is None else timeout)
        if self.is_alive():
            raise Timeout("a background call did not end")
        if self.error:
            raise self.error
        return self.answer


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
