"""The product on the node of the tests: images, `helm install`, the way in through the chart's Service, a person at a browser.

    with product.Product() as p, product.Person() as person:
        product.load_images()
        p.install(*product.RECORD)                 # helm install … --wait
        person.login(url=p.url, …)
    if __name__ == "__main__":
        product.main(main)
"""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import secrets
import socket
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("cluster", "chart", "e2e")]

import chart  # noqa: E402
import cluster  # noqa: E402
import harness  # noqa: E402
import node  # noqa: E402,F401
import yaml  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402

RECORD = chart.RECORD
TERMINAL = ROOT / "deploy" / "templates" / "terminal.yaml"
KINDS = ("api", "ui", "k8s-agent", "postgresql", "redis")
IMAGES = ("server", "agent", "ui", "migrate", "postgresql", "redis", "session-terminal")


def main(body):
    """Outside of the node, which no network leads out of, what is missing is built; tests/run has the images already."""
    if "STREAMSPACE_NODE" not in os.environ:
        prepare()
    node.main(body)


def prepare():
    if "STREAMSPACE_IMAGES" not in os.environ:
        folder = ROOT / "build" / "images"
        subprocess.run([ROOT / "scripts" / "images", "--save", folder, *IMAGES], check=True, stdin=subprocess.DEVNULL)
        os.environ["STREAMSPACE_IMAGES"] = str(folder)
    subprocess.run([ROOT / "scripts" / "npm-ci", ROOT / "tests" / "browser"], check=True, stdout=subprocess.DEVNULL)


def load_images():
    """Once a node, from the folder STREAMSPACE_IMAGES."""
    done = cluster.folder() / "images-loaded"
    if not done.exists():
        node.load(*(pathlib.Path(os.environ["STREAMSPACE_IMAGES"]) / f"{name}.tar" for name in IMAGES))
        done.touch()


class Forwarder:
    """A listening socket in front of what dial() connects to: a browser logs in by plain http only at localhost."""

    def __init__(self, dial, listener=None):
        self.dial = dial
        self.listener = listener or socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def port(self):
        return self.listener.getsockname()[1]

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        try:
            far = self.dial()
        except OSError:
            near.close()
            return
        far.settimeout(None)
        back = threading.Thread(target=self.copy, args=(far, near), daemon=True)
        back.start()
        self.copy(near, far)
        back.join()
        near.close()
        far.close()

    @staticmethod
    def copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        self.listener.close()


class Client(harness.Rest):
    """Reads again while no server is ready, as clients must: after the database was killed the page says 503 for some seconds."""

    def call(self, method, path, *rest, **more):
        def once():
            try:
                answer = harness.Rest.call(self, method, path, *rest, **more)
            except (OSError, http.client.HTTPException):
                return None
            return None if answer.status in (502, 503, 504) else answer
        if method != "GET":
            return harness.Rest.call(self, method, path, *rest, **more)
        return wait_for(f"an answer to {path}", once)

    def login(self, user, password):
        return Client(self.port, harness.Rest.login(self, user, password).token, user)


