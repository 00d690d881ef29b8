#!/usr/bin/python3
"""docs/openapi.yaml against the route table that the server prints: the same paths, methods,
parameters, body fields and success statuses, in both directions."""

import json
import re
import subprocess

import harness
import openapi
import tap

# Refusals of every route; of those that ask who it is.
EVERY = {"400", "413", "415", "422", "429", "500", "503", "504"}
ACTOR = {"401", "403", "404"}
SCHEMES = {"none": [], "bearer": ["bearer", "cookie"], "agent_key": ["agentKey"]}


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


def check_statuses(t, api, route, responses):
    name = route["name"]
    t.ok(str(route["status"]) in responses, f"{name}: status {route['status']} is described")
    if route["mutates"]:
        t.ok("200" in responses, f"{name}: the 200 of a dry run is described")
    t.ok("default" not in responses, f"{name}: no status is left to a default")
    want = EVERY | (ACTOR if route["auth"] != "none" else set())
    want |= ({"409"} if route["mutates"] else set()) | ({"412"} if route["revision"] else set())
    t.eq(sorted(want - set(responses)), [], f"{name}: the refusals that its kind has")
    wrong = [status for status, answer in responses.items() if status >= "400" and (name, status) != ("readyz", "503")
             and list(api.resolve(answer).get("content", {})) != ["application/problem+json"]]
    t.eq(wrong, [], f"{name}: errors are problems")


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
    check_statuses(t, api, route, operation["responses"])


# --- what a description has to say ------------------------------------------------------------------------------


def schemas(node, at, found):
    """Every schema of the document with its place: components, parameters, bodies, headers and what is in them."""
    if isinstance(node, list):
        for n, item in enumerate(node):
            schemas(item, f"{at}/{n}", found)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("example", "examples", "default", "enum", "const"):
                continue
            if key in ("schema", "items") or at.endswith(("/schemas", "/properties", "/anyOf", "/oneOf")):
                found.append((f"{at}/{key}", value))
            schemas(value, f"{at}/{key}", found)
    return found


def unbounded(schema):
    """What of a schema says nothing about how much may come."""
    if "$ref" in schema or "const" in schema or "enum" in schema:
        return None
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if not kinds and not {"anyOf", "oneOf", "allOf"} & set(schema):
        return "has no type"
    counted = re.sub(r"\\.|\[[^]]*\]", "", schema.get("pattern", "*"))  # a pattern with bounds is one
    if "string" in kinds and not {"maxLength", "format"} & set(schema) and re.search(r"[*+]|^[^^]", counted):
        return "is a string without maxLength or format"
    if {"integer", "number"} & set(kinds) and not ({"minimum", "maximum"} <= set(schema)):
        return "is a number without minimum and maximum"
    if "array" in kinds and not {"maxItems", "items"} <= set(schema):
        return "is an array without maxItems or items"
    return None


def has_example(api, schema):
    """Leaves show how they look; what is made of others shows it by these."""
    schema = api.resolve(schema)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if {"example", "examples", "const", "enum", "default"} & set(schema) or not {"string", "integer", "number"} & set(kinds):
        return True
    return schema.get("format") in ("date-time", "password")


def misfit(api, schema, example):
    """Why an example is none of what its schema describes; None when it is."""
    schema = api.resolve(schema)
    wrong = api.wrong(schema, example)
    if wrong:
        return wrong[0]
    if isinstance(example, (int, float)) and not isinstance(example, bool):
        if not schema.get("minimum", example) <= example <= schema.get("maximum", example):
            return f"{example} is out of bounds"
    if isinstance(example, str) and not schema.get("minLength", 0) <= len(example) <= schema.get("maxLength", len(example)):
        return f"{example!r} is too short or too long"
    return None


def unused(document):
    """Components that nothing refers to; security schemes are named, not referred to."""
    used = set(references(document)) | {f"#/components/securitySchemes/{name}" for entry in
                                        [document["security"], *(o.get("security", []) for i in document["paths"].values()
                                                                 for m, o in i.items() if m in openapi.METHODS)]
                                        for choice in entry for name in choice}
    return [f"#/components/{kind}/{name}" for kind, items in document["components"].items() for name in items
            if f"#/components/{kind}/{name}" not in used]


def lint(t, api):
    document = api.document
    operations = list(api.operations())
    t.eq([o["operationId"] for _, o, _ in operations if not re.fullmatch(r"[a-z]+(_[a-z]+)*", o["operationId"])], [],
         "lint: operationIds are verb_noun")
    t.eq([key for key, o, _ in operations if not o.get("summary") or len(o["summary"]) > 72 or o["summary"].endswith(".")], [],
         "lint: every operation has a short summary")
    tags = {tag["name"] for tag in document["tags"]}
    t.eq([key for key, o, _ in operations if not o.get("tags") or set(o["tags"]) - tags], [], "lint: every tag is declared")
    t.eq(sorted(tags - {tag for _, o, _ in operations for tag in o["tags"]}), [], "lint: every tag is used")
    parameters = [(key, api.resolve(p)) for key, o, i in operations for p in i.get("parameters", []) + o.get("parameters", [])]
    t.eq([(key, p["name"]) for key, p in parameters if not p.get("description")], [], "lint: every parameter is described")
    t.eq([(key, p["name"]) for key, p in parameters if "example" not in p and not has_example(api, p["schema"])], [],
         "lint: every parameter has an example")
    t.eq([(key, status) for key, o, _ in operations for status, r in o["responses"].items()
          if not api.resolve(r).get("description")], [], "lint: every answer is described")
    found = schemas(document["components"], "components", []) + schemas(document["paths"], "paths", [])
    t.ok(len(found) > 100, f"lint: {len(found)} schemas")
    t.eq([f"{at} {unbounded(s)}" for at, s in found if unbounded(s)], [], "lint: every schema has a type and bounds")
    t.eq([at for at, s in found if not has_example(api, s)], [], "lint: every value has an example")
    shown = [(at, s, e) for at, s in found if isinstance(s, dict) for e in [s.get("example"), *s.get("examples", [])] if e is not None]
    shown += [(key, p["schema"], p["example"]) for key, p in parameters if "example" in p]
    t.ok(len(shown) > 100, f"lint: {len(shown)} examples")
    t.eq([f"{at}: {misfit(api, s, e)}" for at, s, e in shown if misfit(api, s, e)], [], "lint: every example fits its schema")
    t.eq(unused(document), [], "lint: every component is used")


def check_validator(t, api):
    """OpenAPI's own schema, by openapi-spec-validator: of what the server serves; and that it can refuse."""
    tools = subprocess.run([harness.ROOT / "tests" / "bin" / "api-tools"], check=True, capture_output=True, text=True).stdout.strip()
    document = {key: value for key, value in api.document.items() if not key.startswith("x-")}
    broken = {**document, "paths": {**document["paths"], "/broken": {"get": {"responses": {"200": {}}, "operationId": 7}}}}
    for what, text, good in (("the description", document, True), ("control: a broken one", broken, False)):
        done = subprocess.run([f"{tools}/bin/openapi-spec-validator", "-"], input=json.dumps(text), capture_output=True, text=True)
        t.ok((done.returncode == 0) == good, f"openapi-spec-validator: {what} is {'valid' if good else 'not'}")
        if good and done.returncode:
            t.diag(done.stdout + done.stderr)


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
    lint(t, api)
    check_validator(t, api)
    for key in sorted(set(routes) & set(described)):
        check_route(t, api, routes[key], *described[key])


if __name__ == "__main__":
    tap.run(main)
