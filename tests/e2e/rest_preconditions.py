#!/usr/bin/python3
"""ETag, If-Match and If-None-Match: the revision of an object, a change that is made only to the state that was
read, and an answer that is not sent twice."""

import harness
import openapi


def if_match(value):
    return {"headers": {"If-Match": value}}


def if_none_match(value):
    return {"headers": {"If-None-Match": value}}


def check_tags(t, client, made, path):
    t.eq(made.headers["ETag"], f'"{made.json["revision"]}"', "what was made has its revision as ETag")
    read = client.get(path)
    t.eq((read.status, read.headers["ETag"]), (200, made.headers["ETag"]), "so it has when it is read")
    head = client.call("HEAD", path)
    t.eq((head.status, head.headers["ETag"], head.text), (200, read.headers["ETag"], ""), "HEAD tells it without a body")
    listed = client.get("/api/v1/sessions")
    t.eq((listed.status, listed.headers["ETag"]), (200, None), "a page of a list has none")
    return read


def check_reads(t, client, read, path):
    tag = read.headers["ETag"]
    for value in (tag, f"W/{tag}", f'"0", {tag}', "*"):
        answer = client.get(path, **if_none_match(value))
        t.eq((answer.status, answer.text, answer.headers["ETag"]), (304, "", tag), f"If-None-Match: {value} saves the body")
    for value in ('"0"', '"x","y"'):
        answer = client.get(path, **if_none_match(value))
        t.eq((answer.status, answer.json), (200, read.json), f"If-None-Match: {value} does not")
    for value in ("17", '"17', '"a" "b"', ""):
        answer = client.get(path, **if_none_match(value))
        t.eq((answer.status, answer.code, answer.json.get("header")), (422, "invalid_argument", "If-None-Match"),
             f"If-None-Match: {value or 'nothing'} is refused")
    answer = client.get(path, **if_none_match("*"))
    t.eq((answer.headers["Content-Type"], answer.headers["X-Request-Id"] is not None), (None, True), "a 304 has the headers that it needs")


def check_changes(t, client, path):
    """A change is made to the revision that was read, or not at all."""
    def rename(name, match):
        return client.call("PATCH", path, {"name": name}, headers={"If-Match": match} if match else None)

    first = client.get(path).json["revision"]
    changed = rename("one", f'"{first}"')
    second = changed.json["revision"]
    t.eq((changed.status, second > first, changed.headers["ETag"]), (200, True, f'"{second}"'), "If-Match of the present revision: changed, and a new ETag")
    late = rename("two", f'"{first}"')
    t.eq((late.status, late.code, late.json.get("revision")), (412, "revision_mismatch", second), "of an older one: refused, with the present")
    t.eq(client.get(path).json["name"], "one", "and nothing was changed")
    t.eq(rename("three", "*").status, 200, "*: any revision")
    t.eq(rename("four", None).status, 200, "without the header the last one wins")
    for value in ("17", '"017"', '"0"', 'W/"1"', '"1", "2"', '"9007199254740992"', ""):
        answer = rename("five", value or " ")
        t.eq((answer.status, answer.code, answer.json.get("header")), (422, "invalid_argument", "If-Match"),
             f"If-Match: {value or 'nothing'} is refused")
    t.eq(client.get(path).json["name"], "four", "and none of these changed anything")


def check_refusals(t, client):
    answer = client.post("/api/v1/sessions", {"template": "terminal"}, **if_match('"1"'))
    t.eq((answer.status, answer.code, answer.json.get("header")), (422, "invalid_argument", "If-Match"),
         "If-Match where nothing exists yet is refused, not ignored")


def main(t):
    watch = openapi.Watch()
    with harness.Stack() as stack:
        stack.template()
        user = stack.user("ada")
        made = user.post("/api/v1/sessions", {"template": "terminal"})
        path = f"/api/v1/sessions/{made.json['id']}"
        read = check_tags(t, user, made, path)
        check_reads(t, user, read, path)
        check_changes(t, user, path)
        check_refusals(t, user)
        dry = user.post("/api/v1/sessions?dry_run=true", {"template": "terminal"})
        t.eq((dry.status, dry.json["revision"] >= 1, dry.headers["ETag"]), (200, True, None), "a dry run has no ETag")
        template = stack.admin.get("/api/v1/templates/terminal")
        t.eq(template.headers["ETag"], f'"{template.json["revision"]}"', "a template has one too")
        watch.check(t)


if __name__ == "__main__":
    harness.main(main)
