#!/usr/bin/python3
"""The node of these tests is a real one: pods run, under the restricted standard, with DNS, Services, volumes, probes and exec."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cluster"))

import cluster  # noqa: E402
import node  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402

IMAGE = "localhost/busybox:1"
RESTRICTED = {"runAsNonRoot": True, "runAsUser": 10001, "fsGroup": 10001, "seccompProfile": {"type": "RuntimeDefault"}}
LOCKED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def pod(name, script, volumes=(), **more):
    mounts = [{"name": volume["name"], "mountPath": "/" + volume["name"]} for volume in volumes]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"securityContext": RESTRICTED, "terminationGracePeriodSeconds": 1, "volumes": list(volumes), "restartPolicy": "Never",
                     "automountServiceAccountToken": False,
                     "containers": [{"name": "main", "image": IMAGE, "imagePullPolicy": "Never", "securityContext": LOCKED,
                                     "command": ["/busybox", "sh", "-c", script], "volumeMounts": mounts, **more}]}}


def succeeded(name, space):
    def probe():
        phase = get("pod", name, space)["status"]["phase"]
        if phase == "Failed":
            raise AssertionError(f"pod {name}: {node.logs(name, space)}")
        return phase == "Succeeded"
    wait_for(f"pod {name} to succeed", probe)
    return node.logs(name, space)


def main(t):
    space = cluster.namespace("pods")
    node.load_program(IMAGE, "/bin/busybox")
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "home"},
             "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}}
    cluster.apply(claim, "-n", space)
    home = {"name": "home", "persistentVolumeClaim": {"claimName": "home"}}
    temporary = {"name": "www", "emptyDir": {}}
    cluster.apply(pod("server", "echo from a pod > /www/page; exec /busybox httpd -f -p 8080 -h /www", [temporary],
                      readinessProbe={"httpGet": {"path": "/page", "port": 8080}, "periodSeconds": 1}), "-n", space)
    cluster.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                   "spec": {"selector": {"app": "server"}, "ports": [{"port": 80, "targetPort": 8080}]}}, "-n", space)
    kubectl("wait", "--for=condition=Ready", "pod/server", "-n", space, "--timeout=60s", timeout=90)
    t.ok(True, "a pod of a saved image runs, without rights, and its readiness probe is asked")

    address = f"web.{space}.svc.cluster.local"
    cluster.apply(pod("client", f"for i in $(seq 60); do /busybox wget -qO- http://{address}/page && exit; sleep 0.5; done; exit 1"), "-n", space)
    t.eq(succeeded("client", space).splitlines()[-1], "from a pod", "another pod finds it by DNS through its Service")
    ip = get("service", "web", space)["spec"]["clusterIP"]
    t.eq(cluster.subprocess.run(["/bin/busybox", "wget", "-qO-", f"http://{ip}/page"], capture_output=True, text=True, timeout=30).stdout.strip(),
         "from a pod", "so does the test itself, in the node's namespace")

    cluster.apply(pod("writer", "id -u > /home/who && ls -ldn /home", [home]), "-n", space)
    t.like(succeeded("writer", space), r"^drwxrws\S* +\d+ 0 +10001 ", "a claim's volume belongs to the pod's fsGroup")
    cluster.apply(pod("reader", "cat /home/who; touch /no 2>&1 || true", [home]), "-n", space)
    t.like(succeeded("reader", space), "^10001\n.*Read-only file system", "another pod reads what it wrote; its root is read-only")
    t.eq(kubectl("exec", "server", "-n", space, "--", "/busybox", "cat", "/www/page").stdout.strip(), "from a pod", "kubectl exec works")

    volume = get("pvc", "home", space)["spec"]["volumeName"]
    for name in ("writer", "reader"):
        kubectl("delete", "pod", name, "-n", space)
    kubectl("delete", "pvc", "home", "-n", space)
    wait_for("the volume to go", lambda: get("pv", volume) is None)
    t.ok(not (cluster.folder() / "volumes" / volume).exists(), "a claim takes its volume along")

    token = kubectl("create", "token", "default", "-n", space, "--duration=10m").stdout.strip()
    refused = kubectl("--token", token, "--kubeconfig", "/dev/null", "--server", cluster.os.environ["STREAMSPACE_API"],
                      "--certificate-authority", cluster.folder() / "ca.crt", "get", "secrets", "-n", space, check=False)
    t.like(refused.stderr, "Forbidden", "a service account has no right that nobody gave it")
    user = f"system:serviceaccount:{space}:default"
    lines = [json.loads(line) for line in (cluster.folder() / "audit.log").read_text().splitlines() if user in line]
    t.ok(any(line["user"]["username"] == user and line["responseStatus"]["code"] == 403 for line in lines), "and the audit log has it")

    cluster.control("kill", "kubelet")
    cluster.control("start", "kubelet")
    cluster.apply(pod("after", "echo again"), "-n", space)
    t.eq(succeeded("after", space).strip(), "again", "a kubelet that was killed comes back and runs pods")
    t.eq(get("pod", "server", space)["status"]["containerStatuses"][0]["restartCount"], 0, "those of before lived on")
    kubectl("delete", "namespace", space, "--wait=false")


if __name__ == "__main__":
    node.main(main)
