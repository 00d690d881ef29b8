"""What the cluster tests share: the cluster itself, kubectl, waiting, namespaces, rights.

    import cluster
    def main(t): ...
    if __name__ == "__main__":
        cluster.main(main)            # or cluster.main(main, database=True)

cluster.main() runs the file again under tests/cluster/with-cluster (and under tests/bin/with-db)
when there is none yet, so each file runs by itself and several can share one cluster. Each test
takes namespaces of its own.
"""

import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import tap  # noqa: E402

PATIENCE = float(os.environ.get("STREAMSPACE_TEST_PATIENCE", "60"))
KINDS = ("sessions", "templates", "templaterepositories", "connections")
CRDS = [ROOT / "chart" / "crds" / f"stream.space_{kind}.yaml" for kind in KINDS]


class Timeout(AssertionError):
    pass


def main(body, database=False):
    script = os.path.abspath(sys.argv[0])
    if "STREAMSPACE_CLUSTER" not in os.environ:
        program = str(HERE / "with-cluster")
        os.execv(program, [program, "--", sys.executable, script, *sys.argv[1:]])
    if database and "STREAMSPACE_WITH_DB" not in os.environ:
        os.environ["STREAMSPACE_WITH_DB"] = "1"
        program = str(ROOT / "tests" / "bin" / "with-db")
        os.execv(program, [program, "--", sys.executable, script, *sys.argv[1:]])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    control("ensure")
    tap.run(body)


def wait_for(what, probe, timeout=None, every=0.1):
    """Call probe() until it answers something true; return that."""
    end = time.monotonic() + (PATIENCE if timeout is None else timeout)
    while True:
        last = probe()
        if last:
            return last
        if time.monotonic() >= end:
            raise Timeout(f"waited in vain for {what}; last: {tap.show(last)}")
        time.sleep(every)


def control(*words):
    """control-plane: stop, start, kill, freeze, thaw a program of the cluster."""
    subprocess.run([str(HERE / "control-plane"), *words], check=True, timeout=240)


def folder():
    return pathlib.Path(os.environ["STREAMSPACE_CLUSTER"])


def kubectl(*words, stdin=None, check=True, timeout=60):
    """The finished process; words are kubectl's arguments."""
    done = subprocess.run(["kubectl", *map(str, words)], input=stdin, capture_output=True,
                          text=True, timeout=timeout)
    if check and done.returncode:
        raise AssertionError(f"kubectl {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done


def get(kind, name=None, namespace=None, selector=None):
    """One object as a dict (None when it is not there), or the list of items."""
    words = ["get", kind]
    if name:
        words.append(name)
    if namespace:
        words += ["-n", namespace]
    if selector:
        words += ["-l", selector]
    done = kubectl(*words, "-o", "json", check=False)
    if done.returncode:
        if "NotFound" in done.stderr:
            return None
        raise AssertionError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
    answer = json.loads(done.stdout)
    return answer if name else answer["items"]


def apply(document, *words, check=True):
    text = document if isinstance(document, str) else json.dumps(document)
    return kubectl("apply", "-f", "-", *words, stdin=text, check=check)


def install_crds():
    for path in CRDS:
        kubectl("apply", "--server-side", "-f", path)
    for kind in KINDS:
        kubectl("wait", "--for=condition=Established", f"crd/{kind}.stream.space", "--timeout=30s")


def namespace(prefix="test", restricted=True):
    """A new namespace that enforces the restricted Pod Security standard."""
    name = f"{prefix}-{secrets.token_hex(4)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"} if restricted else {}
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    return name


def agent_identity(space, path, control=None):
    """Service account, Roles and RoleBindings of an agent in `space`; a kubeconfig for it at path.

    The rights are those of tests/cluster/agent-role.yaml: nothing outside the namespace but the
    identity Secret, empty, in the namespace `control` (`space` itself when none is named).
    """
    role = (HERE / "agent-role.yaml").read_text().replace("NAMESPACE", space).replace("CONTROL", control or space)
    apply(role)
    token = path.with_suffix(".token")
    token.write_text(agent_token(space))
    write_kubeconfig(path, {"tokenFile": str(token)})
    return token


def agent_token(space, duration="1h"):
    return kubectl("create", "token", "streamspace-agent", "-n", space,
                   f"--duration={duration}").stdout.strip()


def write_kubeconfig(path, user, cluster=None):
    """JSON is YAML: a kubeconfig for this cluster with that user entry."""
    entry = {"server": os.environ["STREAMSPACE_API"], "certificate-authority": str(folder() / "ca.crt")}
    if cluster is not None:
        entry = {"server": os.environ["STREAMSPACE_API"], **cluster}
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": entry}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "users": [{"name": "test", "user": user}]}))
