/*
 * The doorbell between writers and a server that sleeps (sql/rules/ring.sql, src/server/doorbell.c).
 *
 * A writer takes a transaction id, reads in a statement of its own whether the server sleeps, and
 * commits: its row is seen, and the ring heard, from then on. The server polls while it is awake. To
 * sleep it says so in a transaction, then takes an id of its own as the horizon, and polls until the
 * snapshot of a poll shows that every id up to the horizon has ended. A snapshot knows the newest id
 * that has ended (`ended`) and what runs below.
 *
 * Shown: when nobody can go on, no row is left lying. Two ways to do it wrong, as controls:
 * -DNOWAIT sleeps at once; -DXMAX takes the upper bound of a snapshot as the horizon.
 */
#define WRITERS 3
#define ROUNDS 2
#define IDS 16

byte next = 1;  /* the id to give out next */
byte ended = 0; /* the newest that has ended */
bool running[IDS];
bool asleep = true;
bool rung = false;
byte rows = 0; /* committed and not yet taken */

inline begin(me)
{
	atomic { me = next; next++; running[me] = true }
}

inline end(me)
{
	running[me] = false;
	if
	:: me > ended -> ended = me
	:: else
	fi
}

/* What a snapshot says is the oldest that may still run. */
inline look(oldest)
{
	oldest = 1;
	do
	:: oldest <= ended && !running[oldest] -> oldest++
	:: else -> break
	od
}

active [WRITERS] proctype writer()
{
	byte me;
	bool ring;

	begin(me);
	ring = asleep;
	atomic { end(me); rows++; rung = rung || ring }
}

active proctype server()
{
	byte me, horizon, oldest, round;

	do
	:: round < ROUNDS ->
		round++;
		/* awake */
		begin(me);
		atomic { end(me); asleep = false }
		do
		:: rows = 0
		:: break
		od;
		/* to sleep */
		begin(me);
		atomic { end(me); asleep = true }
#ifdef XMAX
		horizon = ended;
#else
		atomic { begin(horizon); end(horizon) }
#endif
		do
		:: atomic { look(oldest); rows = 0 }
#ifdef NOWAIT
			break
#else
			if
			:: oldest > horizon -> break
			:: else
			fi
#endif
		od;
		/* asleep, until rung */
		do
		:: atomic { rung -> rung = false; rows = 0 }
		:: break /* or woken by something else */
		od
	:: else -> break
	od;
	do
	:: atomic { rung -> rung = false; rows = 0 }
	:: timeout -> assert(rows == 0); break
	od
}
