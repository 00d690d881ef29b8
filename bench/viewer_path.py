"""What P9 and P10 share: sessions whose desktops are ours, and viewers of them."""
import contextlib
import pathlib
import signal
import socket
import statistics
import subprocess

import common
from common import harness, wait_for

import wire_agent  # noqa: E402

SECONDS = common.env_number("VIEWER_SECONDS", 4)
ROUNDS = common.env_number("VIEWER_ROUNDS", 5)
SMALL = 400        # bytes of a small answer: a caret that blinks, a letter that is typed
BULK = 65536
STREAMS = 20
HELD = common.env_number("VIEWER_HELD", 100)
PROGRAMS = common.ROOT / "build" / "bench"


@contextlib.contextmanager
def desktop(arguments):
    """A program of bench/ that plays a desktop until its stdin ends."""
    program = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if program.stdout.readline() != "ready\n":
            raise AssertionError(f"{arguments[0]} did not start")
        yield
    finally:
        program.stdin.close()
        program.wait()


def start(user, agent):
    made = user.must("POST", "/api/v1/sessions", {"template": "terminal", "placement": {"agent": agent}}, status=201)["id"]
    wait_for("the session to run", lambda: user.session(made)["state"] == "running")
    return made


@contextlib.contextmanager
def one_relay(stack, user):
    """A session whose desktop sits in the agent's place: the server alone is between it and the viewers."""
    agent = wire_agent.WireAgent(stack, "relayed")
    agent.serve()
    wait_for("the agent to be online", lambda: stack.agent_row("relayed")["state"] == "online")
    key = stack.file("relayed.key", agent.key + "\n")
    with desktop([PROGRAMS / "stream_desktop", str(stack.port), "relayed", str(agent.epoch()), key]):
        yield start(user, "relayed")
    agent.stop()


@contextlib.contextmanager
def whole_path(stack, user):
    """(session, socket) on a real agent; desktop.c stands behind the session's own socket instead of Xtigervnc."""
    made = start(user, "agent-1")
    path = stack.session_socket(made)
    with desktop([PROGRAMS / "desktop", path]):
        yield made, path


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def tickets(user, made, number, port=None):
    """Paths of so many viewers."""
    client = harness.Rest(port or user.port, user.token, user.name)
    return [client.must("POST", f"/api/v1/sessions/{made}/viewer-tickets", {}, status=201)["url"] for _ in range(number)]


def viewers(port, kind, seconds, size, paths, protocol="binary"):
    """Figures that bench/viewers.c prints."""
    done = subprocess.run([PROGRAMS / "viewers", str(port), kind, str(seconds), str(size), protocol], input="\n".join(paths) + "\n",
                          text=True, capture_output=True, timeout=60 + 2 * seconds)
    if done.returncode:
        raise AssertionError(f"viewers: {done.stderr}")
    return [float(word) for word in done.stdout.split()]


def memory(pids):
    """Proportional set size of processes and of all that they forked, in kB."""
    pids, found = set(pids), 0
    while True:
        more = {int(p.name) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit() and parent(p) in pids} - pids
        if not more:
            break
        pids |= more
    for pid in pids:
        with contextlib.suppress(OSError):
            found += sum(int(line.split()[1]) for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                         if line.startswith("Pss:"))
    return found


def parent(process):
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def held(port, paths, pids, protocol="binary"):
    """kB that a viewer who is connected and quiet takes of these processes."""
    before = memory(pids)
    program = subprocess.Popen([PROGRAMS / "viewers", str(port), "hold", "0", "0", protocol], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    program.stdin.write("\n".join(paths) + "\n")
    program.stdin.close()
    if program.stdout.readline() != "open\n":
        raise AssertionError("viewers that are held did not open")
    after = memory(pids)
    program.send_signal(signal.SIGTERM)
    program.wait()
    return (after - before) / len(paths)


def measure(ways):
    """ways: {name: (port, paths of N viewers)}. {figure: {name: [of each round]}}, the ways taking turns."""
    found = {figure: {name: [] for name in ways} for figure in ("rate", "trip", "trip99", "bulk")}
    names = list(ways)
    for number in range(ROUNDS):
        print(f"  round {number + 1} of {ROUNDS}", flush=True)
        for step in range(len(names)):
            name = names[(number + step) % len(names)]
            port, paths = ways[name]
            found["rate"][name].append(viewers(port, "small", SECONDS, SMALL, paths(STREAMS))[0])
            _, trip, trip99 = viewers(port, "small", SECONDS, SMALL, paths(1))
            found["trip"][name].append(trip)
            found["trip99"][name].append(trip99)
            found["bulk"][name].append(viewers(port, "bulk", SECONDS, BULK, paths(1))[0])
    return found


def say(found):
    """The rounds as they were; their medians by figure and way."""
    for figure, unit in (("rate", f"answers/s, {STREAMS} viewers"), ("trip", "us p50, 1 viewer"), ("trip99", "us p99, 1 viewer"),
                         ("bulk", "MB/s, 1 viewer")):
        for name, values in found[figure].items():
            print(f"  {name:22} {statistics.median(values):10.1f} {unit:24} {values}")
    return {figure: {name: statistics.median(values) for name, values in ways.items()} for figure, ways in found.items()}
