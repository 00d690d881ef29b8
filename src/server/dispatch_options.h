/*
 * dispatch_options: every bound of the dispatcher, once. Included with DISPATCH_FIELD(name, kind,
 * default, min, max, help) defined; kind is that of an ss_option (without SS_OPTION_). The fields
 * of dispatch_config, their defaults, their check and the server's option table come from here.
 * No include guard: each includer makes something else of it.
 */
DISPATCH_FIELD(max_agents, INT, 10000, 1, 1000000, "connected agents; more are refused with 503")
DISPATCH_FIELD(admission_threads, INT, 2, 1, 32, "threads that admit agents")
DISPATCH_FIELD(admission_queue, INT, 1024, 1, 100000,
	"agents that wait to be admitted; more are refused with 503")
DISPATCH_FIELD(socket_threads, INT, 4, 2, 32,
	"threads that admit viewers, streams of agents and what else is a WebSocket")
DISPATCH_FIELD(socket_queue, INT, 1024, 1, 100000,
	"viewers, streams and the like that wait to be admitted; more are refused with 503")
DISPATCH_FIELD(handshake_seconds, DURATION_S, 10, 1, 300,
	"time for an admitted agent to finish the WebSocket handshake")
DISPATCH_FIELD(max_frame_bytes, SIZE, 262144, 4096, 16777216,
	"one message of an agent; a larger one closes its connection")
DISPATCH_FIELD(max_send_frames, INT, 1024, 16, 100000,
	"messages that wait to be sent to one agent; more close its connection")
DISPATCH_FIELD(max_send_bytes, SIZE, 16777216, 65536, 268435456,
	"bytes that wait to be sent to one agent; more close its connection")
DISPATCH_FIELD(stall_seconds, DURATION_S, 30, 1, 3600,
	"an agent that reads nothing for so long while something waits is cut off")
DISPATCH_FIELD(ping_seconds, DURATION_S, 20, 1, 25, "WebSocket ping to every agent this often")
DISPATCH_FIELD(silence_seconds, DURATION_S, 60, 2, 3600,
	"an agent that sends nothing for so long, no pong either, is cut off")
DISPATCH_FIELD(probe_seconds, DURATION_S, 5, 1, 60,
	"time for a connected agent to answer when another process claims its name")
DISPATCH_FIELD(agent_rate, INT, 5000, 10, 1000000,
	"messages a second from one agent; reading from it pauses beyond that")
DISPATCH_FIELD(max_inflight, INT, 512, 1, 100000,
	"messages of one agent that wait to be written; reading from it pauses beyond that")
DISPATCH_FIELD(write_queue, INT, 65536, 16, 10000000,
	"messages of all agents that wait to be written; reading from agents pauses beyond that")
DISPATCH_FIELD(write_queue_bytes, SIZE, 67108864, 65536, 4294967296,
	"bytes of all agents that wait to be written; reading from agents pauses beyond that")
DISPATCH_FIELD(write_batch, INT, 256, 1, 5000, "messages written by one call of the database")
DISPATCH_FIELD(max_inventory_objects, INT, 50000, 100, 1000000, "objects in one inventory")
DISPATCH_FIELD(max_inventory_bytes, SIZE, 16777216, 65536, 268435456, "bytes of one inventory")
DISPATCH_FIELD(inventory_bytes, SIZE, 134217728, 65536, 4294967296,
	"bytes of the inventories of all agents while they arrive; beyond that agents are sent away")
DISPATCH_FIELD(claim_batch, INT, 256, 1, 1000, "commands claimed by one call of the database")
DISPATCH_FIELD(
	poll_seconds, DURATION_S, 1, 1, 3600, "look for commands this often even when nobody rings")
DISPATCH_FIELD(settle_seconds, DURATION_S, 1, 1, 3600,
	"before it sleeps the server waits so long for transactions that may count on its polling")
DISPATCH_FIELD(tick_seconds, DURATION_S, 1, 1, 3600, "pause between two sweeps of the database")
DISPATCH_FIELD(tick_limit, INT, 500, 1, 100000, "rows of a kind that one sweep handles")
DISPATCH_FIELD(retry_after_seconds, DURATION_S, 2, 0, 3600,
	"what an agent is told to wait when it is sent away")
DISPATCH_FIELD(stop_seconds, DURATION_S, 5, 1, 600,
	"time to write back what agents have sent when the server stops")
DISPATCH_FIELD(stream_credit, SIZE, 262144, 16384, 16777216,
	"bytes that an agent may send ahead of what one viewer has taken")
DISPATCH_FIELD(stream_input_bytes, SIZE, 65536, 4096, 16777216,
	"bytes of one viewer that wait for its agent; reading from the viewer pauses beyond that")
DISPATCH_FIELD(stream_memory, SIZE, 536870912, 1048576, 68719476736,
	"memory set aside for the bytes of all viewers; beyond it viewers are refused with 503")
DISPATCH_FIELD(stream_max, INT, 1024, 1, 65536, "streams to the sessions of one agent")
DISPATCH_FIELD(stream_open_seconds, DURATION_S, 10, 1, 300, "time for an agent to open a stream")
DISPATCH_FIELD(stream_ping_seconds, DURATION_S, 30, 1, 300,
	"WebSocket ping to viewers and to agents' stream sockets this often")
DISPATCH_FIELD(stream_silence_seconds, DURATION_S, 75, 2, 3600,
	"a viewer or stream socket that sends nothing for so long, no pong either, is cut off")
DISPATCH_FIELD(stream_stall_seconds, DURATION_S, 60, 1, 3600,
	"a viewer or stream socket that takes nothing for so long while something waits is cut off")
DISPATCH_FIELD(viewer_message_bytes, SIZE, 1048576, 4096, 16777216,
	"one message of a viewer (its clipboard); a longer one closes it")
DISPATCH_FIELD(viewer_review_seconds, DURATION_S, 10, 1, 50,
	"viewers are cut off when the database could not be asked about them for so long")
