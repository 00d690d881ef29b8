#!/usr/bin/python3
"""Agents enrol themselves with one-time tokens: of `streamspaced init`, and of an administrator. Nothing is approved by hand."""

import json
import secrets
import subprocess

import harness
from harness import wait_for


class Stack(harness.Stack):
    def init_options(self):
        self.init_token = secrets.token_hex(32)
        return ("--enrol-agent", "brought-along", "--enrol-token-file", self.file("init.token", self.init_token + "\n"))

    def run_agent(self, name, token_file, state=None, agent=None):
        state = self.dir / (state or name)
        state.mkdir(mode=0o700, exist_ok=True)
        program = harness.Program(
            name, [harness.BUILD / "streamspace-agent", "--control-plane-url", f"http://127.0.0.1:{self.port}",
                   "--agent-id", agent or name, "--state-dir", state, "--enrolment-token-file", token_file,
                   *self.agent_options("process")],
            self.dir / f"{name}.log", {"STREAMSPACE_AGENT_RECONNECT_MAX": "1s"})
        self.programs.append(program)
        return program

    def is_online(self, agent):
        row = self.agent_row(agent)
        return row and row["state"] == "online" and row


def text_of(program):
    return program.log_path.read_text()


def logged(program, event):
    return [line for line in text_of(program).splitlines() if event in line]


def main(t):
    with Stack() as stack:
        # The one of init.
        file = stack.dir / "init.token"
        agent = stack.run_agent("brought-along", file)
        row = wait_for("the agent to be online", lambda: stack.is_online("brought-along"))
        key = (stack.dir / "brought-along" / "agent.key").read_text().strip()
        t.eq(row["approval"], "approved", "the agent of init enrols itself and is approved at once")
        t.ok(key != stack.init_token, "with a key that it made itself")
        agent.stop()
        agent = stack.run_agent("brought-along", file)
        wait_for("the agent again", lambda: stack.is_online("brought-along"))
        t.ok(True, "started again it needs no token")
        agent.stop()

        thief = stack.run_agent("thief", file, agent="brought-along")
        wait_for("the refusal", lambda: logged(thief, "token_refused"))
        t.ok(True, "a second agent with the same token is refused, and told why")
        t.eq(stack.agent_row("brought-along")["key_prefix"], row["key_prefix"], "and the first one keeps its key")
        thief.stop()

        anonymous = stack.anonymous()
        header = {"X-Agent-API-Key": stack.init_token}
        answers = [anonymous.call("POST", "/api/v1/agents/register", {"agentId": agent_id, "platform": "process",
                                  "protocolVersion": 3, "keyHash": secrets.token_hex(32)}, headers=header).status
                   for agent_id in ("brought-along", "other")]
        answers.append(anonymous.call("GET", "/api/v1/agents", headers={"Authorization": f"Bearer {stack.init_token}"}).status)
        t.eq(answers, [401, 401, 401], "a replay of the token opens nothing")

        again = subprocess.run([harness.BUILD / "streamspaced", "init", "--enrol-agent", "x", "--admin-password-file", file],
                               env={**stack.server_environment(), **harness.HANDED_ON}, text=True, capture_output=True, timeout=60)
        t.eq(again.returncode, 2, "an agent without a token file is a mistake of usage")

        # That of an administrator.
        made = stack.admin.must("POST", "/api/v1/agent-tokens", {"agent": "by-hand"}, status=201)
        hand = stack.file("hand.token", made["secret"] + "\n")
        stack.run_agent("by-hand", hand)
        wait_for("the agent", lambda: stack.is_online("by-hand"))
        listed = stack.admin.must("GET", "/api/v1/agent-tokens?agent=by-hand")["items"]
        t.eq([(x["state"], x["id"]) for x in listed], [("used", made["agent_token"]["id"])], "an administrator's token, shown as used")
        made = stack.admin.must("POST", "/api/v1/agent-tokens", {"agent": "never"}, status=201)
        revoked = stack.admin.must("DELETE", f"/api/v1/agent-tokens/{made['agent_token']['id']}")
        never = stack.run_agent("never", stack.file("never.token", made["secret"] + "\n"))
        wait_for("the refusal", lambda: logged(never, "token_refused"))
        t.eq([revoked["state"], stack.agent_row("never")], ["revoked", None], "a revoked token leaves no agent behind")

        logs = "".join(text_of(p) for p in stack.programs)
        t.eq([s for s in (key, stack.init_token, made["secret"]) if s in logs], [], "no log shows a key or a token")
        shown = json.dumps(stack.admin.must("GET", "/api/v1/audit?limit=200"))
        t.eq([s for s in (key, stack.init_token, made["secret"]) if s in shown], [], "nor does the audit log")


if __name__ == "__main__":
    harness.main(main)
