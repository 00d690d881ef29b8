#!/usr/bin/python3
"""What a process session cannot reach, as root with uids of its own and as an ordinary user.

Two sessions run side by side, and a probe inside one tries the agent's key, a database's socket,
the neighbour's home and display, TCP and abstract sockets of the host. Controls run the same probe
where it must succeed: outside of any sandbox, and in a session whose template asks for the network.
"""

import json
import os
import pathlib
import socket
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent_alone  # noqa: E402
import control_plane  # noqa: E402
import harness  # noqa: E402
import rfb  # noqa: E402
import tap  # noqa: E402

PROBE = pathlib.Path(__file__).with_name("sandbox_probe.py").read_text()
ORDINARY = 262000
CANARY = "CANARY_SECRET"


class Bait:
    """What a session must not reach: a database's socket, TCP and abstract listeners."""

    def __init__(self, root):
        self.path = str(root / ".s.PGSQL.5432")
        self.name = f"/tmp/.X11-unix/X{os.getpid()}"
        self.sockets = [socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX),
                        socket.create_server(("127.0.0.1", 0))]
        self.sockets[0].bind(self.path)
        os.chmod(self.path, 0o777)
        self.sockets[1].bind("\0" + self.name)
        for sock in self.sockets[:2]:
            sock.listen(50)
        self.port = self.sockets[2].getsockname()[1]

    def close(self):
        for sock in self.sockets:
            sock.close()


def places(lone, bait):
    state = str(lone.state)
    return {
        "state": state,
        "files": [f"{state}/agent.key", f"{state}/homes/s-near/secret",
                  f"{state}/sessions/s-near/record.json", "/etc/shadow", str(lone.key)],
        "sockets": [bait.path, lone.socket("s-near"), "/var/run/postgresql/.s.PGSQL.5432"],
        "abstract": [bait.name, "/tmp/.X11-unix/X1"],
        "tcp": [bait.port, 6001, 5901],
        "top": "/",
        "inside": True,
        "names": ["agent.key", "secret", "bootstrap.key", "record.json", "s-near"],
    }


def run_probe(link, lone, session, revision, wanted, **template):
    """Starts a session that runs the probe; what the probe found."""
    home = lone.home(session)
    home.mkdir(mode=0o700)  # a home that is there already is taken as it is
    (home / "probe.py").write_text(PROBE)
    if lone.user:
        os.chown(home, lone.user, lone.user)
        os.chown(home / "probe.py", lone.user, lone.user)
    payload = agent_alone.wish(session, ["sh", "-c", "python3 ~/probe.py \"$0\"; exec sleep 100000",
                                         json.dumps(wanted)], **template)
    kind, result = link.command("start_session", session, revision, payload)
    if kind != "complete":
        raise AssertionError(f"{session} did not start: {result}")
    found = lone.home(session) / "probe.json"
    try:
        harness.wait_for(f"the probe of {session}", found.exists)
    except harness.Timeout as error:
        said = (home / ".xsession-errors").read_text()
        raise harness.Timeout(f"{error}; the probe said: {said}") from None
    return json.loads(found.read_text())


def check_nothing_listens(t, lone, sessions, label):
    pids = [pid for session in sessions for pid in lone.x_server(session)]
    t.eq(len(pids), len(sessions), f"{label}: each session has one X server")
    inside = set()
    for pid in pids:
        for name in ("tcp", "tcp6"):
            for line in pathlib.Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
                if line.split()[3] == "0A":
                    inside.add(line.split()[1])
    t.eq(inside, set(), f"{label}: nothing listens on TCP in their network namespaces")
    everything = [pid for pid in harness.processes() if lone.owns(pid)]
    t.ok(len(everything) >= 2 * len(sessions), f"{label}: control: their processes are seen")
    t.eq(harness.tcp_listeners(everything), set(), f"{label}: nor on the host's")


