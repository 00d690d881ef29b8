"""TAP output for tests in Python.

A test file calls ok(), eq(), like() and ends with done(); a test that raises reports one failure
and exits with 1. Output goes out line by line, so a hanging test shows how far it came.
"""

import json
import re
import sys
import traceback


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, condition, name):
        self.count += 1
        word = "ok" if condition else "not ok"
        if not condition:
            self.failed += 1
        print(f"{word} {self.count} - {str(name).replace('#', 'no.')}", flush=True)
        return bool(condition)

    def eq(self, got, want, name):
        good = self.ok(got == want, name)
        if not good:
            self.diag(f"got:  {show(got)}\nwant: {show(want)}")
        return good

    def like(self, got, pattern, name):
        good = self.ok(re.search(pattern, str(got)) is not None, name)
        if not good:
            self.diag(f"got:     {show(got)}\npattern: {pattern}")
        return good

    def fail(self, name, why=""):
        self.ok(False, name)
        if why:
            self.diag(why)
        return False

    @staticmethod
    def diag(text):
        for line in str(text).splitlines():
            print(f"# {line}", flush=True)

    note = diag

    def done(self):
        """Print the plan and return the exit status."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed or not self.count else 0


def show(value):
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)[:2000]
    return repr(value)[:2000]


def run(main):
    """Run main(tap) as a whole test file; an exception is a failure with its trace."""
    tap = Tap()
    try:
        main(tap)
    except Exception:  # a test must report whatever stopped it
        tap.fail("the test ran to its end", traceback.format_exc())
    sys.exit(tap.done())
