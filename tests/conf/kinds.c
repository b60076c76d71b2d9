#include "tests/conf/kinds.h"

#include <stdlib.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "probes/probe.h"
#include "reporters/reporter.h"

enum {
	KINDS_MAX = 16,
};

static const struct conf_variant *families[2][KINDS_MAX];

const struct conf_types kinds_types = {
	.families = { families[CONF_PROBES], families[CONF_REPORTERS] },
};

char kinds_path[] = "/tmp/conf-XXXXXX";

void
kinds_prepare(void)
{
	static const char *const foreign[] = { "CACHET_API_URL", "CACHET_TOKEN",
		"STATE_DIRECTORY", "XDG_STATE_HOME", "UNSET", "NOT_SET",
		"ENDPOINT_URL", "ENDPOINT_METHOD", "ENDPOINT_TIMEOUT",
		"CACHET_COMPONENT_ID", "CACHET_METRIC_ID",
		"CACHET_PUBLIC_INCIDENTS", "LATENCY_UNIT", "ALLOWED_FAILS" };
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		unsetenv(foreign[i]);
	setenv("HOME", "/home/me", 1);
	for (size_t i = 0; probe_types[i]; i++)
		families[CONF_PROBES][i] = &probe_types[i]->conf;
	for (size_t i = 0; reporter_types[i]; i++)
		families[CONF_REPORTERS][i] = &reporter_types[i]->conf;
}

void
kinds_complain(void *buf, enum conf_severity severity, const char *message)
{
	buf_printf(buf, "%s: %s\n",
		severity == CONF_ERROR ? "error" : "warning", message);
}

int
kinds_open(void **unused)
{
	(void)unused;
	kinds_prepare();
	int fd = mkstemp(kinds_path);
	return fd < 0 ? -1 : close(fd);
}

int
kinds_close(void **unused)
{
	(void)unused;
	return unlink(kinds_path);
}
