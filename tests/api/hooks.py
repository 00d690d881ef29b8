"""What the schema cannot say about a valid request; schemathesis loads this file."""

import itertools

import schemathesis

numbers = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every valid request is a request of its own, and a cursor comes from a page, not from an example."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.headers and case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = f"fuzz-{next(numbers)}"
    if case.query and "cursor" in case.query:
        del case.query["cursor"]
