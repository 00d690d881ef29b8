#!/usr/bin/python3
"""The matrix through psql: every function of schema streamspace, every caller, every subject."""

import matrix


def complete(t, lines, calls, functions):
    """The hand-written files and the catalogue name the same functions, and the same parameters."""
    listed = {matrix.function_of(line) for line in lines}
    t.eq(sorted(set(functions) - listed), [], "every function of schema streamspace has a line")
    t.eq(sorted(listed - set(functions)), [], "every line names a function")
    t.eq(sorted(f for f in listed if f not in lines), [], "every function is called in its plain way")
    t.eq(sorted(set(lines) ^ set(calls)), [], "every line has a call, and every call a line")
    for line, want in lines.items():
        function = functions.get(matrix.function_of(line))
        if function is None:
            continue
        asked = {c for c in want if c in matrix.ACTORS and set(want[c].values()) != {"."}}
        is_asked = function["takes_actor"] or ":actor" in calls.get(line, ("",))[0]
        if bool(asked) != is_asked or asked not in (set(), set(matrix.ACTORS)):
            t.fail(f"{line}: roles are asked exactly where there is an actor")
        if (set(want["stale"].values()) != {"."}) != function["takes_revision"]:
            t.fail(f"{line}: stale is asked exactly where there is p_if_revision")
        for caller, right in (("nobody", "api"), ("dba", "dba")):
            refused = set(want[caller].values()) == {"42501"}
            if refused == function[right]:
                t.fail(f"{line}: {caller} is refused by PostgreSQL exactly where he has no right")


def views(t):
    """Every view, and what the logins of operators may read and call without an actor."""
    known = matrix.views()
    there = [name for name, in matrix.psql("""SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'streamspace'::regnamespace
        UNION ALL SELECT p.proname || '()' FROM pg_proc AS p WHERE p.pronamespace = 'streamspace'::regnamespace
        AND has_function_privilege('streamspace_monitor', p.oid, 'EXECUTE') ORDER BY 1;""")]
    t.eq(sorted(known), sorted(there), "views.txt names every view, and every function for monitor")
    cells = [c for c in matrix.view_cells(known) if c[0].split()[0] in there]
    got = matrix.psql(*(f"SELECT m.try({matrix.literal(login)}, {matrix.literal(sql)}, NULL, NULL);" for _, login, sql, _ in cells))
    wrong = [f"{name}: {result} instead of {want}" for (name, _, _, want), (result,) in zip(cells, got) if result != want]
    t.eq(wrong, [], f"{len(known)} views and functions of operators: {len(cells)} cells")


def main(t):
    matrix.build_world()
    views(t)
    lines, calls, functions = matrix.expectations(), matrix.calls(), matrix.functions()
    complete(t, lines, calls, functions)
    world = matrix.World()
    wanted = [c for c in matrix.cells(lines) if matrix.function_of(c.line) in functions and c.line in calls
              and (c.caller != "stale" or functions[matrix.function_of(c.line)]["takes_revision"])]
    matrix.store(world, wanted, functions, calls)
    got = dict(matrix.psql("SELECT c.line, m.try(c.login, c.call, c.finds, c.path) FROM m.cell AS c ORDER BY c.cell_id;"))
    allowed = 0
    for line in lines:
        wrong = [c for c in wanted if c.line == line and got[c.name] != c.want]
        t.ok(not wrong, f"{line}: {sum(c.line == line for c in wanted)} cells")
        for cell in wrong:
            t.diag(f"{cell.name}: {got[cell.name]} instead of {cell.want}")
    allowed = sum(c.want == "ok" for c in wanted)
    t.diag(f"{len(functions)} functions, {len(lines)} lines, {len(wanted)} cells: {allowed} allowed, {len(wanted) - allowed} refused")


if __name__ == "__main__":
    matrix.main(main)
