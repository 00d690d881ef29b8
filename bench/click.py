#!/usr/bin/python3
"""From the click on "Start" to the first pixels of the desktop in the browser, split by phase. See bench/README.md for the method."""
import json
import statistics
import subprocess

import common
import harness

ROUNDS = common.env_number("CLICK_ROUNDS", 10)
WARM = 2  # rounds that are thrown away: the first fetches the page's modules


def main():
    common.under_database()
    with harness.Stack() as stack:
        stack.template("terminal", displayName="Terminal")
        stack.start_agent()
        user = stack.user("ada")
        directory = stack.dir / "browser"
        directory.mkdir(mode=0o700)
        done = subprocess.run(["node", str(common.ROOT / "tests" / "browser" / "lib" / "click.js")], text=True, stdout=subprocess.PIPE,
                              env={**common.os.environ, "TMPDIR": str(directory)},
                              input=json.dumps({"url": f"http://127.0.0.1:{stack.port}", "user": user.name, "password": user.password,
                                                "template": "terminal", "rounds": WARM + ROUNDS}))
        if done.returncode:
            raise AssertionError(done.stdout)
        found = json.loads(done.stdout)
    rounds = found["rounds"][WARM:]
    print(f"\nCLICK: from the click on Start to the first pixels of an xterm, {ROUNDS} rounds one after the other, Chromium {found['version']}", flush=True)
    common.say_settings("1 browser, 1 agent (process)")
    whole = statistics.median(sum(r.values()) for r in rounds)
    for phase in rounds[0]:
        values = sorted(r[phase] for r in rounds)
        print(f"  {phase:<22} {statistics.median(values):8.1f} ms   {100 * statistics.median(values) / whole:4.0f} %"
              f"   ({values[0]:.1f} to {values[-1]:.1f})", flush=True)
    print(f"  {'all of it':<22} {whole:8.1f} ms", flush=True)
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
