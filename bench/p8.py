#!/usr/bin/python3
"""P8: what 5,000 idle agents cost the others, and the server's memory. See bench/README.md for the method."""
import pathlib
import re
import statistics
import subprocess
import tempfile

import common

AGENTS = common.env_number("P8_AGENTS", 5000)
ROUNDS = common.env_number("P8_ROUNDS", 9)
SAMPLES = common.env_number("P8_SAMPLES", 2000)
GAP_US = 300


def memory(program):
    """Bytes that are the program's own: neither files that it maps nor what the kernel keeps for its sockets."""
    text = pathlib.Path(f"/proc/{program.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous:\s+(\d+)", text, re.M).group(1)) * 1024


def echo(port, name):
    done = subprocess.run([common.BUILD / "bench" / "p8", str(port), name, common.token(name), str(SAMPLES), str(GAP_US)],
                          text=True, capture_output=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    return statistics.median(float(line) for line in done.stdout.split())


def main():
    common.under_database()
    common.make_world(1, 1, AGENTS)
    common.sql("DELETE FROM streamspace_data.doorbell; SELECT t.make_agent('echo-none'), t.make_agent('echo-many');"
               " UPDATE streamspace_data.agent_connection SET disconnected_at = now();")
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        directory = pathlib.Path(temporary)
        none, none_port = common.start_server(directory, "none", [])
        many, many_port = common.start_server(directory, "many", [])
        echo(many_port, "echo-many")
        echo(none_port, "echo-none")
        before = memory(many)
        keys = directory / "keys"
        keys.write_text("".join(f"agent-{n} {common.token(f'agent-{n}')}\n" for n in range(1, AGENTS + 1)))
        agents = subprocess.Popen([common.BUILD / "bench" / "agents", str(many_port), keys], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if agents.stdout.readline().strip() != "connected":
            raise AssertionError("the agents do not connect")
        print(f"\nP8: a WebSocket ping and its pong beside {AGENTS} idle agents (each answers the server's pings and beats every 10 s),"
              f" against a server without any; medians of {ROUNDS} rounds of {SAMPLES} samples, taking turns", flush=True)
        common.say_settings(f"2 servers, {AGENTS} agents, one more that asks")
        found, each = common.interleaved(ROUNDS, {"none": lambda: echo(none_port, "echo-none"), "many": lambda: echo(many_port, "echo-many")})
        connected = common.metric(many, "dispatch_agents_connected")
        if connected < AGENTS:
            raise AssertionError(f"{connected} agents are connected")
        after = memory(many)
        agents.communicate()
        print(f"  beside none       p50 {found['none']:8.1f} us   {each['none']}")
        print(f"  beside {AGENTS:5}      p50 {found['many']:8.1f} us   {each['many']}")
        print(f"  the server's own memory: {before >> 10} KiB before, {after >> 10} KiB with them, {(after - before) / AGENTS:.0f} bytes an agent", flush=True)
        common.line("P8", found["many"] / found["none"], 2.0, 1.3, least=False)
        common.line("P8-memory", (after - before) / AGENTS / 1000, 8.0, 6.0, least=False)
        many.stop()
        none.stop()
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
