"""What the tests of the chart share: Helm, renderings, the values that they are rendered with.

    import chart
    objects = chart.render("record")          # a list of dicts, by Helm 4
    done = chart.helm("lint", …, major=3)     # the finished process

The programs come from `tests/cluster/build helm`.
"""

import base64
import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHART = ROOT / "chart"
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "cluster")]

VERSION = (ROOT / "VERSION").read_text().strip()
KUBE_VERSION = "1.36.3"
MAJORS = (4, 3)

# The values of each golden rendering: golden/NAME.yaml.
RECORD = ["--set", "postgresql.enabled=true", "--set", "redis.enabled=true", "--set", "api.replicas=2"]
VARIANTS = {
    "record": RECORD,
    **{path.stem: ["-f", str(path)] for path in sorted((HERE / "values").glob("*.yaml"))},
}


@functools.cache
def programs():
    """The folder of helm, helm3/helm and kubeconform, built when missing."""
    done = subprocess.run([ROOT / "tests" / "cluster" / "build", "helm"], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(done.stdout.split()[-1])


@functools.cache
def helm_folder():
    return tempfile.TemporaryDirectory(prefix="streamspace-helm.")


def helm(*words, major=4, check=True, **more):
    program = programs() / ("helm" if major == 4 else "helm3/helm")
    folder = helm_folder().name
    environment = dict(os.environ, HELM_CACHE_HOME=folder, HELM_CONFIG_HOME=folder, HELM_DATA_HOME=folder)
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, env=environment, timeout=300, **more)
    if check and done.returncode:
        raise AssertionError(f"helm {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done


def template(variant, *words, major=4, check=True):
    arguments = VARIANTS[variant] if isinstance(variant, str) else variant
    return helm("template", "streamspace", CHART, "--kube-version", KUBE_VERSION, *arguments, *words,
                major=major, check=check)


def documents(text):
    """The objects of a rendering. Two with the same name in one namespace are a mistake that Kubernetes would hide."""
    objects = [o for o in yaml.safe_load_all(text) if o]
    seen = set()
    for o in objects:
        key = (o["apiVersion"], o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"])
        assert key not in seen, f"{key} is rendered twice"
        seen.add(key)
    return objects


@functools.cache
def _rendered(variant, major, words):
    return template(variant, *words, major=major).stdout


def render(variant, *words, major=4):
    return documents(_rendered(variant, major, words))


def name(o):
    return f"{o['kind']} {o['metadata'].get('namespace', '-')}/{o['metadata']['name']}"


def pods(objects):
    """(object, pod template) of each object that makes pods, and of each pod."""
    for o in objects:
        if o["kind"] in ("Deployment", "StatefulSet", "Job", "DaemonSet"):
            yield o, o["spec"]["template"]
        elif o["kind"] == "CronJob":
            yield o, o["spec"]["jobTemplate"]["spec"]["template"]
        elif o["kind"] == "Pod":
            yield o, o


def containers(pod):
    return pod["spec"].get("initContainers", []) + pod["spec"]["containers"]


def without_chance(text):
    """The text with what the chart makes at random replaced by its length, so that two renderings are equal."""
    def fixed(match):
        return f'{match.group(1)}"{len(base64.b64decode(match.group(2)))} made-up bytes"'
    return re.sub(r'^(  (?:password|token|key): )"([A-Za-z0-9+/=]+)"$', fixed, text, flags=re.M)
