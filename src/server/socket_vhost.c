/* socket_vhost: the classes' handlers, and how a socket gets to its owner. Loop thread only. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "server/dispatch_loop.h"
#include "server/event_socket.h"
#include "server/relay_conn.h"
#include "server/socket_admit.h"
#include "server/stream_socket.h"
#include "server/viewer_conn.h"

const socket_handler *const socket_handlers[SOCKET_CLASSES] = {
	[SOCKET_AGENT] = NULL,
	[SOCKET_STREAM] = &stream_socket_handler,
	[SOCKET_VIEWER] = &viewer_conn_handler,
	[SOCKET_RELAY] = &relay_conn_handler,
	[SOCKET_EVENTS] = &event_socket_handler,
};

static struct lws *adopt(
	dispatch *d, int fd, socket_owner *owner, lws_adoption_type type, const char *protocol)
{
	const int on = 1;
	lws_adopt_desc_t desc = {
		.vh = dispatch_loop_vhost(d),
		.type = type,
		.fd.sockfd = fd,
		.vh_prot_name = protocol,
		.opaque = owner,
	};

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	owner->adopting = true;
	struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&desc); /* closes fd when it fails */

	owner->adopting = false;
	if (wsi && !owner->destroyed)
		lws_set_opaque_user_data(wsi, owner);
	return wsi;
}

struct lws *socket_adopt_fd(dispatch *d, int fd, socket_owner *owner)
{
	return adopt(d, fd, owner, LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP, NULL);
}

struct lws *socket_adopt_raw(dispatch *d, int fd, socket_owner *owner)
{
	return adopt(d, fd, owner, LWS_ADOPT_SOCKET, "raw");
}

struct lws *socket_adopt(dispatch *d, socket_offer *offer, socket_owner *owner)
{
	return socket_adopt_fd(d, ss_steal_fd(offer->fd), owner);
}

int socket_callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	socket_owner *owner = lws_get_opaque_user_data(wsi);

	if (!owner)
		return 0;
	if (reason == LWS_CALLBACK_HTTP)
		return -1; /* the admission let only a handshake pass */
	if (reason == LWS_CALLBACK_WSI_DESTROY)
	{
		lws_set_opaque_user_data(wsi, NULL);
		owner->destroyed = true;
	}
	return owner->callback(owner->self, wsi, reason, in, len);
}
