"""A StreamSpace 2.0 agent, as far as the control plane can tell one: the protocol, its habits and its limits.

What it does like the existing one:
- registers by POST with its one key, connects with the same key, sends text frames of one message;
- parses a frame as exactly one JSON value and drops a frame that holds more;
- runs commands inside its read loop, one by one: while a start runs it reads nothing and answers no ping;
- acknowledges a command when it begins, and reports `complete` or `failed` at its end;
- sends `status` once, when a started session is ready; none after stop, hibernate or wake;
- answers a start for a session that exists with `failed`: its Deployment already exists;
- heartbeats from a thread of its own, the first after 30 s;
- closes when no WebSocket ping came for 60 s; knows no epoch, revision, inventory or welcome.
"""

import datetime
import json
import threading
import time

import harness
import ws


class Agent20:
    PING_LIMIT = 60.0
    HEARTBEAT = 30.0

    def __init__(self, port, agent, key, start_seconds=20.0, status_first=True):
        self.port = port
        self.agent = agent
        self.key = key
        self.start_seconds = start_seconds
        self.status_first = status_first
        self.sessions = {}  # session id -> running | hibernated
        self.frames = []  # (seconds since connect, parsed message or None, raw text)
        self.dropped = []  # frames that were not one JSON message
        self.pings = []  # monotonic times
        self.opcodes = set()
        self.sent = []  # messages sent
        self.closed_by_us = None
        self.ended = None  # the exception that ended the connection
        self.link = None
        self.thread = None
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.hook = None  # called with (moment, message): "acked" and "effect" of a command

    # --- registration and connection ---

    def register(self, key=None):
        body = {"agentId": self.agent, "platform": "kubernetes", "region": "eu-1",
                "capacity": {"maxSessions": 20, "cpu": "64 cores", "memory": "256Gi"},
                "metadata": {"kubernetesVersion": "v1.29.0"}}
        rest = harness.Rest(self.port)
        return rest.post("/api/v1/agents/register", body, headers={"X-Agent-API-Key": key or self.key})

    def connect(self):
        """Connect and start the read loop; raises ws.Refused."""
        self.link = ws.connect(self.port, f"/api/v1/agents/connect?agent_id={self.agent}",
                               {"X-Agent-API-Key": self.key})
        self.stopping.clear()
        self.ended = self.closed_by_us = None
        self.connected_at = self.last_ping = time.monotonic()
        self.thread = threading.Thread(target=self.read_loop, args=(self.link,), daemon=True)
        self.thread.start()
        threading.Thread(target=self.heartbeat_loop, args=(self.link,), daemon=True).start()
        return self

    def close(self):
        self.stopping.set()
        if self.link:
            self.link.abort()
        if self.thread:
            self.thread.join(5)

    def connected(self):
        return self.thread is not None and self.thread.is_alive()

    # --- frames ---

    def send(self, kind, payload):
        message = {"type": kind, "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(),
                   "payload": payload}
        with self.lock:
            self.sent.append(message)
            self.link.send_text(json.dumps(message))

    def heartbeat_loop(self, link):
        while not self.stopping.wait(self.HEARTBEAT) and self.link is link:
            running = sum(1 for state in self.sessions.values() if state == "running")
            try:
                self.send("heartbeat", {"status": "online", "activeSessions": running,
                                        "capacity": {"maxSessions": 20, "cpu": "64 cores", "memory": "256Gi"}})
            except OSError:
                return

    def read_loop(self, link):
        try:
            while not self.stopping.is_set():
                left = self.last_ping + self.PING_LIMIT - time.monotonic()
                if left <= 0:
                    self.closed_by_us = "no ping for 60 s"
                    link.abort()
                    return
                try:
                    opcode, data = link.recv(timeout=min(left, 0.5))
                except TimeoutError:
                    continue
                self.opcodes.add(opcode)
                if opcode == ws.PING:
                    self.last_ping = time.monotonic()
                    self.pings.append(self.last_ping)
                elif opcode == ws.TEXT:
                    self.text(data.decode())
        except (ws.Closed, OSError, ValueError) as error:
            self.ended = error

    def text(self, raw):
        at = time.monotonic() - self.connected_at
        try:
            message = json.loads(raw)  # fails on two messages in one frame, as theirs does
        except ValueError:
            self.dropped.append(raw)
            self.frames.append((at, None, raw))
            return
        self.frames.append((at, message, raw))
        if message.get("type") == "command":
            self.command(message["payload"])
        elif message.get("type") == "shutdown":
            self.closed_by_us = "shutdown"
            self.stopping.set()
            self.link.abort()

    # --- commands, serially ---

    def command(self, command):
        ident, payload = command["commandId"], command["payload"]
        session = payload["sessionId"]
        self.send("ack", {"commandId": ident})
        self.moment("acked", command)
        action = command["action"]
        if action == "start_session":
            if session in self.sessions:
                self.send("failed", {"commandId": ident,
                                     "error": f'failed to create deployment: deployments.apps "{session}" already exists'})
                return
            self.sessions[session] = "running"
            self.stopping.wait(self.start_seconds)
            self.moment("effect", command)
            result = {"sessionId": session, "status": "running", "podName": f"{session}-0"}
            status = {"sessionId": session, "state": "running", "vncReady": True, "vncPort": 5900,
                      "platformMetadata": {"podName": f"{session}-0", "podIP": "10.1.2.3"}}
            frames = [("status", status), ("complete", {"commandId": ident, "result": result})]
            for kind, body in frames if self.status_first else frames[::-1]:
                self.send(kind, body)
                self.moment("sent " + kind, command)
            return
        if session not in self.sessions:
            self.send("failed", {"commandId": ident, "error": f'deployments.apps "{session}" not found'})
            return
        if action == "stop_session":
            del self.sessions[session]
        else:
            self.sessions[session] = "hibernated" if action == "hibernate_session" else "running"
        self.moment("effect", command)
        self.send("complete", {"commandId": ident, "result": {"sessionId": session}})

    def moment(self, name, command):
        if self.hook:
            self.hook(name, command)

    def commands(self, session=None):
        """The command payloads received, in order."""
        return [m["payload"] for _, m, _ in list(self.frames) if m and m.get("type") == "command"
                and (session is None or m["payload"]["payload"].get("sessionId") == session)]
