#!/usr/bin/env python3
"""The chart without a cluster: lint, golden renderings, values that are refused, images, by Helm 4 and Helm 3.

static.py --update writes golden/*.yaml anew.
"""

import json
import re
import subprocess
import sys

import yaml

import chart
import tap


def golden(variant):
    return chart.HERE / "golden" / f"{variant}.yaml"


def lint(t):
    for major in chart.MAJORS:
        for variant, arguments in chart.VARIANTS.items():
            done = chart.helm("lint", "--strict", chart.CHART, *arguments, "--kube-version", chart.KUBE_VERSION,
                              major=major, check=False)
            if not t.ok(done.returncode == 0, f"helm {major} lint --strict: {variant}"):
                t.diag(done.stdout + done.stderr)


def renderings(t):
    for variant in chart.VARIANTS:
        text = chart.without_chance(chart.template(variant).stdout)
        want = golden(variant).read_text() if golden(variant).exists() else ""
        if not t.ok(text == want, f"{variant} renders as golden/{variant}.yaml (tests/chart/static.py --update)"):
            difference(t, want, text)
        t.eq(sorted(map(chart.name, chart.render(variant, major=3))), sorted(map(chart.name, chart.render(variant))),
             f"{variant}: Helm 3 renders the same objects")
        other = chart.without_chance(chart.template(variant, major=3).stdout)
        if not t.ok(chart.documents(other) == chart.documents(text), f"{variant}: and the same text in them"):
            difference(t, text, other)


def difference(t, want, got):
    import difflib
    for line in list(difflib.unified_diff(want.splitlines(), got.splitlines(), "want", "got", lineterm="", n=1))[:60]:
        t.diag(line)


def refused(t):
    for case in yaml.safe_load((chart.HERE / "refused.yaml").read_text()):
        words = [w.replace("--set", "--set-json") for w in chart.RECORD] # --set would outrank what follows
        for key, value in case["set"].items():
            words += ["--set-json", f"{key}={json.dumps(value)}"]
        for major in chart.MAJORS:
            done = chart.template([], *words, major=major, check=False)
            good = done.returncode != 0 and re.search(case["says"], done.stderr)
            if not t.ok(good, f"helm {major} refuses {json.dumps(case['set'])}, naming it"):
                t.diag(done.stderr or "it was rendered")


def schema_is_closed(t):
    """Every object of the schema says what it has, or what each of its values is."""
    open_ones = []

    def walk(node, path):
        if node.get("type") == "object" and not path.endswith(("Affinity", "Selector", "ipBlock", "/global", "podAffinity")):
            if node.get("additionalProperties", True) is True:
                open_ones.append(path)
        for key, below in node.get("properties", {}).items():
            walk(below, f"{path}/{key}")
        if isinstance(node.get("items"), dict):
            walk(node["items"], path + "/0")

    schema = json.loads((chart.CHART / "values.schema.json").read_text())
    walk(schema, "")
    t.eq(open_ones, [], "no object of values.schema.json takes what it does not name")

    def names(value, node, path=""):
        for key, below in value.items():
            if key not in node.get("properties", {}):
                yield f"{path}.{key}"
            elif isinstance(below, dict) and "properties" in node["properties"][key]:
                yield from names(below, node["properties"][key], f"{path}.{key}")

    values = yaml.safe_load((chart.CHART / "values.yaml").read_text())
    t.eq(list(names(values, schema)), [], "every value of values.yaml stands in the schema")


def identity(t):
    meta = yaml.safe_load((chart.CHART / "Chart.yaml").read_text())
    t.eq((meta["version"], meta["appVersion"]), (chart.VERSION, chart.VERSION), "chart and application have the number of VERSION")
    ours = {"server", "agent", "ui", "migrate", "postgresql", "redis"}
    used = set()
    for variant in chart.VARIANTS:
        for o, pod in chart.pods(chart.render(variant)):
            for container in chart.containers(pod):
                used.add((variant == "existing", container["image"]))
    plain = {image for private, image in used if not private}
    t.eq(plain, {f"streamspace/{name}:{chart.VERSION}" for name in ours}, "images are ours, with the tag VERSION")
    private = {image for private, image in used if private}
    t.ok(all(image.startswith("registry.example:5000/streamspace/") for image in private), "image.registry stands in front of each")
    t.ok("registry.example:5000/streamspace/server@sha256:" + "0" * 64 in private, "a digest outranks the tag")
    rendered = chart.render("record", "--set", "image.tag=9.9.9")
    t.eq({c["image"].rpartition(":")[2] for _, pod in chart.pods(rendered) for c in chart.containers(pod)}, {"9.9.9"}, "image.tag is every image's")
    other = chart.template("record", "--kube-version", "1.29.0", check=False)
    t.like(other.stderr, "incompatible with Kubernetes", "an older Kubernetes is refused")


def readme(t):
    done = subprocess.run([chart.ROOT / "scripts" / "chart-readme", "--check"], capture_output=True, text=True)
    if not t.ok(done.returncode == 0, "README's table of values is that of values.yaml"):
        t.diag(done.stderr)
    text = (chart.CHART / "README.md").read_text()
    t.ok("helm install streamspace ./chart --set postgresql.enabled=true --set redis.enabled=true --set api.replicas=2" in text,
         "README shows the command of the decision record")
    t.like(text, "Custom resources are projections. Do not edit them", "and warns of editing custom resources")
    known = set(re.findall(r"^\| `([A-Za-z0-9.]+)` \|", text, flags=re.M))
    said = {word for word in re.findall(r"`([a-z][A-Za-z0-9]*(?:\.[a-zA-Z0-9]+)+)(?:=[^`]*)?`", text.partition("<!-- values -->")[0])}
    others = {"values.schema.json", "ca.crt", "vnc.port"}
    t.eq(sorted(said - known - others), [], "every value that README speaks of is one")


def main(t):
    lint(t)
    renderings(t)
    schema_is_closed(t)
    identity(t)
    readme(t)
    refused(t)


if __name__ == "__main__":
    if "--update" in sys.argv[1:]:
        for variant in chart.VARIANTS:
            golden(variant).write_text(chart.without_chance(chart.template(variant).stdout))
        sys.exit(0)
    tap.run(main)
