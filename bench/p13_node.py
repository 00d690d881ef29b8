#!/usr/bin/python3
"""P13-node: from POST to a desktop's greeting on a real Kubernetes node, against the same Deployment made by kubectl. See
bench/README.md for the method. Root."""
import json
import socket
import statistics
import sys
import time

import common

sys.path[:0] = [str(common.ROOT / "tests" / name) for name in ("chart/node", "cluster", "chart", "e2e")]

import product  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402
from p13 import GREETING, post_to_greeting  # noqa: E402

ROUNDS = common.env_number("P13_NODE_ROUNDS", 7)


def ended(p, user, session):
    user.terminate(session)
    user.wait_state(session, "terminated")
    wait_for("its pod to be gone", lambda: not p.session_pods(session))


def copy_of(p, session):
    """What the product made for a session, as somebody would write it himself: a Deployment, a Service, and a claim of its own."""
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "hand", "namespace": p.sessions},
             "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    deployment = get("deployment", session, p.sessions)
    spec = deployment["spec"]
    labels = {"app": "hand"}
    spec["selector"] = {"matchLabels": labels}
    spec["template"]["metadata"] = {"labels": labels}
    for volume in spec["template"]["spec"]["volumes"]:
        if "persistentVolumeClaim" in volume:
            volume["persistentVolumeClaim"]["claimName"] = "hand"
    things = [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "hand", "namespace": p.sessions}, "spec": spec},
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "hand", "namespace": p.sessions},
               "spec": {"selector": labels, "ports": [{"port": 5900}]}}]
    return claim, json.dumps({"apiVersion": "v1", "kind": "List", "items": things})


def greeting_at(address):
    def probe():
        try:
            with socket.create_connection((address, 5900), 1) as sock:
                return sock.recv(12) == GREETING
        except OSError:
            return False
    wait_for("a greeting", probe, every=0.01)


def by_hand(p, things):
    """Milliseconds from `kubectl create` to the greeting, by `kubectl wait` for readiness."""
    begin = time.monotonic()
    kubectl("create", "-f", "-", stdin=things)
    kubectl("wait", "--for=condition=Available", "deployment/hand", "-n", p.sessions, "--timeout=60s", timeout=90)
    pod = get("pods", namespace=p.sessions, selector="app=hand")[0]
    greeting_at(pod["status"]["podIP"])
    took = (time.monotonic() - begin) * 1000
    kubectl("delete", "deployment,service", "hand", "-n", p.sessions, "--grace-period=0")
    wait_for("its pod to be gone", lambda: not get("pods", namespace=p.sessions, selector="app=hand"))
    return took


def measure(p):
    p.install(*product.RECORD)
    admin = p.administrator()
    p.agent_online(admin)
    p.terminal(admin)
    user = p.user(admin, "bench")
    phases = []
    session, _ = post_to_greeting(user, "terminal", 0.01)
    claim, things = copy_of(p, session)
    kubectl("create", "-f", "-", stdin=json.dumps(claim))
    ended(p, user, session)
    by_hand(p, things)

    def through():
        session, took = post_to_greeting(user, "terminal", 0.01)
        phases.append(took)
        ended(p, user, session)
        return sum(took)

    version = json.loads(kubectl("version", "-o", "json").stdout)["serverVersion"]["gitVersion"]
    print(f"\nP13-node: POST /api/v1/sessions -> RFB greeting at a viewer, through the Service of the page, on a node of Kubernetes {version} with"
          f" containerd and runc, against `kubectl create` of the same Deployment and Service, `kubectl wait`, and a greeting at the pod;"
          f" medians of {ROUNDS} rounds, taking turns; 2 servers, PostgreSQL in a pod (fsync on), 1 agent", flush=True)
    found, each = common.interleaved(ROUNDS, {"hand": lambda: by_hand(p, things), "product": through})
    for name, text in (("hand", "by kubectl"), ("product", "through the product")):
        print(f"  {text:20} {found[name]:8.1f} ms   {[round(v, 1) for v in each[name]]}")
    parts = [statistics.median(values) for values in zip(*phases)]
    print(f"    of which POST {parts[0]:.1f} ms, until it is running {parts[1]:.1f} ms, ticket to greeting {parts[2]:.1f} ms", flush=True)
    common.line("P13-node", found["product"] / found["hand"], 1.3, 1.1, least=False)


def body(t):
    with product.Product() as p:
        product.load_images()
        measure(p)
    t.ok(True, "measured")


if __name__ == "__main__":
    product.main(body)
