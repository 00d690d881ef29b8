"""One streamspace-agent with a control plane that the test plays: state directory, start, end.

As root it runs sessions under uids of their own; Lone(user=UID) runs it as an ordinary user
(with a copy of the program, since that user may not be able to read the tree). On leaving,
every sandbox below the state directory is ended and the directory removed.
"""

import json
import os
import pathlib
import shutil
import signal
import tempfile

import harness

UIDS = "261000-261099"
FIRST_UID = 261000


class Lone:
    def __init__(self, plane, user=None, name="host-a", wrap=(), **options):
        self.plane = plane
        self.user = user
        self.name = name
        self.wrap = list(wrap)
        self.options = options
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="ss-"))
        self.state = self.root / "state"
        self.key = self.root / "bootstrap.key"
        self.key.write_text(plane.bootstrap_key + "\n")
        self.program = harness.BUILD / "streamspace-agent"
        self.current = None
        if user:
            self.program = pathlib.Path(shutil.copy(self.program, self.root / "agent"))
            for path in (self.root, self.key, self.program):
                os.chown(path, user, user)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.current and self.current.running():
            self.current.kill()
        self.end_sandboxes()
        shutil.rmtree(self.root, ignore_errors=True)

    def arguments(self, **more):
        options = {"control_plane_url": self.plane.url, "agent_id": self.name,
                   "state_dir": self.state, "bootstrap_key_file": self.key, "log_level": "debug",
                   **({} if self.user or os.getuid() else {"session_uids": UIDS}),
                   **self.options, **more}
        flags = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
        command = [*self.wrap, self.program, *flags]
        if self.user:
            command = ["setpriv", "--reuid", self.user, "--regid", self.user, "--clear-groups",
                       "--", *command]
        return command

    def start(self, env=None, **more):
        self.current = harness.Program(self.name, self.arguments(**more), self.root / "log", env)
        return self.current

    def end_sandboxes(self):
        for record in self.state.glob("sessions/*/record.json"):
            try:
                pid = json.loads(record.read_text())["pid"]
                argv = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                if pid > 1 and argv.startswith(b"/usr/bin/bwrap\0"):
                    os.kill(pid, signal.SIGKILL)
            except (OSError, ValueError, KeyError):
                continue

    def home(self, session):
        return self.state / "homes" / session

    def record(self, session):
        return json.loads((self.state / "sessions" / session / "record.json").read_text())

    def socket(self, session):
        return str(self.state / "sessions" / session / "run" / "rfb.sock")

    def owns(self, pid):
        """Whether a process lives in a sandbox of this state directory (another test may run)."""
        try:
            mounts = pathlib.Path(f"/proc/{pid}/mountinfo").read_text()
            outside = os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid")
        except OSError:
            return False
        return f"/{self.root.name}/state/homes/" in mounts and not outside

    def x_server(self, session):
        """The host's pids of the session's X servers."""
        return [pid for pid, (argv, _) in harness.processes().items()
                if argv[:1] == ["Xtigervnc"] and session in argv and self.owns(pid)]


def wish(session, command=("sleep", "100000"), **more):
    """The payload of a session that shall run `command`; `more` goes into the template."""
    return {"sessionId": session, "org": "default", "user": "ada", "template": "t",
            "templateManifest": {"apiVersion": "stream.space/v1alpha1", "kind": "Template",
                                 "metadata": {"name": "t"},
                                 "spec": {"command": list(command), **more}},
            "memory": "1Gi", "cpu": "1000m", "persistentHome": True, "desiredState": "running"}
