#!/usr/bin/python3
"""kill -9 of the agent at each of its fault points, in start, hibernate, wake and terminate of pods."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
import kills  # noqa: E402

POINTS = ("command-received", "effect-before", "effect-middle", "effect-after", "result-after-send")

if __name__ == "__main__":
    cluster.main(lambda t: kills.run(t, "agent", POINTS), database=True)
