"""What tests on the real node share, beside tests/cluster/cluster.py.

    import node
    def main(t): ...
    if __name__ == "__main__":
        node.main(main)

node.main() runs the file again under tests/cluster/with-node when there is no node yet, so each file runs by itself and several
can share one node. The test itself runs in the node's network namespace: it reaches pods and Services.
"""
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cluster  # noqa: E402
import tap  # noqa: E402


def main(body):
    if "STREAMSPACE_NODE" not in os.environ:
        program = str(cluster.HERE / "with-node")
        os.execv(program, [program, "--", sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    cluster.control("ensure")
    tap.run(body)


def load(*archives):
    """Images of `docker save`, into the node."""
    subprocess.run(["real-node", "load", *map(str, archives)], check=True, timeout=600)


def load_program(name, program):
    """One static program as an image of that name."""
    made = subprocess.run([cluster.HERE / "node" / "image", name, program], check=True, capture_output=True, timeout=60)
    subprocess.run(["real-node", "load", "-"], input=made.stdout, check=True, timeout=60)


def logs(pod, space, *more):
    return cluster.kubectl("logs", pod, "-n", space, *more).stdout
