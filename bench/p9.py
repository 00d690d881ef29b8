#!/usr/bin/python3
"""P9: viewers through streamspaced against viewers through websockify. See bench/README.md for the method."""
import shutil
import subprocess
import sys

import common
import viewer_path
from common import harness, wait_for


def main():
    if shutil.which("websockify") is None:
        sys.exit("p9: websockify is missing (scripts/bootstrap bench)")
    common.under_database()
    with harness.Stack(server=False) as stack:
        server = stack.start_server(options=("--rate-limit-actor", "0"))
        agent = stack.start_agent()
        stack.template()
        user = stack.user("viewer", max_sessions=2)
        with viewer_path.one_relay(stack, user) as relayed, viewer_path.whole_path(stack, user) as (whole, path):
            port = harness.free_port()
            # In a session of its own, as the server and the agent are: the kernel shares processors out by session.
            peer = subprocess.Popen(["websockify", "--unix-target", path, f"127.0.0.1:{port}"], start_new_session=True,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                wait_for("websockify", lambda: viewer_path.listens(port))
                version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "websockify"], text=True, capture_output=True).stdout
                print(f"\nP9: viewers of one session, against websockify {version} in front of the same desktop; medians of"
                      f" {viewer_path.ROUNDS} rounds of {viewer_path.SECONDS} s, taking turns")
                kilobytes = {
                    "streamspaced and agent": viewer_path.held(stack.port, viewer_path.tickets(user, whole, viewer_path.HELD), [server.pid, agent.pid]),
                    "websockify": viewer_path.held(port, ["/websockify"] * viewer_path.HELD, [peer.pid])}
                middle = viewer_path.say(viewer_path.measure({
                    "streamspaced": (stack.port, lambda n: viewer_path.tickets(user, relayed, n)),
                    "streamspaced and agent": (stack.port, lambda n: viewer_path.tickets(user, whole, n)),
                    "websockify": (port, lambda n: ["/websockify"] * n)}))
                for name, value in kilobytes.items():
                    print(f"  {name:22} {value:10.1f} kB a viewer (proportional set size, {viewer_path.HELD} quiet viewers)")
            finally:
                peer.terminate()
                peer.wait()
    ours, theirs, whole = "streamspaced", "websockify", "streamspaced and agent"
    print(f"  bulk: {middle['bulk'][ours] / middle['bulk'][theirs]:.2f}; with the agent: small answers"
          f" {middle['rate'][whole] / middle['rate'][theirs]:.2f}, round trip {middle['trip'][whole] / middle['trip'][theirs]:.2f},"
          f" bulk {middle['bulk'][whole] / middle['bulk'][theirs]:.2f} of websockify's")
    common.line("P9", middle["rate"][ours] / middle["rate"][theirs], 1.3, 1.6)
    common.line("P9-trip", middle["trip"][ours] / middle["trip"][theirs], 0.85, 0.7, least=False)
    common.line("P9-memory", kilobytes[whole] / kilobytes[theirs], 1 / 20, 1 / 40, least=False)
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
