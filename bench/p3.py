#!/usr/bin/python3
"""P3: creates over REST against pgbench calling the same procedure. See bench/README.md for the method."""
import statistics
import subprocess
import tempfile

import common

CONNECTIONS = common.env_number("P3_CONNECTIONS", 256)
TENANTS = common.env_number("P3_TENANTS", 256)
ROUNDS = common.env_number("P3_ROUNDS", 3)
SECONDS = common.env_number("P3_SECONDS", 6)
CLIENTS = 16


def main():
    common.under_database()
    if common.SLOW:
        common.slow_down()
    common.make_world(TENANTS, 1)
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        directory = common.pathlib.Path(temporary)
        tokens = directory / "tokens"
        tokens.write_text("".join(common.token(f"u{n}") + "\n" for n in range(1, TENANTS + 1)))
        batched, port = common.start_server(directory, "batched", [])
        lone, lone_port = common.start_server(directory, "lone", ["--create-batch", "1"])
        tails = {"rest": [], "lone": []}

        def load(at, kind):
            common.keep_agents_alive()
            done = subprocess.run([common.BUILD / "bench" / "load", str(at), str(CONNECTIONS), str(SECONDS), "201", tokens,
                                   "/api/v1/sessions", '{"template":"term"}'], text=True, capture_output=True)
            if done.returncode:
                raise AssertionError(f"load: {done.stderr}")
            rate, p50, p99 = done.stdout.split()
            tails[kind].append((float(p50), float(p99)))
            return float(rate)

        def direct():
            common.keep_agents_alive()
            return common.pgbench(common.CREATE.format(users=TENANTS, kind="u"), CLIENTS, SECONDS)

        print(f"\nP3: creates over REST, {CONNECTIONS} connections, against pgbench -c{CLIENTS} -M prepared of streamspace.create_session;"
              f" {TENANTS} tenants; medians of {ROUNDS} rounds of {SECONDS} s, taking turns", flush=True)
        common.say_settings(f"{CONNECTIONS} HTTP connections, 1 batcher, {CLIENTS} clients of pgbench")
        rate, each = common.interleaved(ROUNDS, {
            "pgbench": direct, "rest": lambda: load(port, "rest"), "lone": lambda: load(lone_port, "lone")})
        p50, p99 = ({kind: statistics.median(t[at] for t in values) for kind, values in tails.items()} for at in (0, 1))
        print(f"  pgbench            {rate['pgbench']:9.1f} creates/s   {each['pgbench']}")
        print(f"  REST               {rate['rest']:9.1f} creates/s   {each['rest']}  p50 {p50['rest'] / 1000:.1f} ms  p99 {p99['rest'] / 1000:.1f} ms")
        print(f"  REST, one a call   {rate['lone']:9.1f} creates/s   {each['lone']}  p50 {p50['lone'] / 1000:.1f} ms  p99 {p99['lone'] / 1000:.1f} ms"
              " (--create-batch 1)", flush=True)
        suffix = "-slow" if common.SLOW else ""
        common.line("P3" + suffix, rate["rest"] / rate["pgbench"], 1.0, 1.6)
        common.line("P3-p99" + suffix, p99["rest"] / p99["lone"], 1.0, 0.3, least=False)
        for program in (batched, lone):
            program.stop()
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