def check_inside(t, found, bait, lone, label):
    for path, answer in found["files"].items():
        t.eq(answer, "No such file or directory", f"{label}: {path.replace(str(lone.root), '')}")
    for path, answer in found["sockets"].items():
        t.eq(answer, "No such file or directory",
             f"{label}: socket {path.replace(str(lone.root), '')}")
    t.eq(found["abstract"], {bait.name: "Connection refused",
                             "/tmp/.X11-unix/X1": "Connection refused"},
         f"{label}: no abstract socket, the own display's neither")
    t.ok(all(answer != "reached" for answer in found["tcp"].values()), f"{label}: no TCP of the host")
    t.ok(all(answer != "reached" for answer in found["through_proc"].values()),
         f"{label}: nor the state directory through /proc ({found['through_proc']})")
    t.eq(found["found"], [], f"{label}: no file of those names anywhere")
    t.eq(found["display_width"], 1000, f"{label}: its display is its own")
    t.eq(found["display_without_cookie"], 0, f"{label}: and asks for the cookie")
    t.ok(found["pids"] < 20, f"{label}: it sees {found['pids']} processes, its own")
    t.eq(found["uid"], 1000, f"{label}: it is uid 1000 inside")
    t.ok("shadow" not in found["etc"] and len(found["etc"]) < 25, f"{label}: /etc is {found['etc']}")
    t.ok("root" not in found["root"] and "var" in found["root"], f"{label}: / is {found['root']}")
    t.ok(not [name for name in found["env"] if "AGENT" in name or name == CANARY],
         f"{label}: a clean environment: {found['env']}")
    t.ok(all(fd <= 3 for fd in found["fds"]), f"{label}: no descriptor was handed on {found['fds']}")
    t.ok(found["write_usr"] != "reached" and found["write_etc"] != "reached",
         f"{label}: /usr and /etc are read-only")
    t.ok(found["write_home"] == found["write_tmp"] == "reached", f"{label}: home and /tmp are not")
    t.ok(found["new_userns"] != "reached", f"{label}: no further user namespace")


def check_controls(t, link, lone, bait, wanted, label):
    """The probe can detect what it did not find."""
    env = dict(os.environ, HOME=str(lone.root))
    env.pop("DISPLAY", None)
    outside = json.dumps({**wanted, "top": str(lone.root), "inside": False})
    found = json.loads(subprocess.run(["/usr/bin/python3", "-c", PROBE, outside], env=env, text=True,
                                      stdout=subprocess.PIPE, check=True).stdout)
    t.eq({found["files"][path] for path in wanted["files"][:3]}, {"reached"},
         f"{label}: control: outside, the probe reads key, neighbour's home and record")
    t.ok(found["sockets"][bait.path] == found["sockets"][lone.socket("s-near")] == "reached",
         f"{label}: control: outside, it reaches the database's and the neighbour's socket")
    t.ok(found["abstract"][bait.name] == found["tcp"][str(bait.port)] == "reached",
         f"{label}: control: outside, it reaches abstract and TCP sockets")
    t.ok(any("agent.key" in path for path in found["found"]),
         f"{label}: control: outside, it finds the key by its name")

    open_net = run_probe(link, lone, "s-net", 1, wanted, network=True)
    t.ok(open_net["abstract"][bait.name] == open_net["tcp"][str(bait.port)] == "reached",
         f"{label}: control: with the host's network, those sockets are reached")
    t.eq(open_net["abstract"]["/tmp/.X11-unix/X1"], "Connection refused",
         f"{label}: even then no display is on an abstract socket")
    t.ok(open_net["tcp"]["6001"] == open_net["tcp"]["5901"] == "Connection refused",
         f"{label}: nor on TCP")
    t.eq(open_net["files"][wanted["files"][0]], "No such file or directory",
         f"{label}: even then the agent's key is not there")
    stop(t, link, "s-net", label)


def check_outside(t, lone, label, as_root):
    state = lone.state.stat()
    t.eq(stat.S_IMODE(state.st_mode), 0o700, f"{label}: the state directory is 0700")
    t.eq(stat.S_IMODE((lone.state / "agent.key").stat().st_mode), 0o600, f"{label}: the key is 0600")
    near, own = lone.home("s-near").stat(), lone.home("s-own").stat()
    t.eq(stat.S_IMODE(own.st_mode), 0o700, f"{label}: a home is 0700")
    sock = os.stat(lone.socket("s-own"))
    run = os.stat(os.path.dirname(lone.socket("s-own")))
    t.eq((stat.S_IMODE(sock.st_mode), stat.S_IMODE(run.st_mode)), (0o600, 0o700),
         f"{label}: the desktop's socket is 0600 in a 0700 directory")
    t.ok(len(lone.socket("s-" + "a" * 26)) < 108, f"{label}: its path fits")
    uids = {os.stat(f"/proc/{lone.x_server(s)[0]}").st_uid for s in ("s-near", "s-own")}
    if as_root:
        t.eq(uids, {near.st_uid, own.st_uid}, f"{label}: processes have the uid of their home")
        t.ok(len(uids) == 2 and min(uids) >= agent_alone.FIRST_UID,
             f"{label}: which differ by session and are not root's: {uids}")
    else:
        t.eq(uids, {ORDINARY}, f"{label}: on the host they are the agent's user")


