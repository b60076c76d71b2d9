#include "agent/model/cause.h"

#include <string.h>

static const char *const names[CAUSE_COUNT] = {
	[CAUSE_NONE] = "none",
	[CAUSE_NAME_NOT_FOUND] = "name_not_found",
	[CAUSE_NAME_LOOKUP] = "name_lookup",
	[CAUSE_REFUSED] = "refused",
	[CAUSE_UNREACHABLE] = "unreachable",
	[CAUSE_CONNECT_TIMEOUT] = "connect_timeout",
	[CAUSE_TLS] = "tls",
	[CAUSE_CERTIFICATE] = "certificate",
	[CAUSE_CLOSED] = "closed",
	[CAUSE_TIMEOUT] = "timeout",
	[CAUSE_BODY_TIMEOUT] = "body_timeout",
	[CAUSE_PROTOCOL] = "protocol",
	[CAUSE_REDIRECT] = "redirect",
	[CAUSE_BODY] = "body",
	[CAUSE_HTTP_STATUS] = "http_status",
	[CAUSE_LATENCY] = "latency",
	[CAUSE_REGEX] = "regex",
	[CAUSE_NO_ROUTE] = "no_route",
	[CAUSE_NO_DESCRIPTORS] = "no_descriptors",
	[CAUSE_NO_PORTS] = "no_ports",
	[CAUSE_RESOLVER] = "resolver",
	[CAUSE_LAG] = "lag",
	[CAUSE_REMOVED] = "removed",
	[CAUSE_BLIND] = "blind",
	[CAUSE_EXTERNAL] = "external",
};

const char *
cause_name(enum cause cause)
{
	return names[cause];
}

enum cause
cause_of_name(const char *name)
{
	for (int i = 0; i < CAUSE_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return (enum cause)i;
	return CAUSE_NONE;
}

bool
cause_is_ours(enum cause cause)
{
	return cause >= CAUSE_NO_ROUTE && cause <= CAUSE_LAG;
}
