#!/usr/bin/python3
"""P10: viewers through server and agent against viewers through the server alone; and over two replicas. See bench/README.md."""
import common
import viewer_path
from common import harness


def main():
    common.under_database()
    with harness.Stack(server=False) as stack:
        other = stack.start_server(options=("--rate-limit-actor", "0"))
        own = stack.start_server(port=harness.free_port(), options=("--rate-limit-actor", "0"))
        stack.start_agent()
        stack.template()
        user = stack.user("viewer", max_sessions=2)
        with viewer_path.one_relay(stack, user) as relayed, viewer_path.whole_path(stack, user) as (whole, _):
            print(f"\nP10: viewers of one session through server and agent against through the server alone; medians of"
                  f" {viewer_path.ROUNDS} rounds of {viewer_path.SECONDS} s, taking turns")
            middle = viewer_path.say(viewer_path.measure({
                name: (port, lambda n, port=port, made=made: viewer_path.tickets(user, made, n, port))
                for name, port, made in (("one relay", own.port, relayed), ("with the agent", own.port, whole),
                                         ("and another replica", other.port, whole))}))
    one, two, three = "one relay", "with the agent", "and another replica"
    print(f"  over another replica: bulk {middle['bulk'][three] / middle['bulk'][two]:.2f}, round trip"
          f" {middle['trip'][three] / middle['trip'][two]:.2f} of what they are at the agent's own replica")
    common.line("P10", middle["bulk"][two] / middle["bulk"][one], 0.4, 0.5)
    common.line("P10-trip", middle["trip"][two] / middle["trip"][one], 3.0, 2.0, least=False)
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
