/* agent_socket: libwebsockets' events to agent_conn. Loop thread only. */
#include "server/agent_socket.h"

#include "server/agent_conn.h"

static int on_established(agent_conn *conn, void *in, size_t len)
{
	(void)in;
	(void)len;
	agent_conn_establish(conn);
	return 0;
}

static int on_receive(agent_conn *conn, void *in, size_t len)
{
	return agent_conn_receive(conn, in, len);
}

static int on_pong(agent_conn *conn, void *in, size_t len)
{
	agent_conn_hear_pong(conn, in, len);
	return 0;
}

static int on_writeable(agent_conn *conn, void *in, size_t len)
{
	(void)in;
	(void)len;
	return agent_conn_write(conn);
}

static int on_closed(agent_conn *conn, void *in, size_t len)
{
	(void)in;
	(void)len;
	agent_conn_lose(conn, "closed by the agent");
	return 0;
}

static int on_destroy(agent_conn *conn, void *in, size_t len)
{
	(void)in;
	(void)len;
	agent_conn_destroy(conn);
	return 0;
}

static const struct
{
	enum lws_callback_reasons reason;
	int (*handle)(agent_conn *conn, void *in, size_t len);
} callbacks[] = {
	{LWS_CALLBACK_RECEIVE, on_receive},
	{LWS_CALLBACK_SERVER_WRITEABLE, on_writeable},
	{LWS_CALLBACK_RECEIVE_PONG, on_pong},
	{LWS_CALLBACK_ESTABLISHED, on_established},
	{LWS_CALLBACK_CLOSED, on_closed},
	{LWS_CALLBACK_WSI_DESTROY, on_destroy},
};

int agent_socket_callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	(void)wsi;
	for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++)
		if (callbacks[i].reason == reason)
			return callbacks[i].handle(self, in, len);
	return 0;
}
