"""What the tests of the images share: an engine in a network namespace of its own, containers under the rules of a
restricted pod, and waiting.

A test file calls engine.main(NAMES, body): it builds the images NAMES, then runs itself again inside
`with-docker --isolated`, where body(t, engine) makes containers and reaches their addresses.
"""

import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import tap  # noqa: E402

VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
PATIENCE = float(os.environ.get("STREAMSPACE_TEST_PATIENCE", "120"))
WITH_DOCKER = str(ROOT / "tests" / "images" / "with-docker")
# What the Pod Security standard `restricted` asks for; the engine's seccomp profile is what RuntimeDefault means.
RESTRICTED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp:mode=1777,exec")


class Timeout(AssertionError):
    pass


def wait_for(what, ready, timeout=None):
    """Asks until the answer is true; a refused connection means: not yet."""
    end = time.monotonic() + (timeout or PATIENCE)
    problem = None
    while time.monotonic() < end:
        try:
            found = ready()
            if found:
                return found
        except (OSError, EOFError, RuntimeError) as error:
            problem = error
        time.sleep(0.05)
    raise Timeout(f"{what}: not within the time" + (f" ({problem})" if problem else ""))


def docker(*words, data=None, check=True, quiet=False):
    done = subprocess.run(["docker", *map(str, words)], input=data, capture_output=True, text=True, timeout=PATIENCE)
    if check and done.returncode:
        raise RuntimeError(f"docker {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done.stdout if not quiet else done


def image(name):
    return f"streamspace/{name}:{VERSION}"


class Container:
    def __init__(self, engine, name, number):
        self.engine = engine
        self.name = name
        self.id = number

    def inspect(self):
        return json.loads(docker("inspect", self.id))[0]

    @property
    def address(self):
        networks = self.inspect()["NetworkSettings"]["Networks"]
        return next(one["IPAddress"] for one in networks.values())

    def running(self):
        return self.inspect()["State"]["Running"]

    def logs(self):
        done = docker("logs", self.id, quiet=True)
        return done.stdout + done.stderr

    def wait_up(self, ready):
        """Waits until it is ready; one that ended meanwhile never will be."""
        def asked():
            if not self.running():
                raise AssertionError(f"{self.name} ended")
            return ready()
        wait_for(self.name, asked)
        return self

    def run(self, *words, data=None, user=None):
        """A command inside; its CompletedProcess."""
        return docker("exec", *(["-i"] if data is not None else []), *(["-u", user] if user else []), self.id, *words, data=data, check=False, quiet=True)

    def wait(self):
        """Its exit status, once it has ended."""
        wait_for(f"the end of {self.name}", lambda: not self.running())
        return self.inspect()["State"]["ExitCode"]

    def stop(self, seconds=60):
        docker("stop", "-t", seconds, self.id)
        return self.inspect()["State"]["ExitCode"]

    def signal(self, name):
        docker("kill", "-s", name, self.id)

    def processes(self):
        """Commands of all its processes, as the host sees them."""
        return docker("top", self.id, "-eo", "pid,ppid,stat,args").splitlines()[1:]

    def remove(self):
        docker("rm", "-fv", self.id, check=False)


class Engine:
    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ss-images."))
        self.dir.chmod(0o755)
        self.network = f"ss-{secrets.token_hex(4)}"
        docker("network", "create", self.network)
        self.containers = []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for one in self.containers:
                tap.Tap.diag(f"--- {one.name}:\n" + "\n".join(one.logs().splitlines()[-25:]))
        for one in self.containers:
            one.remove()
        docker("network", "rm", self.network, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self, name, *options, command=(), alias=None, restricted=True, network=None):
        """A container of an image of ours that goes on running (or ends by itself)."""
        words = ["run", "-d", "--network", network or self.network]
        if network is None:
            words += ["--network-alias", alias or name]
        words += [*(RESTRICTED if restricted else ()), *options, image(name) if ":" not in name else name, *command]
        found = Container(self, alias or name, docker(*words).strip())
        self.containers.append(found)
        return found

    def secret(self, name, text, group=10001):
        """A file as a volume of a Secret shows it: root's, readable by the pod's group."""
        path = self.dir / name
        path.write_text(text + "\n", encoding="utf-8")
        os.chown(path, 0, group)
        path.chmod(0o440)
        return path

    def folder(self, name, group=10001):
        """A volume as a claim with fsGroup shows it: root's, writable by the pod's group."""
        path = self.dir / name
        path.mkdir()
        os.chown(path, 0, group)
        path.chmod(0o2770)
        return path


def mount(path, target, how="ro"):
    return ("-v", f"{path}:{target}:{how}")


def main(names, body):
    if os.environ.get("SS_IMAGES_ENGINE") != "1":
        build = subprocess.run([WITH_DOCKER, str(ROOT / "scripts" / "images"), *names], stdin=subprocess.DEVNULL, stdout=sys.stderr)
        if build.returncode:
            tap.run(lambda t: t.fail("the images can be built"))
        os.execv(WITH_DOCKER, [WITH_DOCKER, "--isolated", "--", "env", "SS_IMAGES_ENGINE=1", os.path.abspath(sys.argv[0]), *sys.argv[1:]])

    def run(t):
        with Engine() as engine:
            body(t, engine)

    tap.run(run)
