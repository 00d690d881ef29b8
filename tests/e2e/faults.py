"""What the kill tests share: one session is taken through its life, and at every step the server or the agent
kills itself (SIGKILL) at a named fault point. Afterwards database and world have to agree, and every effect has to
have happened once: the template's command writes a line to a file in its home, which is the next session's home later,
whenever it is started.

A victim runs with STREAMSPACE_FAULT=point and STREAMSPACE_FAULT_ONCE=file: the point is armed while the file
does not exist, so recovery passes the same point unharmed.
"""
import signal

import harness

COUNTING = {
    **harness.TERMINAL,
    "command": ["sh", "-c", "echo started >> ~/starts-$STREAMSPACE_SESSION; exec xterm"],
}
FINAL = {"create": "running", "hibernate": "hibernated", "wake": "running", "terminate": "terminated"}
STARTS = {"create": 1, "hibernate": 1, "wake": 2, "terminate": 2}


class Victim:
    """The server or the agent of a stack, restarted whenever its fault point ended it."""

    def __init__(self, stack, kind, point):
        self.stack = stack
        self.kind = kind
        self.point = point
        self.once = stack.dir / f"fired-{point}"
        self.disarm()
        self.program = None

    def disarm(self):
        self.once.touch()

    def arm(self):
        self.once.unlink()

    def start(self):
        env = {"STREAMSPACE_FAULT_ONCE": str(self.once)}
        if self.kind == "server":
            self.program = self.stack.start_server(fault=self.point, env=env)
            harness.wait_for("the agent to connect to it",
                             lambda: " agent connected " in self.program.log)
        else:
            self.program = self.stack.start_agent(fault=self.point, env=env)
        return self.program

    def stop(self):
        self.disarm()
        return self.program.stop()


def starts(stack, session):
    home = stack.home(session)
    path = home / f"starts-{session}" if home else None
    return len(path.read_text().splitlines()) if path and path.exists() else 0


def call(user, step, session):
    """Make the request; a server that is killed in the middle of it gives no answer."""
    try:
        if step == "create":
            return user.create("counting")
        return getattr(user, step)(session)
    except Exception as error:  # no answer, or one that the dying server could still give
        return error


def newest(stack, known):
    """The session that a create made although its caller got no answer."""
    rows = stack.db.json("SELECT streamspace.list_sessions(p_limit => 200);")["items"]
    new = [row["id"] for row in rows if row["id"] not in known]
    return new[0] if len(new) == 1 else None


def world_agrees(t, stack, what, step, session):
    """Processes, socket and home are what the state of the database says."""
    state = stack.db.session(session)["state"]
    t.eq(state, FINAL[step], f"{what}: the database says {FINAL[step]}")
    if FINAL[step] == "running":
        harness.wait_for("its command to start", lambda: starts(stack, session) >= STARTS[step])
        t.eq(len(stack.vnc_processes(session)), 1, f"{what}: one desktop runs")
        harness.wait_for("its socket", lambda: stack.session_socket(session))
    else:
        harness.wait_for("its processes to end", lambda: not stack.session_processes(session))
        t.eq(len(stack.session_processes(session)), 0, f"{what}: nothing of it runs")
    t.eq(starts(stack, session), STARTS[step], f"{what}: its command was started {STARTS[step]} time(s) in all")


def one_step(t, stack, user, victim, step, session):
    """One request, killed at the victim's point; returns the session."""
    what = f"{victim.kind} {victim.point}, {step}"
    known = {row["id"] for row in stack.db.json("SELECT streamspace.list_sessions(p_limit => 200);")["items"]}
    victim.arm()
    request = harness.Background(call, user, step, session)
    status = harness.wait_for(f"{victim.kind} to be killed at {victim.point}",
                              lambda: not victim.program.running() and [victim.program.wait()])
    t.eq(status, [-signal.SIGKILL], f"{what}: ended by SIGKILL")
    t.ok(f"fault point={victim.point}" in victim.program.log, f"{what}: at that point")
    t.eq(victim.program.complaints(), [], f"{what}: no sanitizer complained before")
    request.result()
    victim.start()
    if step == "create":
        session = harness.wait_for("the new session", lambda: newest(stack, known))
    user.wait_state(session, FINAL[step], timeout=harness.PATIENCE * 2)
    harness.wait_for("no open command", lambda: world_settled(stack, session), timeout=harness.PATIENCE * 2)
    world_agrees(t, stack, what, step, session)
    return session


def world_settled(stack, session):
    """No command for the session is on its way any more."""
    return stack.db.query(
        "SELECT count(*) FROM streamspace_data.agent_command AS c WHERE c.session_id = :'id'"
        " AND c.state IN ('pending', 'sent', 'acked');", user=None, id=session) == "0"


def run(t, kind, points, only_create=()):
    """All points of one kind of victim, each with a session of its own."""
    with harness.Stack() as stack:
        stack.template("counting", COUNTING)
        user = stack.user("ada")
        agent = stack.start_agent()
        for point in points:
            victim = Victim(stack, kind, point)
            if kind == "server":
                t.eq(stack.server.stop(), 0, f"server ends well before {point} is set")
            else:
                t.eq(agent.stop(), 0, f"agent ends well before {point} is set")
            victim.start()
            user.port = stack.port
            stack.wait_online("agent-1")
            session = None
            for step in ("create", "hibernate", "wake", "terminate"):
                if point in only_create and step != "create":
                    call(user, step, session)
                    user.wait_state(session, FINAL[step])
                    continue
                session = one_step(t, stack, user, victim, step, session)
            t.eq(user.must("GET", "/api/v1/me")["usage"]["sessions"], 0, f"{kind} {point}: usage is back to 0")
            victim.disarm()
            agent = stack.agents["agent-1"]
        t.eq(stack.agents["agent-1"].stop(), 0, "the last agent ends well")
        t.eq(stack.server.stop(), 0, "the last server ends well")
        t.eq([c for p in stack.programs for c in p.complaints()], [], "no sanitizer complained")
