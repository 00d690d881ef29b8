#!/usr/bin/python3
"""P2: creates of one hot tenant against creates of 1,000 tenants. See bench/README.md for the method."""
import common

TENANTS = common.env_number("P2_TENANTS", 1000)
ROUNDS = common.env_number("P2_ROUNDS", 5)
SECONDS = common.env_number("P2_SECONDS", 5)
CLIENTS = 16


def main():
    common.under_database()
    if common.SLOW:
        common.slow_down()
    common.make_world(TENANTS, TENANTS)

    def run(kind):
        common.keep_agents_alive()
        return common.pgbench(common.CREATE.format(users=TENANTS, kind=kind), CLIENTS, SECONDS)

    print(f"\nP2: streamspace.create_session by pgbench -c{CLIENTS}: {TENANTS} users of one organisation, and of {TENANTS} organisations with one each;"
          f" medians of {ROUNDS} rounds of {SECONDS} s, taking turns", flush=True)
    common.say_settings(f"{CLIENTS} clients of pgbench")
    rate, each = common.interleaved(ROUNDS, {"hot": lambda: run("h"), "many": lambda: run("u")})
    print(f"  one organisation         {rate['hot']:9.1f} creates/s   {each['hot']}")
    print(f"  {TENANTS:5} organisations      {rate['many']:9.1f} creates/s   {each['many']}", flush=True)
    common.line("P2" + ("-slow" if common.SLOW else ""), rate["hot"] / rate["many"], 0.7, 0.9)
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
