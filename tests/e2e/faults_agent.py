#!/usr/bin/python3
"""kill -9 of the agent at each of its fault points, in start, hibernate, wake and terminate."""
import faults
import harness

POINTS = ("command-received", "effect-before", "effect-middle", "effect-after", "result-after-send")

if __name__ == "__main__":
    harness.main(lambda t: faults.run(t, "agent", POINTS))
