#!/usr/bin/python3
"""1,000 creates by 50 connections against room for 10, wherever the limit stands and whatever else goes on.

The story: counting first and inserting then let 24 to 53 of 1,000 in; one row for a counter is exact and ends group commit;
slots that are taken with SKIP LOCKED are fast, but a slot that was locked and then found too small stays locked, and who
locks all slots next deadlocks; and where no slot alone suffices, what is free must still be found. So: exactly 10, for
sessions, millicores, memory and storage, for users, groups, organisations and agents, with single calls and with batches; no deadlock;
and afterwards what is free and what the rows use is the limit of every pool, in every dimension.
"""

import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

CONNECTIONS = 50
CALLS = 20
ROOM = 10


def create(user, org="red"):
    return (f"SELECT t.code('dba', $q$SELECT streamspace.create_session(p_template => 'term', p_owner => '{user}',"
            f" p_org => '{org}')$q$);")


def batch(user, size):
    """A batch of the server: a line for every row of it."""
    return ("SELECT CASE WHEN i ? 'answer' THEN 'ok' ELSE i #>> '{error,code}' END FROM jsonb_array_elements(t.must('api',"
            " format('SELECT streamspace.create_sessions(p_items => %L)', (SELECT jsonb_agg(jsonb_build_object('actor',"
            f" encode(t.actor('{user}'), 'hex'), 'template', 'term')) FROM generate_series(1, {size}))))) AS i;")


def end(user):
    """Terminates a session of the user, if he has one that nobody else ends just now."""
    return ("SELECT coalesce((SELECT t.code('dba', format('SELECT streamspace.terminate_session(p_session => %L, p_force => true)',"
            " s.session_id)) FROM streamspace_data.session AS s JOIN streamspace_data.app_user AS u USING (org_id, user_id)"
            f" WHERE u.name = '{user}' AND s.state <> 'terminated' ORDER BY random() LIMIT 1), 'none');")


def quota(scope, name, limits):
    named = f"p_name => '{name}', " if name else ""
    return (f"SELECT t.code('dba', $q$SELECT streamspace.put_quota(p_scope => '{scope}', {named}p_org => 'red',"
            f" p_limits => '{limits}')$q$);")


def storm(scripts):
    """Every script in a connection of its own, all at one moment; the lines that each gave."""
    results = [None] * len(scripts)
    with race.Gate() as gate:
        sessions = [race.Psql() for _ in scripts]
        try:
            for psql in sessions:
                psql.send(race.Gate.wait_sql)
            gate.wait_for(len(scripts))

            def run(at):
                sessions[at].read()
                sessions[at].send("\n".join(scripts[at]))
                try:
                    results[at] = sessions[at].read().splitlines()
                except race.SqlError as error:
                    results[at] = [str(error)]

            workers = [threading.Thread(target=run, args=(at,)) for at in range(len(scripts))]
            for worker in workers:
                worker.start()
            gate.open()
            for worker in workers:
                worker.join()
        finally:
            for psql in sessions:
                psql.close()
    return [line for lines in results for line in lines]


def clear(root):
    root.ask("SELECT t.must('dba', format('SELECT streamspace.terminate_session(p_session => %L, p_force => true)', s.session_id))"
             " FROM streamspace_data.session AS s WHERE s.state <> 'terminated';")


def exactly(t, root, name, scripts, refused="quota_exceeded"):
    lines = storm(scripts)
    t.eq(len(lines), CONNECTIONS * CALLS, f"{name}: {CONNECTIONS * CALLS} creates by {len(scripts)} connections")
    t.eq(lines.count("ok"), ROOM, f"{name}: exactly {ROOM} are let in")
    t.eq(lines.count(refused), CONNECTIONS * CALLS - ROOM, f"{name}: all others hear {refused}, nobody of a deadlock")
    t.eq(world.miscounts(root), "", f"{name}: free and used make the limit, of every pool")
    clear(root)
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.session WHERE state <> 'terminated';"), "0", f"{name}: all are ended")
    t.eq(world.miscounts(root), "", f"{name}: and everything was given back")


