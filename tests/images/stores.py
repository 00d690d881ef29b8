#!/usr/bin/python3
"""PostgreSQL and Redis for evaluation: who gets in, what a restart keeps, how they end, and what they refuse to start with."""

import secrets

import engine as images
from engine import mount


def postgresql(engine, data, secret, *options, command=()):
    found = engine.start("postgresql", *mount(secret, "/secrets/pw"), *mount(data, "/var/lib/postgresql/data", "rw"),
                         "-e", "POSTGRES_PASSWORD_FILE=/secrets/pw", *options, command=command)
    return found.wait_up(lambda: found.run("pg_isready").returncode == 0)


def psql(container, sql, password=None, host="127.0.0.1"):
    options = ("env", f"PGPASSWORD={password}", f"PGHOST={host}") if password is not None else ()
    return container.run(*options, "psql", "-XAtw", "-v", "ON_ERROR_STOP=1", "-c", sql)


def database(t, engine):
    word = secrets.token_hex(12)
    secret, data = engine.secret("pw", word), engine.folder("data")
    first = postgresql(engine, data, secret)
    t.eq(psql(first, "SELECT 1").returncode, 0, "its own account inside the container needs no password")
    for host in ("127.0.0.1", first.address):
        t.ok(psql(first, "SELECT 1", "wrong", host).returncode != 0, f"a wrong password over {host} is refused")
        t.eq(psql(first, "SELECT 1", word, host).stdout.strip(), "1", f"the right one over {host} is not")
    t.like(psql(first, "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'").stdout, "^SCRAM-SHA-256", "it is kept as SCRAM")
    t.eq(psql(first, "SHOW data_checksums").stdout.strip(), "on", "pages carry checksums")
    psql(first, "CREATE TABLE kept (x int); INSERT INTO kept VALUES (42)")
    t.eq(first.run("id", "-u").stdout.strip(), "10001", "it runs as user 10001")
    t.eq(first.stop(), 0, "with a client connected or not it ends within its time")
    t.like(first.logs(), "database system is shut down", "having written everything")
    second = postgresql(engine, data, secret, command=("-c", "max_connections=50"))
    t.eq(psql(second, "SELECT x FROM kept").stdout.strip(), "42", "a new container finds the data")
    t.eq(psql(second, "SHOW max_connections").stdout.strip(), "50", "arguments are settings")
    second.signal("KILL")
    second.wait()
    third = postgresql(engine, data, secret)
    t.eq(psql(third, "SELECT x FROM kept").stdout.strip(), "42", "one that was killed leaves it whole")
    for one in (first, second, third):
        t.ok(word not in one.logs(), "no log holds the password")


def refused(t, engine):
    data = engine.folder("odd")
    empty = engine.start("postgresql", *mount(data, "/var/lib/postgresql/data", "rw"))
    t.eq(empty.wait(), 2, "PostgreSQL without a password does not start")
    t.eq(list(data.iterdir()), [], "and makes nothing")
    (data / "pgdata.new").mkdir()
    (data / "pgdata.new" / "half").write_text("cut off")
    images.subprocess.run(["chown", "-R", "10001:10001", data / "pgdata.new"], check=True)
    again = postgresql(engine, data, engine.secret("pw2", "x" * 16))
    t.eq(psql(again, "SELECT 1").returncode, 0, "a first start that was cut off is done again")
    strange = engine.folder("strange")
    (strange / "pgdata").mkdir()
    (strange / "pgdata" / "letters").write_text("somebody's")
    strange.chmod(0o2777)
    other = engine.start("postgresql", *mount(engine.secret("pw3", "x" * 16), "/secrets/pw"), "-e", "POSTGRES_PASSWORD_FILE=/secrets/pw",
                         *mount(strange, "/var/lib/postgresql/data", "rw"))
    t.eq((other.wait(), (strange / "pgdata" / "letters").read_text()), (2, "somebody's"), "what is no database is left alone")


def cache(t, engine):
    word = secrets.token_hex(12)
    secret = engine.secret("redis", word)
    one = engine.start("redis", *mount(secret, "/secrets/pw"), "-e", "REDIS_PASSWORD_FILE=/secrets/pw", "-e", "REDIS_MAXMEMORY=8mb")

    def cli(*words, password=word):
        return one.run("env", f"REDISCLI_AUTH={password}", "redis-cli", "--no-auth-warning", *words).stdout.strip()

    one.wait_up(lambda: cli("PING") == "PONG")
    t.like(one.run("redis-cli", "PING").stdout, "NOAUTH", "Redis asks for the password")
    t.eq([cli("CONFIG", "GET", name).splitlines()[-1] for name in ("maxmemory", "maxmemory-policy", "appendonly")],
         [str(8 << 20), "allkeys-lru", "no"], "bounded, and the least recently used goes")
    t.eq(cli("SET", "a", "1"), "OK", "it keeps a value")
    cli("EVAL", "for i = 1, 20000 do redis.call('SET', 'k' .. i, string.rep('x', 1000)) end return 1", "0")
    t.like(cli("INFO", "stats"), r"evicted_keys:[1-9]", "when it is full something goes, and nothing fails")
    t.eq(cli("SET", "b", "2"), "OK", "and it takes more")
    t.eq(one.run("sh", "-c", "ls /tmp").stdout.split(), ["redis.conf"], "nothing of it is on disk")
    t.ok(word not in one.logs() and word not in "\n".join(one.processes()), "the password stands in no log and no command line")
    t.eq(one.stop(), 0, "it ends by itself")
    for name, options in (("no password", ()), ("a short one", (*mount(engine.secret("short", "x"), "/secrets/pw"), "-e", "REDIS_PASSWORD_FILE=/secrets/pw")),
                          ("no size", (*mount(secret, "/secrets/pw"), "-e", "REDIS_PASSWORD_FILE=/secrets/pw", "-e", "REDIS_MAXMEMORY=8mb\nport 1"))):
        t.eq(engine.start("redis", *options, alias="wrong").wait(), 2, f"{name}: refused at start")


def body(t, engine):
    database(t, engine)
    refused(t, engine)
    cache(t, engine)


if __name__ == "__main__":
    images.main(["postgresql", "redis"], body)
