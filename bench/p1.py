#!/usr/bin/python3
"""P1: creates that wake the dispatcher against creates that do not. See bench/README.md for the method."""
import subprocess
import tempfile

import common

AGENTS = common.env_number("P1_AGENTS", 16)
TENANTS = common.env_number("P1_TENANTS", 200)
ROUNDS = common.env_number("P1_ROUNDS", 5)
SECONDS = common.env_number("P1_SECONDS", 5)
CLIENTS = 16
RING = "streamspace_rules.ring(p_agent text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
VARIANTS = {
    "without": f"CREATE OR REPLACE FUNCTION {RING} AS $$ BEGIN NULL; END $$;",
    "notify": f"CREATE OR REPLACE FUNCTION {RING} AS $$ BEGIN PERFORM pg_notify('streamspace_agent', p_agent); END $$;",
    "doorbell": (common.ROOT / "sql" / "rules" / "ring.sql").read_text().replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
}


def drained():
    return common.sql("SELECT count(*) FROM streamspace_data.agent_command AS c WHERE c.state = 'pending';") == "0"


def main():
    common.under_database()
    if common.SLOW:
        common.slow_down()
    common.make_world(TENANTS, 1, AGENTS)
    common.sql("DELETE FROM streamspace_data.doorbell;")
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        directory = common.pathlib.Path(temporary)
        server, port = common.start_server(directory, "server", [])
        keys = directory / "keys"
        keys.write_text("".join(f"agent-{n} {common.token(f'agent-{n}')}\n" for n in range(1, AGENTS + 1)))
        agents = subprocess.Popen([common.BUILD / "bench" / "agents", str(port), keys], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if agents.stdout.readline().strip() != "connected":
            raise AssertionError("the agents do not connect")

        def run(variant):
            # What was sent is over: no lease of an earlier run ends in this one.
            common.sql("UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now(), lease_until = NULL"
                       " WHERE state IN ('sent', 'acked');" + VARIANTS[variant])
            rate = common.pgbench(common.CREATE.format(users=TENANTS, kind="u"), CLIENTS, SECONDS)
            common.wait_for("the queue to be empty", drained, 60)
            return rate

        print(f"\nP1: streamspace.create_session by pgbench -c{CLIENTS} while streamspaced sends the commands to {AGENTS} connected agents;"
              f" {TENANTS} tenants; medians of {ROUNDS} rounds of {SECONDS} s, taking turns", flush=True)
        common.say_settings(f"{CLIENTS} clients of pgbench, 1 server, {AGENTS} agents")
        rate, each = common.interleaved(ROUNDS, {name: lambda name=name: run(name) for name in VARIANTS})
        sent = agents.communicate()[0].strip()
        for name, text in (("without", "no wake-up (found by the look each second)"), ("doorbell", "doorbell"), ("notify", "NOTIFY in every create")):
            print(f"  {text:45} {rate[name]:9.1f} creates/s   {each[name]}")
        print(f"  {sent} commands sent; metrics: {common.metric(server, 'dispatch_awakenings_total'):.0f} awakenings,"
              f" {common.metric(server, 'dispatch_polls_total'):.0f} polls, {common.metric(server, 'dispatch_claims_total'):.0f} claims")
        suffix = "-slow" if common.SLOW else ""
        common.line("P1" + suffix, rate["doorbell"] / rate["without"], 0.9, 0.97)
        common.line("P1-notify" + suffix, rate["doorbell"] / rate["notify"], 1.0, 2.2)
        server.stop()
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
