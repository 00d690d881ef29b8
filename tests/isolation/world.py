"""The world of tests/sql/lib, committed, for tests that need more than one transaction."""

import pathlib
import subprocess

from race import Psql

ROOT = pathlib.Path(__file__).resolve().parents[2]


def install():
    """The helpers of schema t. The database is the one that with-db made for this file."""
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "tests/sql/lib/install.sql"], cwd=ROOT,
                          text=True, capture_output=True)
    if done.returncode:
        raise AssertionError(done.stderr)


def make(function="world"):
    """Install the helpers and make t.world() or t.stage()."""
    install()
    with Psql() as psql:
        psql.ask(f"SELECT t.{function}();")


def actor(name):
    """SQL text of a user's actor in the world."""
    with Psql() as psql:
        return "'" + psql.ask(f"SELECT t.actor('{name}');") + "'"


def miscounts(psql):
    """Counters that differ from the rows they count: empty when all is right."""
    return psql.ask("SELECT t.miscounts();")
