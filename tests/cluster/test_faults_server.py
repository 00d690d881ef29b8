#!/usr/bin/python3
"""kill -9 of the server at each of its fault points, and of PostgreSQL, while pods start and end."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
import kills  # noqa: E402

POINTS = ("create-after-commit", "claim-after-commit", "command-after-send", "result-before-write",
          "result-after-write")


def database(t, w):
    """PostgreSQL killed right after the request of each step was committed."""
    session = None
    for step, state in kills.FINAL.items():
        session = kills.call(w, step, session)
        for word in ("kill9", "start"):
            subprocess.run([cluster.ROOT / "tests" / "bin" / "pg-ctl", word], check=True, timeout=90,
                           stdout=subprocess.DEVNULL)
        # Each connection of the server's pool finds out by itself that it is dead, and that is one 503.
        cluster.wait_for(f"the session to be {state}", lambda: (w.ada.get(f"/api/v1/sessions/{session}").json or {}).get("state") == state, 90)
        w.agree(t, f"after kill -9 of PostgreSQL during {step}")
    t.eq(kills.created(w, session), 1, "PostgreSQL: the Deployment was created once")


if __name__ == "__main__":
    cluster.main(lambda t: kills.run(t, "server", POINTS, ("create-after-commit",), database), database=True)
