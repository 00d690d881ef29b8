/* stream_end: see stream_end.h. Loop thread only. */
#include "server/stream_end.h"

#include "common/cleanup.h"

void stream_end_init(stream_end *end, dispatch *d, const stream_end_ops *ops)
{
	*end = (stream_end){.ops = ops, .d = d};
}

void stream_end_join(stream_end *near, stream_end *far)
{
	near->peer = far;
	far->peer = near;
}

int stream_end_deliver(stream_end *end, const unsigned char *data, size_t len)
{
	stream_end *peer = end->peer;

	if (!peer || len == 0)
		return 0;
	if (byte_queue_put(&peer->out, data, len))
		return -1;
	atomic_fetch_add_explicit(&end->d->stream_bytes, (long long)len, memory_order_relaxed);
	peer->ops->wake(peer);
	return 0;
}

void stream_end_sent(stream_end *end, size_t n)
{
	if (n == 0)
		return;
	byte_queue_take(&end->out, n);
	atomic_fetch_sub_explicit(&end->d->stream_bytes, (long long)n, memory_order_relaxed);
	if (end->peer)
		end->peer->ops->taken(end->peer, n);
}

void stream_end_discard(stream_end *end)
{
	size_t n = end->out.len;

	byte_queue_clear(&end->out);
	atomic_fetch_sub_explicit(&end->d->stream_bytes, (long long)n, memory_order_relaxed);
}

void stream_end_part(stream_end *end, const char *reason, bool at_once)
{
	stream_end *peer = ss_steal_ptr(end->peer);

	if (!peer)
		return;
	peer->peer = NULL;
	peer->ops->finish(peer, reason, at_once);
}

size_t stream_end_backlog(const stream_end *end)
{
	return end->peer ? end->peer->out.len : 0;
}
