"""An agent made of frames: what the protocol says, under the control of a test, with no driver behind.

    agent = wire_agent.WireAgent(stack, "wire-1")     # registered and approved, protocol 3, own key
    link = agent.connect()                             # ws.Client; the welcome is in link.welcome
    agent.serve()                                      # a thread that answers commands at once

serve() is idempotent like a real agent: it remembers what it has done for which revision of which object,
counts every effect once (agent.effects), and every command frame that reached it (agent.deliveries).
"""

import collections
import hashlib
import json
import secrets
import threading
import time

import harness
import ws

STATE_OF = {"running": "running", "hibernated": "hibernated", "stopped": "failed", "terminated": "terminated"}


def text_frame(message):
    """The bytes of one masked text frame (mask 0: quick to make, as legal as any)."""
    data = json.dumps(message).encode()
    if len(data) < 126:
        head = bytes([0x81, 0x80 | len(data)])
    elif len(data) < 65536:
        head = bytes([0x81, 0xFE]) + len(data).to_bytes(2, "big")
    else:
        head = bytes([0x81, 0xFF]) + len(data).to_bytes(8, "big")
    return head + b"\0\0\0\0" + data


class WireAgent:
    def __init__(self, stack, name, protocol=3, approve=True, max_sessions=100, platform="process"):
        self.stack = stack
        self.name = name
        self.protocol = protocol
        self.key = secrets.token_hex(32)
        self.instance = secrets.token_hex(8)
        self.link = None
        self.thread = None
        self.stopping = threading.Event()
        self.effects = collections.Counter()     # (object id, revision, action): times it was done
        self.deliveries = collections.Counter()  # command id: frames
        self.done = {}                           # object id: revision
        self.pause_before = {}                   # moment: threading.Event that it waits for
        self.answers = True
        self.errors = []
        body = {"agentId": name, "platform": platform, "region": "test", "capacity": {"maxSessions": max_sessions},
                "metadata": {}}
        if protocol >= 3:
            body["protocolVersion"] = protocol
            body["keyHash"] = hashlib.sha256(self.key.encode()).hexdigest()
        stack.anonymous().must("POST", "/api/v1/agents/register", body,
                               headers={"X-Agent-API-Key": stack.bootstrap_key})
        if approve:
            answer = stack.approve(name)
            if answer.get("api_key"):
                self.key = answer["api_key"]

    def path(self, instance=None):
        instance = self.instance if instance is None else instance
        return f"/api/v1/agents/connect?agent_id={self.name}" + (f"&instance_id={instance}" if instance else "")

    def open(self, instance=None, **more):
        """A connection of its own, not the agent's current one; raises ws.Refused."""
        link = ws.connect(self.stack.port, self.path(instance), {"X-Agent-API-Key": self.key}, **more)
        if self.protocol >= 3:
            link.welcome = link.recv_json(kind="welcome")["payload"]
        return link

    def connect(self, **more):
        self.link = self.open(**more)
        return self.link

    def epoch(self):
        return self.link.welcome["epoch"]

    def send(self, kind, **payload):
        self.link.send_json({"type": kind, "timestamp": "2026-01-01T00:00:00Z", "payload": payload})

    # --- the agent that behaves ---

    def serve(self, reconnect=True):
        """Answer commands in a thread, connecting (again) whenever there is no connection."""
        self.stopping.clear()
        self.thread = threading.Thread(target=self._serve, args=(reconnect,), daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.stopping.set()
        if self.link:
            self.link.abort()
        if self.thread:
            self.thread.join(10)

    def connected(self):
        return self.thread is not None and self.thread.is_alive() and self.link is not None

    def _serve(self, reconnect):
        while not self.stopping.is_set():
            try:
                if self.link is None:
                    self.connect(timeout=5)
                    self.send("inventory", objects=self.inventory(), complete=True, chunk=0)
                while not self.stopping.is_set():
                    try:
                        message = self.link.recv_json(timeout=0.2)
                    except TimeoutError:
                        continue
                    if message["type"] == "command":
                        self.obey(message["payload"])
            except (OSError, ws.Closed, ws.Refused) as error:
                self.errors.append(repr(error))
                if self.link:
                    self.link.abort()
                self.link = None
                if not reconnect:
                    return
                time.sleep(0.05)

    def inventory(self):
        return [{"kind": "session", "id": name, "revision": revision, "uid": "u-" + name, "state": state}
                for name, (revision, state) in self.done.items() if state != "terminated"]

    def obey(self, command):
        self.deliveries[command["commandId"]] += 1
        body = command["payload"]
        self.send("ack", commandId=command["commandId"])
        name, revision = command.get("objectId", body.get("sessionId")), command.get("revision", 0)
        state = STATE_OF[body["desiredState"]]
        if self.done.get(name) != (revision, state):
            self.done[name] = (revision, state)
            self.effects[(name, revision, command["action"])] += 1
        if not self.answers:
            return
        self.send("observed", sessionId=name, revision=revision, state=state)
        self.send("complete", commandId=command["commandId"], result={"state": state, "revision": revision})


def state_of(stack, session):
    return stack.db.session(session)["state"]


def wait_state(stack, session, state, timeout=None):
    return harness.wait_for(f"{session} to be {state}", lambda: state_of(stack, session) == state, timeout)


def closed(link, timeout=10):
    """(code, reason) of the close frame that ends the connection; frames before it are passed over."""
    link.auto_pong = False  # an answer to a closed socket would be an error of its own
    try:
        while True:
            link.recv(timeout)
    except ws.Closed as error:
        return error.code, error.reason
    except TimeoutError:
        return None, "still open"


def refused(connect, *args, **more):
    """(status, code) of the refusal, or ("connected", None)."""
    try:
        link = connect(*args, **more)
    except ws.Refused as error:
        return error.status, error.code
    link.abort()
    return "connected", None


def metric(stack, name):
    """A counter of the dispatcher, from /metrics."""
    text = harness.Rest(stack.internal_port).get("/metrics").text
    for line in text.splitlines():
        if line.startswith(f"streamspace_{name} ") or line.startswith(f"streamspaced_{name} "):
            return float(line.split()[1])
    raise AssertionError(f"no metric {name}")
