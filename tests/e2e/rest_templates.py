#!/usr/bin/python3
"""The routes about templates: revisions, who sees them, copies for other organisations, If-Match."""

import harness
import openapi

PATH = "/api/v1/templates/editor"
SPEC = {**harness.TERMINAL, "parameters": [{"name": "title", "type": "string", "default": "Notes", "maxLength": 5}]}


def revisions(t, admin, user):
    made = admin.put(PATH, SPEC)
    t.eq((made.status, made.headers["ETag"]), (200, '"1"'), "put: 200 and an entity tag")
    answer = admin.put(PATH, {**SPEC, "displayName": "Two"}, headers={"If-Match": '"7"'})
    t.eq((answer.status, answer.code, answer.json.get("revision")), (412, "revision_mismatch", 1), "If-Match with another revision") or t.diag(answer)
    answer = admin.put(PATH, {**SPEC, "displayName": "Two"}, headers={"If-Match": '"1"'})
    t.eq((answer.status, answer.json["revision"]), (200, 2), "If-Match with the present one")
    page = user.must("GET", PATH + "/revisions?limit=1")
    t.eq(([i["revision"] for i in page["items"]], page["items"][0]["created_by"]), ([2], None), "revisions, as a user sees them")
    page = user.must("GET", PATH + "/revisions?limit=1&cursor=" + page["next_cursor"])
    t.eq(([i["revision"] for i in page["items"]], page["next_cursor"]), ([1], None), "the next page is the last")
    answer = admin.put(PATH, {**SPEC, "parameters": [{"name": "title", "type": "colour"}]})
    t.eq((answer.status, answer.json["pointer"]), (422, "/spec/parameters/0/type"), "a parameter that is none")


def access(t, admin, user):
    before = admin.get(PATH + "/access")
    t.eq((before.status, before.json["groups"], before.headers["ETag"]), (200, None, '"1"'), "everybody sees it")
    t.eq(admin.get(PATH + "/access", headers={"If-None-Match": '"1"'}).status, 304, "and nothing has changed")
    t.eq(user.get(PATH + "/access").code, "forbidden", "a user is not told who")
    answer = admin.put(PATH + "/access?dry_run=true", {"groups": []})
    t.eq((answer.status, answer.json["groups"]), (200, []), "dry run")
    t.eq(user.get(PATH).status, 200, "left everything as it was")
    answer = admin.put(PATH + "/access", {"groups": ["nobody-there"]})
    t.eq((answer.status, answer.code), (404, "group_not_found"), "a group that is not there")
    answer = admin.put(PATH + "/access", {"groups": []}, headers={"If-Match": '"1"'})
    t.eq((answer.status, answer.headers["ETag"]), (200, '"2"'), "kept for nobody") or t.diag(answer)
    t.eq(user.get(PATH).code, "template_not_found", "a user does not find it")
    t.eq([i["name"] for i in user.must("GET", "/api/v1/templates")["items"]], [], "nor in the list")
    t.eq(admin.get(PATH).status, 200, "an administrator does")
    t.eq(admin.must("PUT", PATH + "/access", {"groups": None})["groups"], None, "null: everybody")
    t.eq(user.get(PATH).status, 200, "who sees it again")


def copies(t, stack, admin):
    stack.db.query("SELECT streamspace.put_org(p_name => 'acme', p_display_name => 'Acme', p_max_sessions => 5, p_max_sessions_per_user => 5);")
    answer = admin.post(PATH + ":publish", {"orgs": ["acme"]})
    t.eq((answer.status, answer.json["published_to"]), (200, ["acme"]), "published") or t.diag(answer)
    copy = admin.must("GET", PATH + "?org=acme")
    t.eq((copy["managed"], copy["spec"]["displayName"]), (True, "Two"), "the copy is there")
    answer = admin.put(PATH + "?org=acme", SPEC)
    t.eq((answer.status, answer.code), (409, "template_managed"), "and cannot be changed there")
    answer = admin.delete(PATH)
    t.eq((answer.status, answer.json["deleted"]), (200, True), "delete")
    t.eq([admin.get(PATH + q).code for q in ("", "?org=acme")], ["template_not_found"] * 2, "both are gone")


def main(t):
    described = openapi.Watch()
    with harness.Stack() as stack:
        user = stack.user("ada")
        revisions(t, stack.admin, user)
        access(t, stack.admin, user)
        copies(t, stack, stack.admin)
        described.check(t)
        t.eq(stack.server.stop(), 0, "stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
