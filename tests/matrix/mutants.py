#!/usr/bin/python3
"""Breaks the product in every way that lets somebody do more, and sees the matrix turn red each time.

A mutant is one check less: a reach of the permission table raised, a scope lowered, a right of PostgreSQL given, a
policy of row-level security opened, or one check in the body of a function neutralised. Each is made in a transaction
that is undone, and the concerned refusals of the matrix are tried. One that no cell notices must stand in
survivors.txt with a reason. The reason `rls` says that row-level security refuses as well, and `with OTHER` that another
check does; then both together must be noticed.
"""

import collections
import re

import matrix

Mutant = collections.namedtuple("Mutant", "name change functions callers")
# change: statements; functions: those of schema streamspace whose lines are concerned, or a table, or numbers of cells;
# callers: None for all

REACHES = ("no", "own", "org", "all")
FREE = "ALTER TABLE streamspace_data.permission DROP CONSTRAINT permission_reaches_are_known"

# What a condition about the reach is where it stands in nobody's way.
REACH = [
    (r"(?<![\w.])(?:\w+\.)?(?:[pv]_)?reach = '(?:own|no)'", "false"),
    (r"(?<![\w.])(?:\w+\.)?(?:[pv]_)?reach <> '(?:own|no)'", "true"),
    (r"(?<![\w.])(?:\w+\.)?(?:[pv]_)?reach = 'all'", "true"),
    (r"(?<![\w.])(?:\w+\.)?(?:[pv]_)?reach <> 'all'", "false"),
    (r"(?<![\w.])(?:\w+\.)?(?:[pv]_)?reach IN \('org', 'all'\)", "true"),
    (r"(?<![\w.])(?:\w+\.)?(?:[pv]_)?reach IN \('own', 'no'\)", "false"),
]
# The actor himself, his role, and who needs none.
ANOTHER = re.compile(r"(?<=streamspace_rules\.enter\(p_actor, ')\w+(?=')")
PERSON = [
    (r"(?<![\w.])(?:\w+\.)?\w+ = (?:v_me|p_me)\.(?:user_id|name)(?!\w)", "true"),
    (r"(?<![\w.])(?:\w+\.)?\w+(?: ->> '\w+')? (?:<>|IS DISTINCT FROM) (?:v_me|p_me)\.(?:user_id|name)(?!\w)", "false"),
    (r"(?<![\w.])(?:\w+\.)?(?:[pv]_)?(?:role|other) (?:<>|IS DISTINCT FROM) 'platform_admin'", "false"),
    (r"(?<![\w.])(?:\w+\.)?(?:[pv]_)?role = 'platform_admin'", "true"),
    (r"NOT streamspace_rules\.is_dba\(\)", "false"),
    (r"(?<!NOT )streamspace_rules\.is_dba\(\)", "true"),
]
# A mutant that does not compile shows nothing.
BROKEN = re.compile(r"broken|red .*: (?!42501)42... instead of")
CHECKS = r"streamspace_rules\.check_(?:\w+_access|authority|revision)\("

# Rules in which every condition counts, not only those of the forms above: function -> condition, neutral value.
# Rules that ask whose something is.
OWNERS = re.compile(r"streamspace_rules\.(?:check_\w+_access|find_\w+|take_home)$")
OWNER = [
    (r"(?<![\w.])(?:\w+\.)?\w+ = p_user_id(?!\w)", "true"),
    (r"(?<![\w.])(?:\w+\.)?\w+ (?:<>|IS DISTINCT FROM) p_user_id(?!\w)", "false"),
]
CONDITIONS = {
    "streamspace_rules.find_actor": [
        (r"c\.kind IN \('login', 'api_key'\)", "true"),
        (r"c\.revoked_at IS NULL", "true"),
        (r"c\.expires_at > v_now", "true"),
        (r"(?<=AND )u\.active", "true"),
        (r"\(c\.kind = 'api_key' OR [^;]*?i\.login_idle\)", "true"),
        (r"v_scope <> ALL \(v_scopes\)", "false"),
        (r"reach IS NULL OR reach = 'no'", "false"),
    ],
    "streamspace.create_api_key": [
        (r"ELSE p\.auditor END <> 'no'", "ELSE p.auditor END IS NOT NULL"),
    ],
    "streamspace_rules.find_credential": [
        (r"WHEN 'org' THEN c\.org_id = p_org_id", "WHEN 'org' THEN true"),
        (r"ELSE c\.org_id = p_org_id AND c\.user_id = p_user_id", "ELSE true"),
    ],
    "streamspace_rules.check_session_access": [
        (r"p_need IN \('view', 'control'\)", "true"),
        (r"\(p_need = 'view' OR h\.mode = 'control'\)", "true"),
        (r"\(h\.user_id = p_user_id OR [^;]*?\)\)\)", "true)"),
    ],
    "streamspace_rules.check_template_access": [
        (r"v_template\.restricted", "false"),
    ],
}


