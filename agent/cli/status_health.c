#include "agent/cli/status_health.h"

#include <jansson.h>
#include <stdio.h>

#include "agent/base/err.h"
#include "agent/cli/ask.h"
#include "agent/cli/cli.h"

enum {
	PATIENCE_MS = 2000,
};

static bool
is_well(const json_t *health, struct err *err)
{
	const char *why = json_string_value(json_object_get(health, "why"));
	return json_is_true(json_object_get(health, "healthy"))
		|| err_set(err, "%s", why ? why : "its answer says nothing");
}

static json_int_t
count_of(const json_t *health, const char *key)
{
	return json_integer_value(json_object_get(health, key));
}

static json_t *
ask(const struct cli_agent *agent, struct err *err)
{
	struct cli_agent asked = *agent;
	asked.patience_ms = PATIENCE_MS;
	return cli_ask_json(&asked, "health", err);
}

/* What is not told by an agent is told of it. */
static void
print_json(json_t *health, bool good, const char *why)
{
	json_t *made = health ? NULL : json_object();
	json_t *json = health ? health : made;
	if (!json_is_boolean(json_object_get(json, "healthy"))) {
		json_object_set_new(json, "healthy", json_boolean(good));
		json_object_set_new(json, "why", json_string_nocheck(why));
	}
	json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(made);
}

int
cli_status_health(const struct cli_agent *agent, bool as_json)
{
	struct err err;
	json_t *health = ask(agent, &err);
	bool good = health && is_well(health, &err);
	json_int_t endpoints = count_of(health, "endpoints");
	if (as_json)
		print_json(health, good, err.text);
	else if (good)
		printf("healthy: %" JSON_INTEGER_FORMAT
		       " endpoint%s, %" JSON_INTEGER_FORMAT " down\n",
			endpoints, endpoints == 1 ? "" : "s",
			count_of(health, "down"));
	else
		printf("unhealthy: %s\n", err.text);
	json_decref(health);
	return good ? CLI_OK : CLI_FAILED;
}
