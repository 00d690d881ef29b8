#!/usr/bin/python3
"""The protocol of the doorbell, every interleaving of three writers and a server that sleeps twice: no row is left lying.
Both ways to get it wrong lose one, so the model can see it."""

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import tap  # noqa: E402


def errors(directory, *flaw):
    """Counterexamples that spin finds: (number, states)."""
    model = ROOT / "tests" / "model" / "doorbell.pml"
    subprocess.run(["spin", *flaw, "-a", model], cwd=directory, check=True, capture_output=True, text=True)
    subprocess.run(["gcc", "-O2", "-w", "-DSAFETY", "-o", "pan", "pan.c"], cwd=directory, check=True)
    out = subprocess.run(["./pan", "-m100000"], cwd=directory, check=True, capture_output=True, text=True).stdout
    states = next(line for line in out.splitlines() if "states, stored" in line)
    summary = next(line for line in out.splitlines() if "errors:" in line)
    if "max search depth too small" in out:
        raise AssertionError(out)
    return int(summary.split("errors:")[1]), states.strip()


def main(t):
    with tempfile.TemporaryDirectory() as directory:
        found, states = errors(directory)
        t.eq(found, 0, f"no command is left lying ({states})")
        t.ok(int(states.split()[0]) > 1000, "in a good number of states")
        t.eq(errors(directory, "-DNOWAIT")[0], 1, "control: one is, when the server sleeps at once")
        t.eq(errors(directory, "-DXMAX")[0], 1, "control: one is, when a snapshot's upper bound is the horizon")


if __name__ == "__main__":
    tap.run(main)