def stop(t, link, session, label):
    result = link.command("stop_session", session, 9, agent_alone.wish(session))
    t.eq(result, ("complete", {"state": "terminated", "revision": 9}), f"{label}: {session} is ended")


def type_into(t, lone, label):
    """The desktop works: typed keys reach a terminal in this sandbox."""
    with_keys = rfb.Rfb.connect_unix(lone.socket("s-term"))
    t.eq((with_keys.width, with_keys.height), (800, 600), f"{label}: RFB reaches ServerInit")

    def typed():
        with_keys.type("echo N$((40+2)) > ~/proof\n")
        try:
            harness.wait_for("the proof", (lone.home("s-term") / "proof").exists, timeout=2)
        except harness.Timeout:
            return None
        return (lone.home("s-term") / "proof").read_text().strip()

    t.eq(harness.wait_for("typed keys to arrive", typed), "N42", f"{label}: typed keys run a command")
    with_keys.close()


def one_agent(t, plane, label, user=None):
    with agent_alone.Lone(plane, user=user) as lone:
        lone.start(env={CANARY: "x"})
        link = plane.link()
        bait = Bait(lone.root)
        if user:
            os.chown(bait.path, user, user)
        try:
            near = agent_alone.wish("s-near", ["sh", "-c", "echo mine > ~/secret; exec sleep 100000"])
            link.command("start_session", "s-near", 1, near)
            link.wait("observed", lambda p: p["sessionId"] == "s-near" and p["state"] == "running")
            harness.wait_for("the neighbour's secret", (lone.home("s-near") / "secret").exists)
            wanted = places(lone, bait)
            found = run_probe(link, lone, "s-own", 1, wanted, resolution="1000x700")
            check_inside(t, found, bait, lone, label)
            check_outside(t, lone, label, not user)
            check_nothing_listens(t, lone, ["s-near", "s-own"], label)
            check_controls(t, link, lone, bait, wanted, label)
            link.command("start_session", "s-term", 1,
                         agent_alone.wish("s-term", ["xterm"], resolution="800x600"))
            link.wait("observed", lambda p: p["sessionId"] == "s-term" and p["state"] == "running")
            type_into(t, lone, label)
            for session in ("s-near", "s-own", "s-term"):
                stop(t, link, session, label)
            t.ok((lone.home("s-near") / "secret").exists(), f"{label}: homes are kept")
            left = [argv for pid, (argv, _) in harness.processes().items() if lone.owns(pid)]
            t.eq(left, [], f"{label}: no process is left")
        finally:
            bait.close()
        t.eq(lone.current.stop(), 0, f"{label}: the agent ends well")
        t.eq(lone.current.complaints(), [], f"{label}: no sanitizer complained")


def no_sandbox_no_start(t, plane):
    """In a place where no user namespace can be made, a start fails and says so."""
    wrap = ["bwrap", "--unshare-user", "--disable-userns", "--dev-bind", "/", "/", "--"]
    with agent_alone.Lone(plane, user=ORDINARY, name="host-b", wrap=wrap) as lone:
        lone.start()
        link = plane.link()
        kind, result = link.command("start_session", "s-a", 1, agent_alone.wish("s-a"))
        t.eq(kind, "failed", "without user namespaces a start fails")
        t.eq(result.get("reason"), "sandbox_unavailable", "for that reason")
        t.eq(lone.x_server("s-a"), [], "and nothing was started outside of a sandbox")
        doctor = subprocess.run([str(a) for a in lone.arguments()] + ["doctor"], text=True,
                                capture_output=True, timeout=30)
        t.eq(doctor.returncode, 7, "doctor says that this host cannot")
        t.like(doctor.stdout, r"lacking +sandbox .*user namespaces", "and what it lacks")
        lone.current.stop()


def main(t):
    for label, user in (("root", None), ("ordinary user", ORDINARY)):
        if os.getuid() == 0 or user is None:
            with control_plane.ControlPlane() as plane:
                one_agent(t, plane, label if os.getuid() == 0 else "ordinary user", user)
    if os.getuid() == 0:
        with control_plane.ControlPlane() as plane:
            no_sandbox_no_start(t, plane)


if __name__ == "__main__":
    tap.run(main)
