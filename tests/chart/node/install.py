#!/usr/bin/python3
"""The product's main job on a real Kubernetes node: the record's command, a desktop in a browser, hibernate, wake, terminate; pods of
every kind killed in between; upgrade under a running session, rollback, uninstall."""
import pathlib
import shutil
import tempfile

import product
from cluster import get, kubectl, wait_for
from product import KINDS, RECORD, Person, Product


# Milliseconds that a viewer may be away: 10 s, and more beside other tests (tests/run).
LIMIT = 10000 if product.cluster.PATIENCE <= 60 else 30000
REPLACED = ("api", "ui", "k8s-agent")


def row(session, space):
    """What `kubectl get sessions` shows: {column: value}."""
    done = kubectl("get", "sessions", session, "-n", space)
    head, line = done.stdout.splitlines()[:2]
    return dict(zip(head.split(), line.split()))


def next_chart(folder):
    """The chart as its next version would be: every object and every pod changes."""
    shutil.copytree(product.chart.CHART, folder)
    text = (folder / "Chart.yaml").read_text()
    version = product.chart.VERSION
    (folder / "Chart.yaml").write_text(text.replace(f"version: {version}", f"version: {version}-next").replace(
        f'appVersion: "{version}"', f'appVersion: "{version}-next"'))
    return folder


def install(t, p):
    product.load_images()
    p.install(*RECORD)
    t.ok(True, "the record's command, with --wait, ends well")
    for kind in KINDS:
        pods = p.pods(kind)
        t.ok(len(pods) == (2 if kind == "api" else 1) and all(
            c["ready"] for pod in pods for c in pod["status"]["containerStatuses"]), f"every pod of {kind} is ready")
    admin = p.administrator()
    t.ok(p.agent_online(admin), "the administrator of the Secret logs in, and the agent enrolled itself")
    tested = p.helm("test", p.release, "--timeout", "120s")
    t.like(tested.stdout, r"Phase:\s+Succeeded", "helm test says that it works")
    t.eq([o["metadata"]["name"] for kind in ("clusterroles", "clusterrolebindings") for o in get(kind)
          if "streamspace" in o["metadata"]["name"]], [], "nothing has a right in the whole cluster")
    return admin


def desktop(t, p, ada, person):
    person.login(url=p.url, user=ada.name, password=ada.password)
    session = person.start(template="Terminal")["session"]
    t.ok(True, "a person logs in at the page, starts a session from the catalog, and sees its desktop")
    nonce = person.prove(p, session)
    t.ok(nonce, "what is typed there stands in the home in the pod")
    wait_for("kubectl get sessions to say so", lambda: row(session, p.sessions).get("STATE") == "Running")
    shown = row(session, p.sessions)
    t.eq((shown["STATE"], shown["READY"]), ("Running", "True"), "kubectl get sessions shows it as running and ready")
    return session, nonce


def sleep_and_wake(t, p, ada, session, nonce):
    ada.hibernate(session)
    ada.wait_state(session, "hibernated")
    wait_for("no pod of it to be left", lambda: not p.session_pods(session))
    t.ok(True, "hibernated, it has no pod")
    wait_for("the row", lambda: row(session, p.sessions).get("STATE") == "Hibernated")
    t.ok(True, "kubectl get sessions says so")
    ada.wake(session)
    ada.wait_state(session, "running")
    t.eq(p.home_file(session, "proof"), nonce, "awake again, it has the same home")


def kills(t, p, ada, person, session):
    person.open(session=session)
    desktop_of = p.session_pod(session)
    for kind in KINDS:
        p.kill(p.pods(kind)[0])
        p.ready(kind)
        wait_for("the viewer to be back", lambda: person.watch()["state"] == "connected")
        nonce = person.prove(p, session)
        pod = p.session_pod(session)
        t.eq((pod["metadata"]["uid"], ada.session(session)["state"]), (desktop_of["metadata"]["uid"], "running"),
             f"a pod of {kind} is killed: the viewer comes back to the same desktop, and {nonce[:6]}… arrives")
    p.kill(desktop_of)
    wait_for("another pod", lambda: p.session_pod(session)["metadata"]["uid"] != desktop_of["metadata"]["uid"])
    ada.wait_state(session, "running")
    t.eq(p.home_file(session, "proof"), nonce, "the session's own pod is killed: another one runs, with the same home")


def upgrades(t, p, person, session, folder):
    before = p.secrets()
    person.open(session=session)
    pod = p.session_pod(session)
    of_before = p.living(*REPLACED)
    changed = next_chart(folder / "next")
    images = ("--set", f"image.tag={product.chart.VERSION}")
    for words, name in ((("upgrade",), "an upgrade to the next chart"), (("rollback",), "a rollback"), (("upgrade",), "a second upgrade")):
        person.gap()
        if words[0] == "upgrade":
            p.upgrade(*RECORD, *images, chart_folder=changed)
        else:
            p.helm("rollback", p.release, "1", "--wait", "--timeout", "280s")
        wait_for("the viewer to be back", lambda: person.watch()["state"] == "connected")
        gap = person.gap()["longest"]
        person.prove(p, session)
        now = p.session_pod(session)
        t.eq((now["metadata"]["uid"], now["status"]["containerStatuses"][0]["restartCount"]),
             (pod["metadata"]["uid"], pod["status"]["containerStatuses"][0]["restartCount"]), f"{name} leaves the desktop alone")
        t.ok(gap <= LIMIT, f"{name}: its viewer was back within {LIMIT / 1000:g} s")
        t.diag(f"longest without a connection: {gap} ms")
        after = p.living(*REPLACED)
        t.eq((of_before & after, len(after)), (set(), len(of_before)), f"{name} replaced every pod of server, page and agent")
        of_before = after
    t.eq(p.secrets().keys(), before.keys(), "the same Secrets are there")
    t.ok(p.secrets() == before, "and none has changed")


def uninstall(t, p, session):
    p.helm("uninstall", p.release, "--wait", "--timeout", "120s")
    wait_for("the control plane to be gone", lambda: not p.pods())
    claims = [c["metadata"]["name"] for c in get("pvc", namespace=p.sessions)]
    t.ok(claims, f"uninstalled: the homes are kept ({', '.join(claims)})")
    t.ok(get("crd", "sessions.stream.space") and get("namespace", p.sessions), "so are the definitions and the namespace of sessions")


def main(t):
    with Product() as p, tempfile.TemporaryDirectory() as folder:
        admin = install(t, p)
        p.terminal(admin)
        ada = p.user(admin, "ada")
        with Person() as person:
            session, nonce = desktop(t, p, ada, person)
            sleep_and_wake(t, p, ada, session, nonce)
            t.eq(person.problems()["problems"], [], "no page complained of anything")
            kills(t, p, ada, person, session)
            upgrades(t, p, person, session, pathlib.Path(folder))
        ada = p.open().login("ada", ada.password)
        ada.terminate(session)
        ada.wait_state(session, "terminated")
        wait_for("its pod to be gone", lambda: not p.session_pods(session))
        t.ok(True, "terminated, it has no pod")
        uninstall(t, p, session)


if __name__ == "__main__":
    product.main(main)
