#!/usr/bin/python3
"""The stage of a browser test: PostgreSQL, streamspaced and agents of tests/e2e/harness.py, for a program in another language.

Reads a line of JSON {"id", "call", "args"} for each call from standard input and answers with {"id", "result"} or {"id", "error"}.
The end of standard input ends everything that it started. Lines of its output that are not JSON are remarks.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import harness  # noqa: E402
import rfb  # noqa: E402


class ArgvWatch(threading.Thread):
    """Looks for secrets in the argv of every process of this machine until stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.secrets = {}
        self.found = set()
        self.rounds = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.05):
            for argv, _ in harness.processes().values():
                line = "\0".join(argv)
                self.found |= {f"{name} in {argv[0]}" for name, value in list(self.secrets.items()) if value in line}
            self.rounds += 1


class Stage:
    def __init__(self):
        self.stack = harness.Stack(server=False)
        self.watch = ArgvWatch()

    def start(self, options=()):
        self.stack.start_server(options=options)
        return {"port": self.stack.port, "internal_port": self.stack.internal_port, "pid": self.stack.server.pid,
                "admin": self.stack.ADMIN, "password": self.stack.admin_password, "token": self.stack.admin.token}

    def stop_server(self):
        return self.stack.server.stop()

    def start_again(self, options=()):
        self.stack.restart_server(options=options)

    def start_agent(self, agent="agent-1", approve=True, options=()):
        return self.stack.start_agent(agent, approve=approve, options=options).pid

    def wait_registered(self, agent):
        return harness.wait_for("the agent to register", lambda: self.stack.registered(agent))

    def kill_agent(self, agent="agent-1"):
        return self.stack.agents[agent].kill()

    def stop_agent(self, agent="agent-1"):
        return self.stack.agents[agent].stop()

    def home_file(self, session, name):
        """The content of a file in the home of a session, on this host; None when it is not there."""
        home = self.stack.home(session)
        path = home / name if home else None
        return path.read_text(errors="replace") if path and path.exists() else None

    def socket_path(self, session):
        return self.stack.session_socket(session)

    def screen_size(self, session):
        """What the session's VNC server says of itself to somebody who connects beside the page."""
        with rfb.Rfb.connect_unix(self.stack.session_socket(session)) as screen:
            return [screen.width, screen.height]

    def session_pids(self, session):
        return sorted(self.stack.session_processes(session))

    def sql(self, text, user="dba"):
        return self.stack.db.query(text, user)

    def watch_argv(self, secrets):
        self.watch.secrets.update(secrets)
        if not self.watch.is_alive():
            self.watch.start()

    def watched(self):
        self.watch.ended.set()
        self.watch.join()
        return {"found": sorted(self.watch.found), "rounds": self.watch.rounds}

    def logs(self):
        """What every program wrote: {name: text}."""
        paths = [*self.stack.dir.glob("*.log"), *self.stack.dir.glob("*/sessions/*/log"), pathlib.Path(os.environ["SS_PGDIR"], "log")]
        return {str(path): path.read_text(errors="replace") for path in paths if path.exists()}

    def dump(self):
        """Every row of the database."""
        return subprocess.run(["pg_dump", "--data-only", "-d", self.stack.db.name], env=self.stack.db.environment(), text=True,
                              capture_output=True, check=True).stdout

    def tails(self):
        """The end of what each program said, without the calls that went well."""
        said = {program.name: [line for line in program.log.splitlines() if "route=" not in line or " code=- " not in line]
                for program in self.stack.programs}
        return {name: "\n".join(lines[-25:]) for name, lines in said.items()}

    def complaints(self):
        return [line for program in self.stack.programs for line in program.complaints()]

    def answer(self, line):
        call = json.loads(line)
        try:
            result = getattr(self, call["call"])(**call.get("args", {}))
            return {"id": call["id"], "result": result}
        except Exception as error:  # the caller reports it
            return {"id": call["id"], "error": f"{type(error).__name__}: {error}"}


def main():
    if "SS_API_USER" not in os.environ:
        with_db = str(ROOT / "tests" / "bin" / "with-db")
        os.execv(with_db, [with_db, "--", sys.executable, os.path.abspath(__file__)])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the test, whose end closes standard input
    signal.signal(signal.SIGTERM, harness.end)
    stage = Stage()
    try:
        for line in sys.stdin:
            print(json.dumps(stage.answer(line)), flush=True)
    except BrokenPipeError:
        sys.stdout = None
    finally:
        stage.stack.close()


if __name__ == "__main__":
    main()
