/* socket_vhost: the classes' handlers, and how a socket gets to its vhost. Loop thread only. */
#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "server/dispatch_loop.h"
#include "server/socket_admit.h"

const socket_handler *const socket_handlers[SOCKET_CLASSES] = {
	[SOCKET_AGENT] = NULL,
};

struct lws *socket_adopt(dispatch *d, socket_offer *offer, void *opaque, bool *adopting)
{
	const int on = 1;
	lws_adopt_desc_t desc = {
		.vh = dispatch_loop_class_vhost(d, offer->class),
		.type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP,
		.fd.sockfd = ss_steal_fd(offer->fd),
		.opaque = opaque,
	};

	setsockopt(desc.fd.sockfd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*adopting = true;
	struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&desc); /* closes fd when it fails */

	*adopting = false;
	if (wsi)
		lws_set_opaque_user_data(wsi, opaque);
	return wsi;
}