class Person:
    """person.js: each method call is one step of it."""

    def __enter__(self):
        self.process = subprocess.Popen(["node", pathlib.Path(__file__).with_name("person.js")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __getattr__(self, step):
        def take(**more):
            self.process.stdin.write(json.dumps({"do": step, **more}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            answer = json.loads(line) if line else {"error": f"{step}: the browser is gone"}
            if "error" in answer:
                raise AssertionError("; ".join(f"{name}: {value}" for name, value in answer.items()))
            return answer
        return take

    def prove(self, product, session, name="proof"):
        """Types a nonce until the home in the pod has it: shell and window manager may be starting still."""
        nonce = secrets.token_hex(8)

        def typed():
            self.type(text=f"\necho {nonce} > ~/{name}; cat ~/{name}\n")
            with contextlib.suppress(cluster.Timeout):
                return wait_for("the file", lambda: product.home_file(session, name) == nonce, 4)

        wait_for(f"{nonce} in ~/{name}", typed)
        return nonce


class Product:
    release, space, sessions = "streamspace", "streamspace", "streamspace-sessions"
    agent = "k8s-agent"

    def __init__(self):
        self.forwarder = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self.explain()
        if self.forwarder:
            self.forwarder.close()

    def explain(self):
        """What somebody would look at who finds it broken."""
        print(kubectl("get", "pods", "-A", "-o", "wide", check=False).stdout.replace("\n", "\n# "), flush=True)
        for pod in [*get("pods", namespace=self.space), *get("pods", namespace=self.sessions)]:
            name, space = pod["metadata"]["name"], pod["metadata"]["namespace"]
            states = [c for key in ("initContainerStatuses", "containerStatuses") for c in pod["status"].get(key, [])]
            for state in states:
                print(f"# --- {space}/{name} {state['name']}: {json.dumps(state['state'])}, {state['restartCount']} restarts")
                text = kubectl("logs", name, "-n", space, "-c", state["name"], "--tail=8", check=False)
                print("#   " + (text.stdout + text.stderr).strip().replace("\n", "\n#   "), flush=True)
        for space in (self.space, self.sessions):
            events = kubectl("get", "events", "-n", space, "--field-selector=type=Warning", "--sort-by=.lastTimestamp", check=False).stdout
            print("# " + "\n".join(events.splitlines()[-25:]).replace("\n", "\n# "), flush=True)

    # ---- Helm ----

    def helm(self, *words, major=4, check=True):
        return chart.helm(*words, major=major, check=check)

    def install(self, *words, chart_folder=chart.CHART, major=4):
        return self.helm("install", self.release, chart_folder, *words, "--wait", "--timeout", "280s", major=major)

    def upgrade(self, *words, chart_folder=chart.CHART, major=4):
        return self.helm("upgrade", self.release, chart_folder, *words, "--wait", "--timeout", "280s", major=major)

    def secrets(self):
        """What Secrets of the control plane hold, but for the record that Helm keeps of each revision."""
        return {s["metadata"]["name"]: s.get("data") for s in get("secrets", namespace=self.space) if not s["type"].startswith("helm.sh/")}

    # ---- the way in ----

    def dial(self):
        """To the Service of the page, by kube-proxy."""
        service = get("service", f"{self.release}-ui", self.space)["spec"]
        return socket.create_connection((service["clusterIP"], service["ports"][0]["port"]), timeout=10)

    def open(self):
        """The port on the loopback that leads there."""
        if not self.forwarder:
            self.forwarder = Forwarder(self.dial)
            self.url = f"http://127.0.0.1:{self.forwarder.port}"
        return Client(self.forwarder.port)

    def administrator(self):
        secret = get("secret", f"{self.release}-admin", self.space)
        return self.open().login("admin", base64.b64decode(secret["data"]["password"]).decode())

    def user(self, admin, name):
        made = admin.must("POST", "/api/v1/users", {"name": name, "role": "user"}, status=201)
        password = secrets.token_hex(12)
        self.open().must("POST", "/api/v1/set-password", {"token": made["set_password_token"], "password": password})
        user = self.open().login(name, password)
        user.password = password
        return user

    @staticmethod
    def terminal(admin, **more):
        spec = yaml.safe_load(TERMINAL.read_text())["spec"]
        return admin.must("PUT", "/api/v1/templates/terminal", {**spec, "platforms": ["kubernetes"], **more})

    def agent_online(self, admin):
        return wait_for("the agent to be online", lambda: [
            a for a in admin.must("GET", "/api/v1/agents")["items"] if a["id"] == self.agent and a["state"] == "online"])

    # ---- pods ----

    def pods(self, component=None):
        selector = f"app.kubernetes.io/instance={self.release}" + (f",app.kubernetes.io/component={component}" if component else "")
        return get("pods", namespace=self.space, selector=selector)

    def living(self, *components):
        """Names of the pods that are not about to end."""
        return {o["metadata"]["name"] for name in components for o in self.pods(name) if "deletionTimestamp" not in o["metadata"]}

    def session_pods(self, session):
        return get("pods", namespace=self.sessions, selector=f"stream.space/session-id={session}")

    def session_pod(self, session):
        """The running pod of a session, that is not about to end."""
        return wait_for(f"a running pod of {session}", lambda: next((
            p for p in self.session_pods(session) if p["status"]["phase"] == "Running" and "deletionTimestamp" not in p["metadata"]), None))

    def home_file(self, session, name):
        pod = self.session_pod(session)["metadata"]["name"]
        done = kubectl("exec", pod, "-n", self.sessions, "--", "sh", "-c", 'cat ~/"$1"', "sh", name, check=False)
        return done.stdout.strip() if done.returncode == 0 else None

    def kill(self, pod):
        kubectl("delete", "pod", pod["metadata"]["name"], "-n", pod["metadata"]["namespace"], "--grace-period=0", "--force", "--wait=false")

    def ready(self, component):
        def probe():
            pods = [p for p in self.pods(component) if "deletionTimestamp" not in p["metadata"]]
            return pods and all(any(c["type"] == "Ready" and c["status"] == "True" for c in p["status"].get("conditions", [])) for p in pods)
        return wait_for(f"{component} to be ready", probe)
