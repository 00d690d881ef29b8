#!/usr/bin/python3
"""Several agents of one id: the token enrols one key, a Secret keeps it, a Lease says who works, and the epoch fences the rest."""

import base64
import json
import os
import secrets
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402  (first: it knows where harness is)
import harness  # noqa: E402
import kills  # noqa: E402
import world  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402

LEASE = "streamspace-agent"
SECRET = "streamspace-agent-identity"


class World(world.World):
    """Agents that share an id, each with a directory of its own, as pods have; enrolled by the token of init."""

    def init_options(self):
        self.token = secrets.token_hex(32)
        return ("--enrol-agent", world.AGENT, "--enrol-token-file", self.file("enrol.token", self.token + "\n"))

    def run_agent(self, **more):
        return None  # each test starts its own

    def replica(self, name, token=True):
        state = self.dir / name
        state.mkdir(mode=0o700, exist_ok=True)
        program = harness.Program(
            name, [harness.BUILD / "streamspace-agent", "--control-plane-url", f"http://127.0.0.1:{self.port}",
                   "--agent-id", world.AGENT, "--platform", "kubernetes", "--state-dir", state,
                   *(("--enrolment-token-file", self.dir / "enrol.token") if token else ()), *self.kubernetes_options()],
            self.dir / f"{name}.log", {"STREAMSPACE_AGENT_RECONNECT_MAX": "1s"})
        self.programs.append(program)
        self.agent = program
        return program

    def online(self):
        row = self.agent_row(world.AGENT)
        return row and row["state"] == "online" and row

    def holder(self):
        lease = get("lease", LEASE, self.space)
        return lease and lease["spec"].get("holderIdentity")

    def key(self):
        data = get("secret", SECRET, self.control).get("data", {})
        return base64.b64decode(data.get("agent.key", "")).decode().strip()


def leads(program):
    return "leading" in program.log


def started(w):
    session = w.ada.create("editor")["id"]
    w.ada.wait_state(session, "running", timeout=120)
    return session


def identity(t, w):
    first = w.replica("first")
    row = wait_for("the agent to be online", w.online)
    key = w.key()
    t.like(key, "^[0-9a-f]{64}$", "the empty Secret has the agent's key")
    t.ok(key != w.token, "which is not the token")
    t.eq(row["approval"], "approved", "the token enrolled it, approved at once")
    t.eq(sorted(p.name for p in (w.dir / "first").iterdir() if "key" in p.name), [], "no file has the key")
    t.eq(first.stop(), 0, "it ends well")
    t.eq(w.holder(), "", "and gives the Lease back")
    second = w.replica("second", token=False)
    wait_for("another pod to be online", lambda: "waiting" in second.log or leads(second) and w.online())
    t.eq([w.key(), w.online()["key_prefix"]], [key, row["key_prefix"]], "another pod, without a token, works with the same key")
    return key, second


def takeover(t, w, second):
    """kill -9: the other one works as soon as the Lease is over."""
    session = started(w)
    third = w.replica("third")
    wait_for("the third to wait", lambda: "waiting" in third.log)
    t.ok(not leads(third), "a second agent of the id waits")
    second.process.send_signal(signal.SIGKILL)
    second.wait()
    wait_for("the third to lead", lambda: leads(third))
    other = started(w)
    t.ok(True, "after a kill -9 of the holder the other leads, and starts sessions")
    t.eq([kills.created(w, s) for s in (session, other)], [1, 1], "each Deployment was made once")
    t.eq(w.db.query("SELECT count(DISTINCT x.instance_id), count(*) FROM (SELECT c.instance_id FROM streamspace_data.agent_connection AS c"
                    " ORDER BY c.epoch DESC LIMIT 2) AS x", user=None), "1\t2",
         "to the control plane both are one process, whose connection of before is replaced at once")
    w.agree(t, "after the takeover")
    return third


def frozen(t, w, third):
    """The holder is stopped in the middle of work, another takes over, and the first one wakes up again."""
    fourth = w.replica("fourth")
    wait_for("the fourth to wait", lambda: "waiting" in fourth.log)
    third.process.send_signal(signal.SIGSTOP)
    sessions = [w.ada.create("editor")["id"] for _ in range(3)]
    wait_for("the fourth to lead", lambda: leads(fourth))
    for session in sessions:
        w.ada.wait_state(session, "running", timeout=150)
    ended = sessions.pop()
    w.ada.terminate(ended)
    w.ada.wait_state(ended, "terminated", timeout=60)
    third.process.send_signal(signal.SIGCONT)
    t.eq([third.wait(30), "lease_lost" in third.log], [1, True], "the frozen one wakes up, finds its time over and ends with 1")
    w.agree(t, "after the frozen one woke up")
    t.eq([kills.created(w, s) for s in sessions + [ended]], [1, 1, 1], "each Deployment was made once, that of the ended session too")
    return fourth


def lost(t, w, fourth):
    """Somebody else is written into the Lease: the holder ends. An API server that is away for longer than the Lease: it ends too."""
    kubectl("patch", "lease", LEASE, "-n", w.space, "--type=merge", "-p",
            json.dumps({"spec": {"holderIdentity": "somebody", "leaseDurationSeconds": 1}}))
    t.eq(fourth.wait(30), 1, "another holder: it ends with 1")
    fifth = w.replica("fifth")
    wait_for("the fifth to lead", lambda: leads(fifth))
    wait_for("it to be online", w.online)
    cluster.control("freeze", "apiserver")
    t.eq(fifth.wait(60), 1, "an API server that does not answer: it ends with 1")
    cluster.control("thaw", "apiserver")
    sixth = w.replica("sixth")
    wait_for("the sixth to lead", lambda: leads(sixth))
    wait_for("it to be online", w.online)
    w.agree(t, "in the end")
    return sixth


def main(t):
    with World(election=True) as w:
        key, agent = identity(t, w)
        agent = takeover(t, w, agent)
        agent = frozen(t, w, agent)
        agent = lost(t, w, agent)
        t.eq(agent.stop(), 0, "the last one ends well")
        logs = {p.name: p.log_path.read_text() for p in w.programs}
        t.eq([name for name, text in logs.items() if key in text or w.token in text], [], "no log shows the key or the token")
        t.eq(key in (cluster.folder() / "audit.log").read_text(), False, "nor does the log of the API server")
        t.eq([p.name for p in w.programs if p.complaints()], [], "no sanitizer complained")


if __name__ == "__main__":
    cluster.main(main, database=True)
