#!/usr/bin/python3
"""P13: from POST to a desktop's greeting, against the same desktop started by hand. See bench/README.md for the method."""
import http.client
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import time

import common
import harness
import viewer

ROUNDS = common.env_number("P13_ROUNDS", 15)
GREETING = b"RFB 003.008\n"
TEMPLATE = {"displayName": "Bench", "platforms": ["process"], "command": ["sleep", "100000"], "resolution": "1024x768"}


def options_of_product():
    """The X server's options in the session's script; what only makes sense in its sandbox is replaced."""
    text = (common.ROOT / "agent" / "driver_process_script.c").read_text()
    words = text[text.index("Xtigervnc :1"):text.index("-depth 24")]
    words = words.replace('\\"', "").replace("\\\\\\n", "").replace('"', " ").split()
    return [*words, "-depth", "24"]


def read_greeting(path, program):
    """Tries a socket until a desktop greets there."""
    while program.poll() is None:
        with socket.socket(socket.AF_UNIX) as sock:
            try:
                sock.connect(path)
                if sock.recv(12) == GREETING:
                    return
            except OSError:
                pass
        time.sleep(0.001)
    raise AssertionError(f"the X server ended with {program.poll()}")


def by_hand(number):
    """Milliseconds from the start of the X server to its greeting."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        path = f"{directory}/rfb.sock"
        xauth = pathlib.Path(directory) / "xauth"
        xauth.touch()
        words = [{":1": f":{number}", "/run/vnc/rfb.sock": path, "/run/session/xauth": str(xauth),
                  "$STREAMSPACE_SESSION": "bench", "$geometry": "1024x768"}.get(word, word) for word in options_of_product()]
        begin = time.monotonic()
        program = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        read_greeting(path, program)
        took = (time.monotonic() - begin) * 1000
        program.send_signal(signal.SIGKILL)
        program.wait()
        for left in (f"/tmp/.X{number}-lock", f"/tmp/.X11-unix/X{number}"):
            pathlib.Path(left).unlink(missing_ok=True)
        return took


def session_script():
    """The session's first program as the agent's source has it."""
    text = (common.ROOT / "agent" / "driver_process_script.c").read_text()
    text = text[text.index("process_session_script[] ="):]
    return "".join(json.loads(line.strip().rstrip(";")) for line in text.splitlines()[1:] if line.strip().startswith('"'))


def by_sandbox():
    """The same from bubblewrap on: sandbox, the session's own script, window manager and program."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        root = pathlib.Path(directory)
        for name in ("run", "home"):
            (root / name).mkdir(mode=0o700)
        (root / "xauth").touch()
        (root / "start").write_text(session_script())
        words = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--die-with-parent",
                 "--uid", "1000", "--gid", "1000", "--new-session", "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]
        for name in ("bin", "sbin", "lib", "lib64"):
            if os.path.islink(f"/{name}"):
                words += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--perms", "1777", "--dir", "/tmp/.X11-unix", "--dir", "/run",
                  "--dir", "/run/session", "--bind", str(root / "run"), "/run/vnc", "--bind", str(root / "home"), "/home/user",
                  "--ro-bind", str(root / "xauth"), "/run/session/xauth", "--ro-bind", str(root / "start"), "/run/session/start",
                  "--clearenv", "--setenv", "HOME", "/home/user", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin",
                  "--setenv", "DISPLAY", ":1", "--setenv", "XAUTHORITY", "/run/session/xauth", "--setenv", "STREAMSPACE_NPROC", "0",
                  "--setenv", "STREAMSPACE_SESSION", "bench", "--", "/bin/sh", "/run/session/start", "1024x768", *TEMPLATE["command"]]
        begin = time.monotonic()
        program = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        read_greeting(str(root / "run" / "rfb.sock"), program)
        took = (time.monotonic() - begin) * 1000
        program.send_signal(signal.SIGKILL)
        program.wait()
        return took


def post_to_greeting(user, template, pause):
    """From POST to the greeting at a viewer: the session, and the milliseconds of POST, until it is running (asked each `pause`
    seconds), and from the ticket to the greeting."""
    begin = time.monotonic()
    session = user.create(template)["id"]
    created = time.monotonic()
    link = http.client.HTTPConnection("127.0.0.1", user.port, timeout=30)
    state = "pending"
    while state != "running":
        if state not in ("pending", "starting"):
            raise AssertionError(user.session(session))
        time.sleep(pause)
        link.request("GET", f"/api/v1/sessions/{session}", headers={"Authorization": "Bearer " + user.token})
        state = json.loads(link.getresponse().read())["state"]
    link.close()
    running = time.monotonic()
    with viewer.connect(user, session) as sock:
        greeting = sock.read(12)
        end = time.monotonic()
        if greeting != GREETING:
            raise AssertionError(greeting)
    return session, ((created - begin) * 1000, (running - created) * 1000, (end - running) * 1000)


def by_product(user, phases):
    """Milliseconds of all of it."""
    session, took = post_to_greeting(user, "bench", 0.003)
    user.terminate(session)
    user.wait_state(session, "terminated")
    phases.append(took)
    return sum(took)


def main():
    common.under_database()
    with harness.Stack() as stack:
        stack.template("bench", TEMPLATE)
        user = stack.user("bench")
        stack.start_agent()
        phases = []
        number = 100 + os.getpid() % 400
        while os.path.exists(f"/tmp/.X{number}-lock"):
            number += 1
        version = subprocess.run(["Xtigervnc", "-version"], text=True, capture_output=True).stderr.strip().splitlines()[0]
        bubblewrap = subprocess.run(["bwrap", "--version"], text=True, capture_output=True, check=True).stdout.strip()
        print(f"\nP13: POST /api/v1/sessions -> RFB greeting at a viewer (database, agent, sandbox, readiness, ticket, both WebSockets),"
              f" against the same Xtigervnc started by hand; medians of {ROUNDS} rounds, taking turns", flush=True)
        common.say_settings(f"1 server, 1 agent; {version}, {bubblewrap}")
        by_sandbox()
        by_product(user, [])
        found, each = common.interleaved(ROUNDS, {"hand": lambda: by_hand(number), "sandbox": by_sandbox, "product": lambda: by_product(user, phases)})
        for name, text in (("hand", "Xtigervnc by hand"), ("sandbox", "its sandbox by hand"), ("product", "through the product")):
            print(f"  {text:20} {found[name]:8.1f} ms   {[round(v, 1) for v in each[name]]}")
        parts = [statistics.median(values) for values in zip(*phases)]
        print(f"    of which POST {parts[0]:.1f} ms, until it is running {parts[1]:.1f} ms, ticket to greeting {parts[2]:.1f} ms", flush=True)
        common.line("P13-sandbox", found["product"] / found["sandbox"], 1.3, 1.1, least=False)
        common.line("P13", found["product"] / found["hand"], 1.3, 1.1, least=False)
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
