"""What the schema cannot say about a valid request; schemathesis loads this file."""

import datetime
import itertools

import schemathesis
from hypothesis import strategies

numbers = itertools.count(1)


def text_of(time):
    return time.isoformat(timespec="milliseconds") + "Z"


# Of RFC 3339 what PostgreSQL takes: no year 0, no offset of 16 hours or more.
schemathesis.openapi.format("date-time", strategies.datetimes(
    min_value=datetime.datetime(1, 1, 2), max_value=datetime.datetime(9999, 12, 30)).map(text_of))


@schemathesis.hook
def before_call(context, case, kwargs):
    """A valid request is one of its own, and what it says of time and of other answers can be true."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    for name in ("If-Match", "If-None-Match"):
        if case.headers and case.headers.get(name) == "0":  # a number: the systematic phase forgets the type of a header
            del case.headers[name]
    if case.headers and case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = f"fuzz-{next(numbers)}"
    if case.query and "cursor" in case.query:  # comes from a page, not from an example
        del case.query["cursor"]
    if case.query and "since" in case.query and case.operation.path == "/api/v1/events":  # comes from an answer
        del case.query["since"]
    if isinstance(case.body, dict) and case.body.get("expires_at"):
        case.body["expires_at"] = text_of(datetime.datetime.utcnow() + datetime.timedelta(days=1))
