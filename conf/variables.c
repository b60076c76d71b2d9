#include "conf/variables.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/err.h"
#include "conf/conf.h"
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
	{ "CACHET_API_URL", "api_url" },
	{ "CACHET_TOKEN", "token" },
};

enum {
	OF_CACHETS = 2, /* the last ones */
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

static bool
is_in_vain(const struct conf_reader *reader, unsigned i)
{
	const char *value = getenv(variables[i].name);
	return value && *value != '\0' && !(reader->variables & (1U << i));
}

/* Providers may name the variable as well. */
static bool
has_providers(const struct conf_reader *reader, size_t index)
{
	const struct conf_yaml *cachet =
		conf_given_item(reader, "cachet", index);
	const struct conf_yaml_item *token = conf_yaml_find(cachet, "token");
	return token && token->value.kind == CONF_NODE_LIST;
}

static bool
is_for_none(const struct conf_reader *reader, const struct conf *conf,
	unsigned variable)
{
	const struct conf_chosen *cachets = conf->cachets.items;
	bool is_token = variable == COUNT - 1;
	for (size_t i = 0; i < conf->cachets.count; i++)
		if (!conf_reporter_name(&cachets[i])
			|| (is_token && has_providers(reader, i)))
			return false;
	return conf->cachets.count > 0;
}

void
conf_check_variables(struct conf_reader *reader, const struct conf *conf)
{
	for (unsigned i = 0; i < COUNT; i++) {
		const char *name = variables[i].name;
		const char *key = variables[i].key;
		if (!is_in_vain(reader, i))
			continue;
		if (i < COUNT - OF_CACHETS)
			conf_warn(reader, NULL,
				"the environment variable %s is set, and has "
				"no effect; an endpoint's %s is \"%s\" in the "
				"file, which may say ${%s}",
				name, key, key, name);
		else if (is_for_none(reader, conf, i))
			conf_warn(reader, "cachet",
				"the environment variable %s is set, and has "
				"no effect on a Cachet with a name; its %s in "
				"the file may say ${%s}",
				name, key, name);
	}
}
