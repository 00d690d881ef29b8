#!/usr/bin/python3
"""docs/openapi.yaml against the route table that the server prints: the same paths, methods,
parameters, body fields and success statuses, in both directions."""

import json
import re
import subprocess

import harness
import openapi
import tap

SCHEMES = {"none": [], "bearer": ["bearer"], "agent_key": ["agentKey"]}


class Api(openapi.Api):
    def parameters(self, operation, item, place):
        every = [self.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
        return {p["name"]: p for p in every if p["in"] == place}

    def kind(self, schema):
        schema = self.resolve(schema)
        kind = schema.get("type", "string" if "enum" in schema else None)
        return next(k for k in kind if k != "null") if isinstance(kind, list) else kind

    def form(self, schema):
        """What C checks: type, whether a time, and what an array of strings holds."""
        kind = self.kind(schema)
        schema = self.resolve(schema)
        items = self.kind(schema["items"]) if kind == "array" and schema.get("items") else None
        time = schema.get("format") if schema.get("format") == "date-time" else None
        return kind, time, items if items == "string" else None

    def nullable(self, schema):
        kind = self.resolve(schema).get("type")
        return isinstance(kind, list) and "null" in kind

    def body(self, operation):
        body = operation.get("requestBody")
        return self.resolve(body["content"]["application/json"]["schema"]) if body else None


def form(field):
    """The same of a field of the route table."""
    return field["type"], field["format"], field["items"]


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def check_query(t, api, route, operation, item):
    want = {p["name"]: form(p) for p in route["query"]}
    if route["mutates"]:
        want["dry_run"] = ("boolean", None, None)
    got = {n: api.form(p["schema"]) for n, p in api.parameters(operation, item, "query").items()}
    t.eq(got, want, f"{route['name']}: query parameters")


def check_body(t, api, route, operation):
    schema = api.body(operation)
    if route["free_body"]:
        t.eq(schema and schema.get("type"), "object", f"{route['name']}: any object as body")
        return
    fields = {f["name"]: form(f) for f in route["body"]}
    if not fields:
        t.eq(schema, None, f"{route['name']}: no body")
        return
    properties = schema["properties"]
    t.eq({n: api.form(p) for n, p in properties.items()}, fields, f"{route['name']}: fields of the body")
    required = sorted(f["name"] for f in route["body"] if f["required"])
    t.eq(sorted(schema.get("required", [])), required, f"{route['name']}: required fields")
    t.eq(sorted(n for n, p in properties.items() if not api.nullable(p)), required,
         f"{route['name']}: optional fields may be null, required ones not")
    t.eq(schema["additionalProperties"], route["open_body"], f"{route['name']}: unknown fields")
    t.eq(operation["requestBody"].get("required", False), bool(required), f"{route['name']}: body required")


def want_headers(api, route, operation):
    """If-None-Match where an answer has an ETag, the other two by the flags of the route."""
    if route["method"] == "GET":
        answer = api.resolve(operation["responses"].get("200", {}))
        return ["If-None-Match"] if "ETag" in answer.get("headers", {}) else []
    return [name for name, flag in (("Idempotency-Key", "mutates"), ("If-Match", "revision")) if route[flag]]


def check_route(t, api, route, operation, item):
    name = route["name"]
    t.eq(operation["operationId"], name, f"{name}: operationId")
    captures = re.findall(r"{(\w+)}", route["path"])
    t.eq(list(api.parameters(operation, item, "path")), captures, f"{name}: path parameters")
    check_query(t, api, route, operation, item)
    headers = sorted(api.parameters(operation, item, "header"))
    t.eq(headers, want_headers(api, route, operation), f"{name}: headers")
    schemes = [s for entry in operation.get("security", api.document["security"]) for s in entry]
    t.eq(schemes, SCHEMES[route["auth"]], f"{name}: security")
    check_body(t, api, route, operation)
    responses = operation["responses"]
    t.ok(str(route["status"]) in responses, f"{name}: status {route['status']} is described")
    if route["mutates"]:
        t.ok("200" in responses, f"{name}: the 200 of a dry run is described")
    problem = api.resolve(responses.get("default", {})).get("content", {})
    t.eq(list(problem), ["application/problem+json"], f"{name}: errors are problems")


def check_controls(t, api):
    """openapi.Watch, which other tests use, can see what it looks for."""
    page = api.document["paths"]["/api/v1/agents"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    good = {"items": [{"id": "a", "platform": "process", "state": "online", "last_heartbeat_at": None}], "next_cursor": None}
    t.eq(api.wrong(page, good), [], "control: a right answer is right")
    for what, change in (("a field that is missing", {"state": ...}), ("an enum", {"state": "fine"}), ("a type", {"id": 7}),
                         ("a time", {"last_heartbeat_at": "yesterday"}), ("a field too many", {"key": "x"})):
        item = {k: v for k, v in {**good["items"][0], **change}.items() if v is not ...}
        t.eq(len(api.wrong(page, {**good, "items": [item]})), 1, f"control: it sees {what}")
    t.eq(api.find("POST", "/api/v1/sessions/s-1:wake?x=y")[0], "/api/v1/sessions/{id}:wake", "control: a path finds its route")
    t.eq(api.find("GET", "/api/v1/sessions/a/b")[0], None, "control: another does not")


def main(t):
    text = subprocess.run([harness.BUILD / "streamspaced", "routes"], check=True, capture_output=True,
                          env={}, text=True).stdout
    routes = {(r["method"], r["path"]): r for r in json.loads(text)}
    api = Api()
    document = api.document

    t.like(document["openapi"], r"^3\.1\.", "OpenAPI 3.1")
    version = (harness.ROOT / "VERSION").read_text().strip()
    t.eq(document["info"]["version"], version, "the version is the repository's")
    described = {key: (operation, item) for key, operation, item in api.operations()}
    t.eq(sorted(described), sorted(routes), "the same paths and methods")
    ids = [operation["operationId"] for operation, _ in described.values()]
    t.eq(len(set(ids)), len(ids), "every operationId once")
    for ref in sorted(set(references(document))):
        try:
            t.ok(api.resolve({"$ref": ref}) is not None, f"{ref} exists")
        except KeyError:
            t.fail(f"{ref} exists")
    check_controls(t, api)
    for key in sorted(set(routes) & set(described)):
        check_route(t, api, routes[key], *described[key])


if __name__ == "__main__":
    tap.run(main)
