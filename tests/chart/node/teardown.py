#!/usr/bin/python3
"""Whatever ends with-node, nothing of its node is left; and two nodes stand side by side."""
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cluster"))

import cluster  # noqa: E402
import node  # noqa: E402
from cluster import wait_for  # noqa: E402


def remains(name):
    """What the machine still has of a node."""
    found = [str(path) for path in pathlib.Path("/run/netns").glob(name)]
    found += [line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text().splitlines() if name in line]
    for tree in ("/sys/fs/cgroup", *map(str, pathlib.Path("/sys/fs/cgroup").glob("*"))):
        found += [str(path) for path in pathlib.Path(tree).glob(name)]
    found += [str(path) for path in pathlib.Path("/tmp").glob(name)]
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if name.encode() in path.read_bytes():
                found.append(f"{path}: {path.read_bytes()[:100]}")
        except OSError:
            pass
    return found


def main(t):
    said = cluster.folder() / "other"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STREAMSPACE_") or key.endswith("PATIENCE")}
    script = ('{ echo "$STREAMSPACE_NODE"; kubectl get node node1 -o name; kubectl -n kube-system get pods -o name; echo end; } > "$0";'
              ' exec sleep 600')
    other = subprocess.Popen([cluster.HERE / "with-node", "--", "sh", "-c", script, said], env=environment, start_new_session=True,
                             stdout=subprocess.DEVNULL)
    try:
        wait_for("the second node", lambda: said.exists() and said.read_text().endswith("end\n"), 240)
        name, second, pods = said.read_text().splitlines()[:3]
        t.ok(name.startswith("streamspace-node.") and name != os.environ["STREAMSPACE_NODE"], "a second node starts beside this one")
        t.eq(second, "node/node1", "it is a node of its own")
        t.like(pods, "^pod/coredns-", "on which pods run")
        t.ok(len(remains(name)) > 10, "of which the machine has processes, mounts, control groups and a namespace")
        other.send_signal(signal.SIGKILL)
        other.wait()
        wait_for("nothing to be left", lambda: not remains(name))
        t.eq(remains(name), [], "after SIGKILL nothing of it is left")
    finally:
        other.kill()
        other.wait()
    t.ok(cluster.get("node", "node1"), "and this one is untouched")


if __name__ == "__main__":
    node.main(main)
