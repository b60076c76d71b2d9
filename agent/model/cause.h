/*
 * Why a probe did not find its endpoint operational: a closed list, so that
 * causes can be counted, routed and translated.  Stored by name.
 */
#pragma once

#include <stdbool.h>

enum cause {
	CAUSE_NONE = 0,

	/* There was no answer. */
	CAUSE_NAME_NOT_FOUND, /* the name does not exist */
	CAUSE_NAME_LOOKUP, /* the look-up of this name failed or timed out */
	CAUSE_REFUSED, /* nobody listens */
	CAUSE_UNREACHABLE, /* no way to the host, as the network says */
	CAUSE_CONNECT_TIMEOUT,
	CAUSE_TLS, /* the handshake failed */
	CAUSE_CERTIFICATE, /* the handshake failed at the certificate */
	CAUSE_CLOSED, /* reset or closed before an answer */
	CAUSE_TIMEOUT, /* connected, but no complete headers in time */
	CAUSE_BODY_TIMEOUT, /* the body stalled, or took too long in all */
	CAUSE_PROTOCOL, /* not HTTP, or broken HTTP */
	CAUSE_REDIRECT, /* too many, or to where we do not go */
	CAUSE_BODY, /* cut short, or its encoding is broken */

	/* There was an answer, and it is not what was expected. */
	CAUSE_HTTP_STATUS,
	CAUSE_LATENCY,
	CAUSE_REGEX,

	/* We could not look: the status is unknown. */
	CAUSE_NO_ROUTE, /* no address family has a route */
	CAUSE_NO_DESCRIPTORS,
	CAUSE_NO_PORTS, /* no local port is left */
	CAUSE_RESOLVER, /* the resolver answers nobody */
	CAUSE_LAG, /* our own loop was late */

	CAUSE_REMOVED, /* the endpoint is no longer monitored */
	CAUSE_BLIND, /* of no endpoint: the agent itself cannot look */
	CAUSE_EXTERNAL, /* another monitor says so */
};

enum {
	CAUSE_COUNT = CAUSE_EXTERNAL + 1,
};

/** One lower-case token, such as "connect_timeout". */
const char *cause_name(enum cause cause);

/** CAUSE_NONE for a name that is not in the list. */
enum cause cause_of_name(const char *name);

/** True when the trouble is the agent's, not the endpoint's. */
bool cause_is_ours(enum cause cause);
