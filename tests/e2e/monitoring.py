#!/usr/bin/python3
"""deploy/monitoring: the alerts do what their cases say (promtool), and every query of alerts and dashboard names metrics and
labels that a running server has."""

import json
import pathlib
import re
import subprocess

import harness

DIR = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "monitoring"
NAME = re.compile(r"\b(?:streamspace|process)_[a-z_]+\b")
SELECTOR = re.compile(r"\b((?:streamspace|process)_[a-z_]+)\{([^}]*)\}")
GIVEN = {"instance", "le"}  # by Prometheus, and by every histogram


def promtool(*words):
    return subprocess.run(["promtool", *words], cwd=DIR, text=True, capture_output=True, check=False)


def alerts():
    """(name, expr) of each; the file is read as promtool prints it, so that no parser of ours is in between."""
    import yaml  # Debian's python3-yaml
    rules = yaml.safe_load((DIR / "alerts.yaml").read_text())["groups"][0]["rules"]
    return [(rule["alert"], rule["expr"], rule) for rule in rules]


def samples(text):
    """{metric: {label: values}} of /metrics."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"([a-z_]+)(?:\{(.*)\})? ", line)
        if match and not line.startswith("#"):
            labels = found.setdefault(match.group(1), {})
            for key, value in re.findall(r'([a-z_]+)="([^"]*)"', match.group(2) or ""):
                labels.setdefault(key, set()).add(value)
    return found


def check(t, what, expr, real):
    names = set(NAME.findall(expr))
    t.ok(names, f"{what}: it asks for something of ours")
    t.eq(sorted(names - set(real)), [], f"{what}: each metric exists")
    for metric, body in SELECTOR.findall(expr):
        for key, operator, value in re.findall(r'([a-z_]+)(=~|!~|!=|=)"([^"]*)"', body):
            t.ok(key in real.get(metric, {}), f"{what}: {metric} has the label {key}")
            if operator == "=":
                t.ok(value in real.get(metric, {}).get(key, ()), f"{what}: {key} can be {value}")
    for group in re.findall(r"\b(?:by|without|on) \(([^)]*)\)", expr):
        known = GIVEN.union(*(real.get(name, {}) for name in names))
        t.eq([key for key in group.split(", ") if key not in known], [], f"{what}: the labels of ({group}) exist")


def world():
    """A /metrics with every state that an alert asks for: an agent that is gone, one that waits, a session without a place."""
    with harness.Stack() as stack:
        stack.template("terminal")
        agent = stack.start_agent()
        user = stack.user("ada")
        session = user.create("terminal")["id"]
        user.wait_state(session, "running")
        agent.stop()
        inside = harness.Rest(stack.internal_port)

        def whole():
            real = samples(inside.get("/metrics").text)
            seen = [real.get(f"streamspace_{name}", {}).get(label, ()) for name, label in
                    (("agents", "state"), ("sessions", "state"), ("commands", "state"), ("http_requests_total", "route"))]
            return real if all(value in found for value, found in zip(("offline", "pending", "pending", "get_me"), seen)) else None

        harness.wait_for("the agent to be offline", lambda: "offline" in samples(inside.get("/metrics").text)
                         .get("streamspace_agents", {}).get("state", ()))
        user.terminate(session)
        user.create("terminal")
        user.get("/api/v1/me")
        return harness.wait_for("every state", whole)


def main(t):
    done = promtool("check", "rules", "alerts.yaml")
    t.ok(done.returncode == 0 and "SUCCESS" in done.stdout, "promtool takes the rules")
    done = promtool("test", "rules", "alerts_test.yaml")
    if not t.ok(done.returncode == 0 and "SUCCESS" in done.stdout, "and each alert fires when it should, and not when it should not"):
        t.diag(done.stdout + done.stderr)
    cases = (DIR / "alerts_test.yaml").read_text()
    text = (DIR.parents[1] / "docs" / "operations.md").read_text()
    real = world()
    for name, expr, rule in alerts():
        t.ok(re.search(rf"alertname: {name}\n\s+exp_alerts:", cases), f"{name}: a case makes it fire")
        t.ok(re.search(rf"alertname: {name}}}", cases), f"{name}: and one does not")
        t.ok(rule["labels"]["severity"] in ("critical", "warning", "info") and rule["annotations"]["action"], f"{name}: says what to do")
        t.ok(f"`{name}`" in text, f"{name}: stands in docs/operations.md")
        check(t, name, expr, real)
    board = json.loads((DIR / "dashboard.json").read_text())
    queries = [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel["targets"]]
    t.ok(len(queries) >= 20, f"the dashboard asks {len(queries)} queries")
    for title, expr in queries:
        check(t, title, expr, real)
    t.eq(sorted(set(NAME.findall("streamspace_made_up")) - set(real)), ["streamspace_made_up"], "control: a metric that is not is seen")


if __name__ == "__main__":
    harness.main(main)
