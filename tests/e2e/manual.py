"""Manuals whose examples are run: blocks of a page, and answers compared with what the page shows."""

import re


def blocks(text, *kinds):
    """(info, content) of every fenced block whose info begins with one of kinds, in order."""
    words = "|".join(map(re.escape, kinds))
    return re.findall(rf"^```((?:{words})[^\n]*)\n(.*?)^```", text, re.M | re.S)


def flat(text):
    """An output without what its column widths make of it."""
    text = re.sub(r"-[-+]{2,}", "---", text)
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def matches(got, want):
    """Whether an output is the one that is shown; … stands for anything."""
    pattern = "".join(".*?" if part == "…" else re.escape(part) for part in re.split("(…)", flat(want)))
    return re.fullmatch(pattern, flat(got), re.S) is not None
