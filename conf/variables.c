#include "conf/variables.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/err.h"
#include "conf/reader.h"

static const struct {
	const char *name;
	const char *key;
} variables[] = {
	{ "ENDPOINT_URL", "url" },
	{ "ENDPOINT_METHOD", "method" },
	{ "ENDPOINT_TIMEOUT", "timeout" },
	{ "CACHET_COMPONENT_ID", "component_id" },
	{ "CACHET_METRIC_ID", "metric_id" },
	{ "CACHET_PUBLIC_INCIDENTS", "public_incidents" },
	{ "LATENCY_UNIT", "latency_unit" },
	{ "ALLOWED_FAILS", "allowed_fails" },
};

enum {
	COUNT = sizeof(variables) / sizeof(variables[0]),
};

unsigned
conf_variables_in(const char *text)
{
	unsigned found = 0;
	for (unsigned i = 0; i < COUNT; i++)
		if (strstr(text, variables[i].name))
			found |= 1U << i;
	return found;
}

void
conf_check_variables(struct conf_reader *reader)
{
	for (unsigned i = 0; i < COUNT; i++) {
		const char *name = variables[i].name;
		const char *value = getenv(name);
		if (!value || *value == '\0' || reader->variables & (1U << i))
			continue;
		conf_warn(reader, NULL,
			"the environment variable %s is set, and has no "
			"effect; an endpoint's %s is \"%s\" in the file, "
			"which may say ${%s}",
			name, variables[i].key, variables[i].key, name);
	}
}
