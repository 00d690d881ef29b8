/*
 * event_options: every bound of the streams of events, once; used like dispatch_options.h, with
 * EVENT_FIELD(name, kind, default, min, max, help).
 * No include guard: each includer makes something else of it.
 */
EVENT_FIELD(max_streams, INT, 1000, 1, 100000, "streams of events; more are refused with 503")
EVENT_FIELD(max_per_user, INT, 20, 1, 100000,
	"streams of events of one user, on this server; more are refused with 429")
EVENT_FIELD(queue_bytes, SIZE, 1048576, 65536, 268435456,
	"bytes that wait to be sent on one stream; more end it as slow")
EVENT_FIELD(memory, SIZE, 134217728, 1048576, 68719476736,
	"bytes that wait to be sent on all streams; the one that would pass it is ended as slow")
EVENT_FIELD(stall_seconds, DURATION_S, 30, 1, 3600,
	"a stream whose reader takes nothing for so long while something waits is ended as slow")
EVENT_FIELD(max_changes, INT, 500, 1, 1000,
	"sessions in one message; more at once are said as a gap, and lists are read again")
EVENT_FIELD(poll_ms, INT, 500, 50, 60000,
	"milliseconds between two looks for changes that other servers made, while there are streams")
EVENT_FIELD(keepalive_seconds, DURATION_S, 15, 1, 3600,
	"a sign of life on each stream this often when nothing happens")
EVENT_FIELD(review_seconds, DURATION_S, 30, 1, 3600,
	"look this often whether the log-in of a stream has run out meanwhile")
