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
        check_refusals(t, user)
        dry = user.post("/api/v1/sessions?dry_run=true", {"template": "terminal"})
        t.eq((dry.status, dry.json["revision"] >= 1, dry.headers["ETag"]), (200, True, None), "a dry run has no ETag")
        template = stack.admin.get("/api/v1/templates/terminal")
        t.eq(template.headers["ETag"], f'"{template.json["revision"]}"', "a template has one too")
        watch.check(t)


if __name__ == "__main__":
    harness.main(main)
