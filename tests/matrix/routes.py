#!/usr/bin/python3
"""The matrix over HTTP: every route of a real server, asked with real log-ins by every caller about every subject."""

import datetime
import http.client
import json
import re
import secrets
import subprocess
import urllib.parse

import matrix
import harness


def requests():
    """(place, route, line, method, path, body, what the answer contains) of requests.txt"""
    for place, parts in matrix.rows("requests.txt"):
        parts += [""] * (5 - len(parts))
        route, line, request, body, finds = parts
        method, _, path = request.partition(" ")
        yield place, route, line, method, path, body, finds


def route_table():
    text = subprocess.run([harness.BUILD / "streamspaced", "routes"], check=True, capture_output=True, text=True).stdout
    return {row["name"]: row for row in json.loads(text)}


def complete(t, lines, rows, table):
    """requests.txt and the route table name the same routes, by the same methods and paths."""
    listed = {row[1] for row in rows}
    t.eq(sorted(set(table) - listed), [], "every route is asked")
    t.eq(sorted(listed - set(table)), [], "every request is of a route")
    t.eq(sorted(r[2] for r in rows if not r[2].startswith("=") and r[2] not in lines), [], "every request stands for a line")
    for place, name, line, method, path, body, _ in rows:
        route = table.get(name)
        if route is None:
            continue
        pattern = re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(route["path"]).replace("\\{", "\\{")) + r"(\?.*)?"
        if route["method"] != method or not re.fullmatch(pattern, path):
            t.fail(f"{place}: {method} {path} is not {route['method']} {route['path']}")
    judged = {row[1] for row in rows if not row[2].startswith("=")}
    t.eq(sorted(n for n, r in table.items() if r["auth"] == "bearer" and n not in judged), [], "every route that asks for a log-in stands for a line")


class Client:
    """One kept connection to one port."""

    def __init__(self, port):
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, path, body, headers):
        self.link.request(method, path, body, headers)
        answer = self.link.getresponse()
        data = answer.read()
        try:
            return answer.status, json.loads(data) if data else None
        except ValueError:
            return answer.status, None


def log_in(stack, world):
    """Give every actor a password over HTTP, and log in: role -> token. The second log-in is the one to be ended."""
    for person in matrix.ACTORS.values():
        made = json.loads(matrix.psql(f"SELECT streamspace.reset_password(p_user => {matrix.literal(person)}, p_org => 'red');", user="dba")[0][0])
        password = secrets.token_hex(12)
        anonymous = stack.anonymous()
        anonymous.must("POST", "/api/v1/set-password", {"token": made["set_password_token"], "password": password})
        tokens = [anonymous.must("POST", "/api/v1/login", {"user": person, "org": "red", "password": password})["token"] for _ in range(3)]
        world.tokens[person] = tokens[0]
        world.tokens[person + " to end"] = tokens[2]
        world.things[person]["login"] = matrix.psql(f"SELECT c.credential_id FROM streamspace_data.credential AS c "
                                                    f"WHERE c.token_hash = sha256(convert_to('{tokens[1]}', 'UTF8'));")[0][0]
    pat = harness.Rest(stack.port, world.tokens["pat"])
    world.tokens["key of pat"] = pat.must("POST", "/api/v1/api-keys", {"name": "reader", "scopes": ["read"]}, status=201)["secret"]


def fill(text, variables, how):
    return re.sub(r":([a-z][a-z_0-9]*)", lambda m: how(variables[m.group(1)]) if m.group(1) in variables else m.group(0), text)


def address(path, variables, more):
    """The path with its words filled in; a parameter of the query without a value goes."""
    base, _, query = path.partition("?")
    pairs = [part for part in query.split("&") if part and not (part.partition("=")[2].startswith(":") and variables[part.partition("=")[2][1:]] is None)]
    pairs = [fill(p, variables, lambda v: urllib.parse.quote(v, safe="")) for p in pairs] + more
    return fill(base, variables, lambda v: urllib.parse.quote(v, safe="")) + ("?" + "&".join(pairs) if pairs else "")


