#!/usr/bin/python3
"""kill -9 of the server at each of its fault points, in start, hibernate, wake and terminate."""
import faults
import harness

POINTS = ("create-after-commit", "claim-after-commit", "command-after-send", "result-before-write",
          "result-after-write")

if __name__ == "__main__":
    harness.main(lambda t: faults.run(t, "server", POINTS, only_create=("create-after-commit",)))
