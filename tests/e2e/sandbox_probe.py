"""Runs inside a session (and, as a control, outside of one): says what it can reach.

Argument: JSON with the places to try. Prints one JSON object, also into ~/probe.json. Each answer
is "reached" or the name of the error, so that a test can tell absence from refusal.
"""

import ctypes
import json
import os
import socket
import sys


def attempt(action):
    try:
        action()
        return "reached"
    except OSError as error:
        return os.strerror(error.errno) if error.errno else str(error)


def read(path):
    with open(path, "rb") as file:
        file.read(1)


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(2)
        sock.connect(address)


def receive(sock, count):
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            break
        data += part
    return data


def display_size():
    """Width of the screen behind $DISPLAY, read from the X setup reply."""
    path = "/tmp/.X11-unix/X1"
    cookie = open(os.environ["XAUTHORITY"], "rb").read()[-16:]
    name = b"MIT-MAGIC-COOKIE-1"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(5)
        sock.connect(path)
        pad = b"\0" * (-len(name) % 4)
        sock.sendall(b"l\0" + (11).to_bytes(2, "little") + b"\0\0" +
                     len(name).to_bytes(2, "little") + len(cookie).to_bytes(2, "little") +
                     b"\0\0" + name + pad + cookie)
        reply = receive(sock, 8)
        reply += receive(sock, 4 * int.from_bytes(reply[6:8], "little"))
    if reply[0] != 1:
        return "refused"
    vendor = int.from_bytes(reply[24:26], "little")
    formats = reply[29]
    screen = 40 + vendor + (-vendor % 4) + 8 * formats
    return int.from_bytes(reply[screen + 20:screen + 22], "little")


def without_cookie():
    """What the own display answers to a client without the cookie: 0 = refused."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(5)
        sock.connect("/tmp/.X11-unix/X1")
        sock.sendall(b"l\0" + (11).to_bytes(2, "little") + b"\0" * 8)
        return sock.recv(1)[0]


def find(names, top):
    """Files of these names below top, however they are reached."""
    found = []
    for place, dirs, files in os.walk(top, followlinks=False):
        if place.startswith(("/proc", "/sys", "/usr")):
            dirs.clear()
            continue
        found += [os.path.join(place, name) for name in files + dirs if name in names]
    return found


def unshare(flags):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def main():
    wanted = json.loads(sys.argv[1])
    answer = {
        "files": {path: attempt(lambda: read(path)) for path in wanted["files"]},
        "sockets": {path: attempt(lambda: connect(socket.AF_UNIX, path))
                    for path in wanted["sockets"]},
        "abstract": {name: attempt(lambda: connect(socket.AF_UNIX, "\0" + name))
                     for name in wanted["abstract"]},
        "tcp": {str(port): attempt(lambda: connect(socket.AF_INET, ("127.0.0.1", port)))
                for port in wanted["tcp"]},
        "through_proc": {link: attempt(lambda: os.listdir(link + wanted["state"]))
                         for link in ("/proc/1/root", "/proc/1/cwd", "/proc/2/root")},
        "found": find(wanted["names"], wanted["top"]),
        "pids": len([p for p in os.listdir("/proc") if p.isdigit()]),
        "etc": sorted(os.listdir("/etc")),
        "root": sorted(os.listdir("/")),
        "env": sorted(os.environ),
        "fds": sorted(int(fd) for fd in os.listdir("/proc/self/fd")),
        "uid": os.getuid(),
        "ipc": open("/proc/sysvipc/shm").read().count("\n") - 1,
    }
    if wanted["inside"]:  # never on the host
        answer.update({
            "write_usr": attempt(lambda: open("/usr/probe", "w").close()),
            "write_etc": attempt(lambda: open("/etc/passwd", "a").close()),
            "write_home": attempt(lambda: open(os.path.expanduser("~/written"), "w").close()),
            "write_tmp": attempt(lambda: open("/tmp/written", "w").close()),
            "new_userns": attempt(lambda: unshare(0x10000000)),
        })
    if os.environ.get("DISPLAY") == ":1" and os.path.exists("/tmp/.X11-unix/X1"):
        answer["display_width"] = display_size()
        answer["display_without_cookie"] = without_cookie()
    text = json.dumps(answer)
    print(text)
    with open(os.path.expanduser("~/probe.new"), "w") as file:
        file.write(text)
    os.rename(os.path.expanduser("~/probe.new"), os.path.expanduser("~/probe.json"))


main()