def call_end(text, start):
    """Where the parenthesis that opens before start closes."""
    depth, quoted = 1, False
    while depth:
        letter = text[start]
        if letter == "'":
            quoted = not quoted
        elif not quoted:
            depth += (letter == "(") - (letter == ")")
        start += 1
    return start


def bodies():
    """schema.name -> its definition, for both code schemas."""
    rows = matrix.psql("""SELECT encode(convert_to(n.nspname || '.' || p.proname, 'UTF8'), 'hex'), encode(convert_to(pg_get_functiondef(p.oid), 'UTF8'), 'hex')
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname IN ('streamspace', 'streamspace_rules')
        AND p.prokind = 'f' ORDER BY 1;""")
    return {bytes.fromhex(a).decode(): bytes.fromhex(b).decode() for a, b in rows}


def users(code):
    """schema.name -> functions of schema streamspace that call it, however indirectly, itself included."""
    called = {name: set(re.findall(r"\b(streamspace(?:_rules)?\.\w+)\(", text.partition("AS $")[2])) & set(code) for name, text in code.items()}
    reach = {}
    for name in code:
        seen, todo = {name}, [name]
        while todo:
            for other in called[todo.pop()] - seen:
                seen.add(other)
                todo.append(other)
        for other in seen:
            reach.setdefault(other, set())
            if name.startswith("streamspace."):
                reach[other].add(name.partition(".")[2])
    return reach


def body_mutants(code, reach):
    for name, text in code.items():
        head, mark, body = text.partition("AS $")
        found = []
        for match in re.finditer(CHECKS, body):
            if match.group(0)[:-1] != name:
                found.append((match.start(), call_end(body, match.end()), "NULL::jsonb"))
        wanted = CONDITIONS.get(name, []) + REACH + PERSON + (OWNER if OWNERS.match(name) else [])
        for pattern, _ in CONDITIONS.get(name, []):
            if not re.search(pattern, body):
                raise AssertionError(f"{name} has no condition {pattern}")
        # What everybody may call, instead of what is called.
        found += [(m.start(), m.end(), "list_agents") for m in ANOTHER.finditer(body) if m.group(0) != "list_agents"]
        for pattern, neutral in wanted:
            for match in re.finditer(pattern, body):
                if not any(a <= match.start() < b for a, b, _ in found):
                    found.append((match.start(), match.end(), neutral))
        names = collections.Counter()
        for start, end, neutral in sorted(found):
            line = body[body.rfind("\n", 0, start) + 1:body.find("\n", start)]
            short = " ".join(body[start:end].split()) + f" -> {neutral}"
            # The rest of the line tells apart what reads the same; a bar would be a column of survivors.txt.
            full = f"{name}: {short} in {' '.join(line.split())}".replace("|", " ")
            names[full] += 1
            yield Mutant(full + (f" #{names[full]}" if names[full] > 1 else ""), [head + mark + body[:start] + neutral + body[end:]], reach[name], None)


