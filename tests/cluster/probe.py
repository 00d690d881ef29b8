"""build/san/tests/kube_probe as an object: the agent's Kubernetes client or driver, called by line."""

import json
import os
import queue
import subprocess
import threading
import time

import cluster

BUILD = os.environ.get("STREAMSPACE_BUILD", str(cluster.ROOT / "build" / "san"))


class Probe:
    def __init__(self, mode, kubeconfig, namespace, *options):
        program = os.path.join(BUILD, "tests", "kube_probe")
        self.process = subprocess.Popen(
            [program, mode, str(kubeconfig), namespace, *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.answers = queue.Queue()
        self.lines = []  # what came by itself
        self.errors = []
        self.threads = [threading.Thread(target=self._read, daemon=True),
                        threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self.threads:
            thread.start()
        self.opened = self.answers.get(timeout=60)

    def _read(self):
        for text in self.process.stdout:
            line = json.loads(text)
            (self.answers.put if "rc" in line else self.lines.append)(line)

    def _read_errors(self):
        for text in self.process.stderr:
            self.errors.append(text)

    def send(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def call(self, text, timeout=120):
        self.send(text)
        return self.answers.get(timeout=timeout)

    def seen(self, **want):
        """The lines that came by themselves and have these members."""
        return [line for line in list(self.lines) if all(line.get(k) == v for k, v in want.items())]

    def wait(self, what, count=1, timeout=60, **want):
        cluster.wait_for(what, lambda: len(self.seen(**want)) >= count, timeout, every=0.05)
        return self.seen(**want)[-1]

    def close(self):
        """End of input; the exit status, which a sanitizer makes non-zero."""
        if self.process.poll() is None:
            try:
                self.process.stdin.close()
            except OSError:
                pass
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for thread in self.threads:
            thread.join(timeout=5)
        return self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Driver(Probe):
    def __init__(self, kubeconfig, namespace, agent="agent-1", installation="inst-1"):
        super().__init__("driver", kubeconfig, namespace, agent)
        self.installation = installation

    def command(self, action, name, revision, kind="session", seconds=60, wait=True, **payload):
        document = {"action": action, "kind": kind, "id": name, "revision": revision,
                    "installation": self.installation, "seconds": seconds, "payload": payload}
        if not wait:
            return self.send(json.dumps(document))
        return self.call(json.dumps(document), timeout=seconds + 60)

    def session(self, action, name, revision, desired, state=None, seconds=60, wait=True, **more):
        return self.command(action, name, revision, seconds=seconds, wait=wait,
                            **payload(name, desired, state, **more))

    def inventory(self):
        answer = self.call("inventory")
        return {(o["kind"], o["id"]): o for o in answer["objects"]}


def payload(name, desired, state=None, **more):
    states = {"running": "starting", "hibernated": "hibernating", "stopped": "failed",
              "terminated": "terminating"}
    spec = {"displayName": "Editor", "baseImage": "example.org/editor:1", "vnc": {"enabled": True, "port": 5901},
            "env": [{"name": "LANG", "value": "C.UTF-8"}],
            "volumeMounts": [{"name": "user-home", "mountPath": "/config"}]}
    spec.update(more.pop("template", {}))
    document = {
        "sessionId": name, "user": "ada", "org": "default", "template": "editor", "templateRevision": 1,
        "templateManifest": {"apiVersion": "stream.space/v1alpha1", "kind": "Template",
                             "metadata": {"name": "editor.default"}, "spec": spec},
        "memory": "256Mi", "cpu": "100m", "persistentHome": True, "tags": ["one", "two"],
        "idleTimeout": None, "maxSessionDuration": None, "desiredState": desired,
        "state": state or states[desired], "reason": None, "message": None}
    document.update(more)
    return document


def wait_line(probe, what, timeout=60, **want):
    return probe.wait(what, timeout=timeout, **want)


def pause(seconds):
    """A stretch in which nothing may happen."""
    time.sleep(seconds)
