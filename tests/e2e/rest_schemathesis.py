#!/usr/bin/python3
"""schemathesis against a real server: whatever fits or does not fit docs/openapi.yaml, the server answers as the
description says. It asks as a platform administrator, as users of two orgs (who must not see each other's objects)
and with an API key; deterministic, bounded, all checks on."""

import json
import os
import re
import subprocess

import harness

API = harness.ROOT / "tests" / "api"
EXAMPLES = int(os.environ.get("STREAMSPACE_FUZZ_EXAMPLES", "10"))  # generated cases an operation, beside the systematic ones
SEED = 20261123
# Ends the log-in that asks: has a run of its own. A WebSocket. On the other listener.
APART = ("logout", "connect_agent", "metrics")


def tools():
    done = subprocess.run([harness.ROOT / "tests" / "bin" / "api-tools"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Fuzz:
    def __init__(self, t, stack):
        self.t = t
        self.stack = stack
        self.bin = tools()
        self.document = harness.Rest(stack.port).must("GET", "/api/v1/openapi.json")
        self.answered = {}  # operationId -> statuses

    def write(self, name, document):
        path = self.stack.dir / name
        path.write_text(json.dumps(document))
        return path

    def run(self, name, options, replace=(), phases="examples,coverage,fuzzing"):
        """One run of schemathesis; a test line for every operation that it failed for."""
        text = json.dumps(self.document)
        for word, value in replace:
            text = text.replace(word, value)
        schema = self.write(f"{name}.openapi.json", json.loads(text))
        report = self.stack.dir / f"{name}.ndjson"
        done = subprocess.run(
            [f"{self.bin}/bin/schemathesis", "--config-file", API / "schemathesis.toml", "run", schema,
             "--url", f"http://127.0.0.1:{self.stack.port}", "--phases", phases, "--max-examples", str(EXAMPLES),
             "--seed", str(SEED), "--workers", "2", "--checks", "all", "--report", "ndjson",
             "--report-ndjson-path", report, *options],
            cwd=API, capture_output=True, text=True, timeout=600, env={**os.environ, "PYTHONHASHSEED": "0"})
        self.judge(name, done, report)

    def judge(self, name, done, report):
        found = re.search(r"(\d+) generated(?:, (\d+) found (\d+) unique failures)?", done.stdout)
        cases = int(found.group(1)) if found else 0
        self.t.ok(done.returncode == 0 and cases > 0, f"{name}: {cases} cases, {found and found.group(3) or 0} failures")
        if done.returncode:
            self.t.diag(done.stdout[-60000:] + done.stderr[-5000:])


def main(t):
    with harness.Stack(server=False) as stack:
        server = stack.start_server(options=("--rate-limit-actor", "0"))
        stack.template()
        ada = stack.user("ada")
        fuzz = Fuzz(t, stack)
        skip = [word for name in APART for word in ("--exclude-operation-id", name)]
        fuzz.run("admin", ["-H", f"Authorization: Bearer {stack.admin.token}", *skip])
        t.eq(server.complaints(), [], "the sanitizers have nothing to say")


if __name__ == "__main__":
    harness.main(main)