def explains(pattern, mutant):
    """Whether a line of survivors.txt, in which * is any text, is about this mutant."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), mutant.name) is not None


def unknown_comparisons(code):
    """Conditions on a reach, or on who the actor is, that none of the forms above is."""
    known = re.compile("|".join(p for p, _ in REACH + PERSON + sum(CONDITIONS.values(), [])))
    for name, text in code.items():
        body = known.sub(" ", text.partition("AS $")[2])
        for match in re.finditer(r"(?<![\w'])(?:\w+\.)?(?:p_|v_)?reach (?:=|<>|IN\b|IS\b|NOT\b|<|>)[^\n]*|[^\n]* (?:=|<>|FROM|IN) \(?v_me\.(?:user_id|name)(?!\w)", body):
            yield f"{name}: {match.group(0)[:80]}"


def permission_mutants(code):
    columns = ("function", "scope", *matrix.ACTORS)
    rows = matrix.psql('SELECT function, scope, platform_admin, org_admin, operator, "user", auditor FROM streamspace_data.permission ORDER BY function;')
    for row in rows:
        row = dict(zip(columns, row))
        asked = {name.partition(".")[2] for name, text in code.items() if name.startswith("streamspace.") and f"'{row['function']}'" in text}
        for role in matrix.ACTORS:
            for more in REACHES[REACHES.index(row[role]) + 1:][:1]:
                yield Mutant(f"permission {row['function']} {role}: {row[role]} -> {more}",
                             [FREE, f"UPDATE streamspace_data.permission SET \"{role}\" = '{more}' WHERE function = '{row['function']}'"], asked, {role})
        if row["scope"] != "read":
            yield Mutant(f"permission {row['function']} scope: {row['scope']} -> read",
                         [f"UPDATE streamspace_data.permission SET scope = 'read' WHERE function = '{row['function']}'"], asked, {"reader"})


def grant_mutants(functions):
    for name, function in sorted(functions.items()):
        for right, caller in (("dba", "dba"), ("api", "nobody")):
            if not function[right]:
                yield Mutant(f"grant {name} to streamspace_{right}", [f"GRANT EXECUTE ON FUNCTION streamspace.{name} TO streamspace_{right}"], {name}, {caller})


def view_mutants(numbers):
    """A right to a view or function that somebody has not; numbers: cell -> its number."""
    for (name, login, _, want), number in numbers.items():
        if want != "ok":
            view = name.split()[0]
            what = f"EXECUTE ON FUNCTION streamspace.{view}" if view.endswith("()") else f"SELECT ON streamspace.{view}"
            yield Mutant(f"grant {view} to streamspace_{login}", [f"GRANT {what} TO streamspace_{login}"], [number], None)


def policies():
    """Rows of the policies that keep organisations apart: name, table, command, USING, WITH CHECK."""
    return matrix.psql("""SELECT p.policyname, 'streamspace_data.' || p.tablename, p.cmd, coalesce(p.qual, ''), coalesce(p.with_check, '') FROM pg_policies AS p
        WHERE p.schemaname = 'streamspace_data' AND 'streamspace_definer' = ANY (p.roles) AND (coalesce(p.qual, 'true') <> 'true' OR coalesce(p.with_check, 'true') <> 'true')
        ORDER BY 1;""")


def table_cells(first):
    """Cells of row-level security by itself: (number, table, column, how, want)."""
    rows = matrix.psql("""SELECT k.oid::regclass, a.attname, has_table_privilege('streamspace_definer', k.oid, 'SELECT'), has_table_privilege('streamspace_definer', k.oid, 'INSERT'),
        has_any_column_privilege('streamspace_definer', k.oid, 'UPDATE'), has_table_privilege('streamspace_definer', k.oid, 'DELETE') FROM pg_class AS k
        JOIN pg_attribute AS a ON a.attrelid = k.oid AND a.attname IN ('org_id', 'chain') AND NOT a.attisdropped
        WHERE k.relnamespace = 'streamspace_data'::regnamespace AND k.relkind IN ('r', 'p') AND NOT k.relispartition AND k.relrowsecurity ORDER BY 1;""")
    found = []
    for table, column, reads, writes, moves, deletes in rows:
        for how, may, want in (("read", reads, "hidden"), ("write", writes, "refused"), ("move", moves, "refused"), ("delete", deletes, "refused")):
            if may == "t":
                found.append((first + len(found), table, column, how, want))
    return found


def policy_mutants():
    for name, table, command, using, check in policies():
        if using and using != "true":
            yield Mutant(f"policy {name} shows all", [f"ALTER POLICY {name} ON {table} USING (true)"], table, None)
        if check and check != "true":
            yield Mutant(f"policy {name} takes all", [f"ALTER POLICY {name} ON {table} WITH CHECK (true)"], table, None)


def open_everything():
    return [f"ALTER POLICY {name} ON {table}" + (" USING (true)" if using else "") + (" WITH CHECK (true)" if check else "")
            for name, table, _, using, check in policies()]


def run(mutants, concerned):
    """name -> what became of each: 'red …', 'survived' or 'broken …'."""
    statements = []
    for number, mutant in enumerate(mutants):
        changes = ", ".join(matrix.literal(c) for c in mutant.change)
        cells = ", ".join(str(n) for n in concerned(mutant))
        statements.append(f"SELECT {number}, m.mutate(ARRAY[{changes}], ARRAY[{cells}]::integer[]);")
    rows = matrix.psql(*statements)
    return {mutants[int(number)].name: result for number, result in rows}


def main(t):
    matrix.build_world()
    lines, calls, functions = matrix.expectations(), matrix.calls(), matrix.functions()
    world = matrix.World()
    refused = [c for c in matrix.cells(lines) if (c.want != "ok" or c.line in calls and calls[c.line][1]) and matrix.function_of(c.line) in functions and c.line in calls
               and (c.caller != "stale" or functions[matrix.function_of(c.line)]["takes_revision"])]
    matrix.store(world, refused, functions, calls)
    tables = table_cells(len(refused))
    matrix.psql(*(f"INSERT INTO m.cell VALUES ({n}, {matrix.literal(f'{table} {how}')}, current_user, "
                  f"{matrix.literal(f'SELECT m.look({matrix.literal(table)}, {matrix.literal(column)}, {matrix.literal(how)})')}, NULL, '{{}}', {matrix.literal(want)});"
                  for n, table, column, how, want in tables))
    wrong = matrix.psql("""SELECT c.line, x.got, c.want FROM m.cell AS c, LATERAL (SELECT m.try(c.login, c.call, c.finds, c.path)) AS x (got)
        WHERE x.got <> c.want ORDER BY c.cell_id;""")
    t.ok(not wrong, f"{len(refused)} refusals and lists, and {len(tables)} cells of row-level security, as expected while nothing is broken")
    for row in wrong:
        t.diag("{}: {} instead of {}".format(*row))

    views = {cell: len(refused) + len(tables) + n for n, cell in enumerate(matrix.view_cells(matrix.views()))}
    matrix.psql(*(f"INSERT INTO m.cell VALUES ({number}, {matrix.literal(name)}, {matrix.literal(login)}, {matrix.literal(sql)}, NULL, NULL, {matrix.literal(want)});"
                  for (name, login, sql, want), number in views.items()))

    by_function = collections.defaultdict(list)
    for number, cell in enumerate(refused):
        by_function[matrix.function_of(cell.line)].append((number, cell.caller))
    by_table = collections.defaultdict(list)
    for number, table, _, _, _ in tables:
        by_table[table].append(number)
    bad = {row[0] for row in wrong}

    def concerned(mutant):
        if isinstance(mutant.functions, list):
            return mutant.functions
        if isinstance(mutant.functions, str):
            return [n for n in by_table[mutant.functions]]
        return sorted(n for f in mutant.functions for n, caller in by_function[f]
                      if (mutant.callers is None or caller in mutant.callers) and refused[n].name not in bad)

    code = bodies()
    reach = users(code)
    groups = [("permission table", list(permission_mutants(code))), ("rights of PostgreSQL", list(grant_mutants(functions)) + list(view_mutants(views))),
              ("row-level security", list(policy_mutants())), ("bodies of functions", list(body_mutants(code, reach)))]
    t.eq(list(unknown_comparisons(code)), [], "every condition on reach or actor is of a form that is broken here")
    listed = {parts[0]: parts[1] for _, parts in matrix.rows("survivors.txt")}
    needless = set(listed)

    def reason_of(mutant):
        for pattern, reason in listed.items():
            if explains(pattern, mutant):
                needless.discard(pattern)
                return reason
        return None

    everything = open_everything()
    total = red = 0
    for what, mutants in groups:
        results = run(mutants, concerned)
        total += len(mutants)
        survived = [m for m in mutants if not results[m.name].startswith("red") or BROKEN.match(results[m.name])]
        reasons = {m.name: reason_of(m) for m in survived}
        red += len(mutants) - len(survived)
        paired = []
        for mutant in survived:
            reason = reasons[mutant.name] or ""
            if reason.startswith("rls"):
                paired.append(mutant._replace(change=mutant.change + everything))
            elif reason.startswith("with "):
                other = [m for _, others in groups for m in others if explains(reason[5:], m)]
                if len(other) != 1:
                    raise AssertionError(f"survivors.txt: {reason[5:]} is {len(other)} mutants")
                paired.append(mutant._replace(change=mutant.change + other[0].change))
        together = run(paired, concerned)
        faults = []
        for mutant in survived:
            reason = reasons[mutant.name]
            if BROKEN.match(results[mutant.name]):
                faults.append(f"{mutant.name}: {results[mutant.name]}")
            elif reason is None:
                faults.append(f"{mutant.name}: nobody notices")
            elif mutant.name in together and not together[mutant.name].startswith("red"):
                faults.append(f"{mutant.name}: nobody notices, not even without what refuses as well")
        t.ok(mutants and not faults, f"{what}: {len(mutants)} mutants, {len(mutants) - len(survived)} noticed, {len(survived)} explained")
        for fault in faults:
            t.diag(fault)
    t.eq(sorted(needless), [], "survivors.txt explains only what survives")
    t.diag(f"{total} mutants: {red} turn the matrix red, {total - red} are explained in survivors.txt")


if __name__ == "__main__":
    matrix.main(main)
