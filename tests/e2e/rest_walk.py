#!/usr/bin/python3
"""docs/rest-walk.md does what it says: its commands, run in order by one shell against a real server and a real agent, answer
what it shows. And what the walk calls a head is what the server logged."""

import os
import pathlib
import re
import subprocess

import harness
import manual

DOC = pathlib.Path(__file__).resolve().parents[2] / "docs" / "rest-walk.md"
MARK = "-- end of answer --"


class Shell:
    """One bash that keeps its variables and functions from block to block."""

    def __init__(self, **env):
        self.process = subprocess.Popen(["bash", "--norc"], env={**os.environ, **env}, text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ask(self, text):
        self.process.stdin.write(f"{text}\necho '{MARK}'\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == MARK:
                return "".join(lines)
            lines.append(line)
        raise AssertionError("the shell ended: " + "".join(lines))

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def main(t):
    with harness.Stack() as stack:
        stack.start_agent(approve=False)
        harness.wait_for("an agent that has registered", lambda: stack.registered("agent-1"))
        shell = Shell(URL=f"http://127.0.0.1:{stack.port}", ADMIN=stack.ADMIN, PASSWORD=stack.admin_password)
        output, shown = "", 0
        for info, block in manual.blocks(DOC.read_text(), "sh", "text"):
            if info == "sh":
                output = shell.ask(block)
                continue
            shown += 1
            if not t.ok(manual.matches(output, block), f"answers: {' / '.join(block.split(chr(10)))[:100]}"):
                t.diag(output)
        t.ok(shown >= 8, f"{shown} blocks are compared")
        head = shell.ask("echo $HEAD").strip()
        t.like(head, r"^[0-9]+:[0-9a-f]{64}$", "the walk ends with a head")
        logged = re.findall(r"audit sealed org=acme head=(\S+)", (stack.dir / "server-0.log").read_text())
        t.ok(head in logged, f"which the server logged, as one of {len(logged)} heads of that organisation")
        t.eq(len(logged), len(set(logged)), "each head once")
        shell.close()


if __name__ == "__main__":
    harness.main(main)
