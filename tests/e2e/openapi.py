"""docs/openapi.yaml, and whether an answer is what it describes.

Watch() makes every answer that harness.Rest gets be compared from then on. Objects are closed: a member that is
not described is a complaint, but in a problem document, whose further members belong to its code.
"""

import re

import harness
import yaml

METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
KINDS = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list, "null": type(None)}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Api:
    def __init__(self):
        self.document = yaml.safe_load((harness.ROOT / "docs" / "openapi.yaml").read_text())

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            at = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            node = at
        return node

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method in METHODS:
                    yield (method.upper(), path), operation, item

    def find(self, method, path):
        """(path template, operation) of a request."""
        path = path.partition("?")[0]
        for (known, template), operation, _ in self.operations():
            if known == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/:]+", template), path):
                return template, operation
        return None, None

    def wrong(self, schema, value, at=""):
        """What of the value does not fit the schema, as texts."""
        schema = self.resolve(schema)
        if "const" in schema:
            return [] if value == schema["const"] else [f"{at}: {value!r} is not {schema['const']!r}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{at}: {value!r} is none of {schema['enum']}"]
        kinds = schema.get("type", [])
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if kinds and not any(type(value) is KINDS[kind] for kind in kinds):
            return [f"{at}: {value!r} is no {' or '.join(kinds)}"]
        if isinstance(value, str):
            if schema.get("format") == "date-time" and not TIME.fullmatch(value):
                return [f"{at}: {value!r} is no time"]
            if "pattern" in schema and not re.search(schema["pattern"], value):
                return [f"{at}: does not match {schema['pattern']}"]
        if isinstance(value, list):
            return [text for n, item in enumerate(value) for text in self.wrong(schema["items"], item, f"{at}/{n}")]
        if isinstance(value, dict):
            return self.wrong_members(schema, value, at)
        return []

    def wrong_members(self, schema, value, at):
        found = [f"{at}: no {name}" for name in schema.get("required", []) if name not in value]
        known = schema.get("properties", {})
        for name, member in value.items():
            if name in known:
                found += self.wrong(known[name], member, f"{at}/{name}")
            elif known and not schema.get("additionalProperties") and "code" not in known:
                found.append(f"{at}/{name}: not described")
        return found

    def complaints(self, method, path, answer):
        """What of an answer is not as it is described; None for a path that is not described."""
        template, operation = self.find(method, path)
        if operation is None:
            return None
        described = operation["responses"].get(str(answer.status))
        if described is None and answer.status == 426:  # of every path: it is the WebSocket that is refused
            described = {"$ref": "#/components/responses/BadRequest"}
        if described is None:
            return [f"{method} {template}: status {answer.status} is not described"]
        described = self.resolve(described)
        kind = (answer.headers["Content-Type"] or "").partition(";")[0]
        content = described.get("content", {})
        if not content and not answer.text:
            return []
        if kind not in content:
            return [f"{method} {template} {answer.status}: {kind} instead of {list(content)}"]
        if not kind.endswith("json"):
            return []
        return [f"{method} {template} {answer.status}: {text}" for text in self.wrong(content[kind]["schema"], answer.json)]


class Watch:
    def __init__(self):
        self.api = Api()
        self.complaints = set()
        self.seen = set()  # (method, path template, status)
        call = harness.Rest.call

        def watched(client, method, path, *args, **more):
            answer = call(client, method, path, *args, **more)
            if method != "HEAD":
                self.complaints |= set(self.api.complaints(method, path, answer) or [])
                self.seen.add((method, self.api.find(method, path)[0], answer.status))
            return answer

        harness.Rest.call = watched

    def check(self, t):
        t.ok(len(self.seen) >= 10, f"{len(self.seen)} kinds of answers were compared with docs/openapi.yaml")
        t.eq(sorted(self.complaints), [], "each is as it is described there")