def limits(t, root):
    users = [f"user-{at}" for at in range(10)]
    everybody = [[create(users[(at + n) % 10]) for n in range(CALLS)] for at in range(CONNECTIONS)]
    root.ask(quota("user_default", None, '{"sessions": 1000}'))
    for user in users:
        root.ask(f"SELECT t.make_user('{user}', 'red');")

    root.ask(quota("org", None, '{"sessions": 10}'))
    exactly(t, root, "sessions of an organisation", everybody)

    root.ask(quota("org", None, '{"sessions": 1000, "millicores": 10999}'))
    t.eq(root.ask("SELECT count(*), max(s.millicores) < 1000 FROM streamspace_data.pool_slot AS s JOIN streamspace_data.pool AS p"
                  " USING (pool_id) JOIN streamspace_data.org AS o USING (org_id) WHERE p.kind = 'org' AND o.name = 'red';"),
         "16\tt", "16 slots of fewer millicores than one session needs")
    exactly(t, root, "millicores of an organisation, where no slot suffices", everybody)

    mixed = [[batch(users[(at + n) % 10], 5) for n in range(CALLS // 5)] if at % 2 else script
             for at, script in enumerate(everybody)]
    exactly(t, root, "the same with batches among them", mixed)

    root.ask(quota("org", None, '{"millicores": null, "memory_mib": 20481}'))
    exactly(t, root, "memory of an organisation, only batches",
            [[batch(users[(at + n) % 10], 10) for n in range(CALLS // 10)] for at in range(CONNECTIONS)])
    root.ask(quota("org", None, '{"memory_mib": null}'))

    root.ask(quota("user", "user-3", '{"sessions": 10}'))
    exactly(t, root, "sessions of one user", [[create("user-3")] * CALLS] * CONNECTIONS)
    root.ask(quota("user", "user-3", '{"sessions": 1000, "memory_mib": 20480}'))
    exactly(t, root, "memory of one user", [[create("user-3")] * CALLS] * CONNECTIONS)

    root.ask(quota("user", "user-3", '{"sessions": "default", "memory_mib": "default"}'))

    for group in ("green", "gold"):
        root.ask(f"SELECT t.must('dba', 'SELECT streamspace.put_group(p_name => ''{group}'', p_org => ''red'')');")
        for user in users:
            root.ask(f"SELECT t.must('dba', 'SELECT streamspace.add_group_member(p_group => ''{group}'', p_user => ''{user}'',"
                     " p_org => ''red'')');")
    root.ask(quota("group", "gold", '{"sessions": 12, "millicores": 10500}'))
    exactly(t, root, "millicores of one of two groups", [[create(users[at % 10 if at % 10 != 3 else 4])] * CALLS for at in range(CONNECTIONS)])
    root.ask(quota("group", "gold", '{"sessions": null, "millicores": null}'))
    return users


def storage(t, root, users):
    """Homes by themselves, beside those that the sessions before have left."""
    kept = int(root.ask("SELECT t.must('dba', $$SELECT streamspace.get_quota('org', NULL, 'red')$$) #>> '{used,storage_mib}';"))
    root.ask(quota("org", None, f'{{"storage_mib": {kept + 10999}}}'))
    names = iter(range(CONNECTIONS * CALLS))
    lines = storm([[f"SELECT t.code('dba', $q$SELECT streamspace.create_home(p_name => 'home-{next(names)}', p_size_mib => 1000,"
                    f" p_owner => '{users[at % 10]}', p_org => 'red')$q$);" for _ in range(CALLS)] for at in range(CONNECTIONS)])
    t.eq(lines.count("ok"), ROOM, f"storage of an organisation: of {CONNECTIONS * CALLS} homes exactly {ROOM} are let in")
    t.eq(lines.count("quota_exceeded"), CONNECTIONS * CALLS - ROOM, "storage: all others hear quota_exceeded, nobody of a deadlock")
    t.eq(world.miscounts(root), "", "storage: free and used make the limit, of every pool")
    root.ask(quota("org", None, '{"storage_mib": null}'))


def capacity(t, root, users):
    """The agent is the narrow place: nobody is refused, 10 start and the others wait."""
    root.ask("SELECT t.make_agent('agent-1', 'process', 10);")
    lines = storm([[create(users[(at + n) % 10]) for n in range(CALLS)] if at % 2 else [batch(users[at % 10], 10)] * (CALLS // 10)
                   for at in range(CONNECTIONS)])
    t.eq(lines.count("ok"), CONNECTIONS * CALLS, f"agent: {CONNECTIONS * CALLS} sessions are made")
    root.ask("SELECT t.must('api', 'SELECT streamspace.tick()');")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.session WHERE state = 'starting';"), "10", "agent: exactly 10 start")
    t.eq(root.ask("SELECT count(*), count(DISTINCT reason) FROM streamspace_data.session WHERE state = 'pending';"),
         f"{CONNECTIONS * CALLS - ROOM}\t1", "agent: the others wait")
    t.eq(world.miscounts(root), "", "agent: free and used make the limit, of every pool")
    clear(root)
    root.ask("SELECT t.must('api', 'SELECT streamspace.tick()');")
    t.eq(world.miscounts(root), "", "agent: and everything was given back")


def weather(t, root, users):
    """Creates, batches and ends, while the limits of users, groups, the organisation and the agent go down and up."""
    root.ask(quota("org", None, '{"sessions": 200, "millicores": 60000}'))
    stop = threading.Event()
    moves = []

    def change():
        with race.Psql() as psql:
            while not stop.is_set():
                for at, statement in enumerate((
                        quota("org", None, '{"sessions": 5}'), quota("user", users[1], '{"sessions": 1, "millicores": 2000}'),
                        quota("user_default", None, '{"sessions": 3}'), quota("group", "gold", '{"memory_mib": 9000}'),
                        quota("org", None, '{"sessions": 200, "millicores": 9000}'), quota("user_default", None, '{"sessions": 900}'),
                        quota("org", None, '{"millicores": 60000}'), quota("group", "gold", '{"memory_mib": null}'),
                        quota("user", users[1], '{"sessions": "default", "millicores": "default"}'))):
                    moves.append(psql.ask(statement))

    changer = threading.Thread(target=change)
    changer.start()
    scripts = [[create(users[(at + n) % 10]) if n % 2 == 0 else end(users[(at * 3 + n) % 10]) for n in range(CALLS)] if at % 3 else
               [batch(users[(at + n) % 10], 6) if n % 2 == 0 else end(users[(at * 3 + n) % 10]) for n in range(CALLS)]
               for at in range(CONNECTIONS)]
    try:
        codes = storm(scripts)
    finally:
        stop.set()
        changer.join()
    t.eq(sorted(set(codes) - {"ok", "none", "quota_exceeded", "invalid_transition"}), [], "weather: nothing but ok and quota_exceeded")
    t.ok(codes.count("ok") > 20 and codes.count("quota_exceeded") > 100, f"weather: {codes.count('ok')} ok, {codes.count('quota_exceeded')} refused")
    t.eq(sorted(set(moves)), ["ok"], f"weather: limits changed {len(moves)} times")
    t.eq(world.miscounts(root), "", "weather: free and used make the limit, of every pool")
    t.ok(int(root.ask("SELECT count(*) FROM streamspace_data.session AS s JOIN streamspace_data.org AS o USING (org_id)"
                      " WHERE o.name = 'red' AND s.state <> 'terminated';")) <= 200, "weather: and no more than the limit are left")
    clear(root)
    root.ask("SELECT t.must('api', 'SELECT streamspace.tick()');")
    t.eq(world.miscounts(root), "", "weather: and everything was given back")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.pool_slot WHERE tight;"), "0", "weather: no pool is left tight")


def main(t):
    world.make()
    with race.Psql() as root:
        users = limits(t, root)
        storage(t, root, users)
        capacity(t, root, users)
        weather(t, root, users)


if __name__ == "__main__":
    harness.main(main)
