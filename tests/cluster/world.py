"""A control plane of ours beside the cluster: database, streamspaced, the agent, and one namespace.

    with world.World() as w:
        session = w.ada.create("editor")["id"]
        w.agree(t, "after the start")
"""

import os
import pathlib
import subprocess

import cluster
import harness
from cluster import get, wait_for

TEMPLATE = {
    "displayName": "Editor", "description": "Writes text", "platforms": ["kubernetes"],
    "baseImage": "example.org/editor:1", "defaultResources": {"memory": "256Mi", "cpu": "100m"},
    "vnc": {"enabled": True, "port": 5901}, "env": [{"name": "LANG", "value": "C.UTF-8"}],
    "volumeMounts": [{"name": "user-home", "mountPath": "/config"}], "tags": ["text"],
}
AGENT = "kube-agent"


class World(harness.Stack):
    def __init__(self, election=False):
        """election: the agent keeps its key in a Secret and works only while it holds the Lease."""
        super().__init__()
        self.election = election
        try:
            cluster.install_crds()
            self.space = cluster.namespace("world")
            self.kubeconfig = self.dir / "kubeconfig"
            self.control = cluster.namespace("control") if election else self.space
            cluster.agent_identity(self.space, self.kubeconfig, self.control)
            self.ada = self.user("ada")
            self.template("editor", TEMPLATE)
            self.agent = None
            self.run_agent()
        except BaseException:
            self.close()
            raise

    def run_agent(self, **more):
        self.agent = self.start_agent(AGENT, platform="kubernetes", options=self.kubernetes_options(), **more)
        return self.agent

    def kubernetes_options(self):
        election = ("--identity-secret", f"{self.control}/streamspace-agent-identity",
                    "--leader-election-lease", "streamspace-agent") if self.election else ()
        return ("--kubeconfig", self.kubeconfig, "--namespace", self.space,
                "--kube-rate", "200", "--kube-burst", "400", "--reconnect-max", "2s", *election)

    def stop_agent(self):
        code = self.agent.stop()
        if code or self.agent.complaints():
            raise AssertionError(f"the agent ended with {code}:\n{self.agent.tail()}")

    def close(self):
        super().close()
        if getattr(self, "space", None):
            cluster.kubectl("delete", "namespace", self.space, self.control, "--wait=false", check=False)

    # ---- the cluster's side ----

    def of(self, kind, session):
        return get(kind, namespace=self.space, selector=f"stream.space/session-id={session}")

    def deployment(self, session):
        return get("deployment", session, self.space)

    def pods(self, session):
        return sorted(p["metadata"]["uid"] for p in self.of("pods", session))

    def compare(self):
        """The output and status of the independent comparison."""
        done = subprocess.run([str(cluster.HERE / "compare"), self.space, AGENT],
                              capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PGUSER": "dba"})
        return done.returncode, (done.stdout + done.stderr).strip()

    def agree(self, t, when, timeout=60):
        """Both sides agree, now or soon: reports may still be on their way."""
        last = [None]

        def probe():
            last[0] = self.compare()
            return last[0][0] == 0

        try:
            wait_for("both sides to agree", probe, timeout, every=0.3)
        except cluster.Timeout:
            pass
        code, text = last[0]
        if not t.ok(code == 0, f"database and cluster agree {when}"):
            t.diag(text)
            t.diag(self.agent.tail(15))
            t.diag(self.server.tail(15))
        return code == 0