def outcome(answer, finds, variables, statuses):
    status, body = answer
    if status >= 400:
        code = body.get("code") if isinstance(body, dict) else None
        return code if statuses.get(code) == status else f"{status} {code}"
    if finds.startswith("@"):
        for step in finds[1:].split(","):
            body = body[int(step)] if step.isdigit() else body.get(step)
            if body is None:
                return "ok"
        return body
    if finds and json.dumps(variables[finds[1:]] if finds.startswith(":") else finds) not in json.dumps(body):
        return "hidden"
    return "ok"


def ask(cell, row, route, world, clients, statuses):
    _, name, _, method, path, body, finds = row
    variables, _ = world.variables(cell)
    variables["now"] = datetime.datetime.now(datetime.timezone.utc).isoformat()
    variables["stranger"] = "stranger-" + secrets.token_hex(8)
    headers = {}
    caller = world.caller(cell)
    if caller:
        token = world.tokens.get(caller + " to end") if name == "logout" and cell.caller in matrix.ACTORS else world.tokens[caller]
        if route["auth"] == "agent_key":
            headers["X-Agent-API-Key"] = token
        else:
            headers["Authorization"] = "Bearer " + token
    if cell.caller == "stale":
        headers["If-Match"] = '"424242"'
    data = fill(body, variables, json.dumps) if body else None
    if data is not None:
        headers["Content-Type"] = "application/json"
    elif method in ("POST", "PUT", "PATCH"):
        data, headers["Content-Type"] = "{}", "application/json"
    answer = clients[route["public"]].call(method, address(path, variables, ["dry_run=true"] if route["mutates"] else []), data, headers)
    return outcome(answer, finds, variables, statuses)


def cells_of(row, lines):
    """The cells of a request: those of its line, as they are over HTTP."""
    _, name, line, *_ = row
    if line.startswith("="):
        for caller in (*matrix.ACTORS, *matrix.ALONE):
            if caller not in ("dba", "stale"):
                for dead in matrix.DEAD if caller == "dead" else ("",):
                    yield matrix.Cell(name, caller, "own", f"{name} {caller}{' ' + dead if dead else ''} own", line[1:].strip())
        return
    for cell in matrix.cells({line: lines[line]}):
        if cell.caller == "dba":
            continue
        # The server lets nobody come without a credential as far as SQL.
        yield cell._replace(want="unauthorized") if cell.caller == "nobody" else cell


def main(t):
    lines, rows, table = matrix.expectations(), list(requests()), route_table()
    complete(t, lines, rows, table)
    with harness.Stack(server=False) as stack:
        matrix.build_world()
        stack.start_server(options=("--rate-limit-actor", "0"))
        world = matrix.World()
        log_in(stack, world)
        statuses = {code: int(status) for code, status in matrix.psql("SELECT code, http_status FROM streamspace_data.error_code;")}
        clients = {True: Client(stack.port), False: Client(stack.internal_port)}
        count = allowed = 0
        for row in rows:
            if row[1] not in table or not row[2].startswith("=") and row[2] not in lines:
                continue
            wanted = list(cells_of(row, lines))
            wrong = []
            for cell in wanted:
                got = ask(cell, row, table[row[1]], world, clients, statuses)
                if got != cell.want:
                    wrong.append(f"{cell.name}: {got} instead of {cell.want}")
            count += len(wanted)
            allowed += sum(c.want == "ok" for c in wanted)
            t.ok(not wrong, f"{row[3]} {row[4]}: {len(wanted)} cells")
            for line in wrong:
                t.diag(line)
        t.eq(stack.server.stop(), 0, "the server stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")
        t.diag(f"{len(table)} routes, {len(rows)} requests, {count} cells: {allowed} allowed, {count - allowed} refused")


if __name__ == "__main__":
    matrix.main(main)
