#include "agent/agent_reporters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "conf/conf.h"
#include "reporters/reporter.h"

static bool
id_is_taken(const struct agent_reporters *reporters, const char *id)
{
	for (size_t i = 0; i < reporters->count; i++) {
		if (str_eq(reporters->items[i]->id, id))
			return true;
	}
	return false;
}

/* The first of several that would have one id keeps it; it is the one that an
 * older configuration had. */
static void
make_distinct(const struct agent_reporters *reporters, struct reporter *added)
{
	size_t size = strlen(added->id) + 16;
	char *id = mem_alloc(size);
	str_copy(id, size, added->id);
	for (unsigned n = 2; id_is_taken(reporters, id); n++)
		snprintf(id, size, "%s#%u", added->id, n);
	free(added->id);
	added->id = id;
}

static bool
add(struct agent_reporters *reporters, const struct conf_chosen *chosen,
	enum route_audience audience, const char *name, struct err *err)
{
	struct reporter *reporter = reporter_new(chosen, err);
	if (!reporter)
		return false;
	reporter->audience = audience;
	reporter->name = name;
	make_distinct(reporters, reporter);

	reporters->items = mem_grow(reporters->items, reporters->count + 1,
		sizeof(struct reporter *));
	reporters->items[reporters->count++] = reporter;
	return true;
}

static bool
add_webhooks(struct agent_reporters *reporters, const struct conf_list *list,
	enum route_audience audience, struct err *err)
{
	const struct conf_chosen *items = list->items;
	for (size_t i = 0; i < list->count; i++) {
		if (!add(reporters, &items[i], audience, NULL, err))
			return err_prefix(err, "webhooks[%zu]", i);
	}
	return true;
}

static bool
add_named(struct agent_reporters *reporters, const struct conf_list *list,
	struct err *err)
{
	const struct conf_chosen *items = list->items;
	for (size_t i = 0; i < list->count; i++) {
		if (!add(reporters, &items[i], AUDIENCE_ALL,
			    conf_reporter_name(&items[i]), err))
			return err_prefix(err, "reporters[%zu]", i);
	}
	return true;
}

bool
agent_reporters_init(struct agent_reporters *reporters, const struct conf *conf,
	struct err *err)
{
	*reporters = (struct agent_reporters){ 0 };

	/* Webhooks of old belong to Cachet's incidents where there are any. */
	bool cachet = conf->cachet.variant != NULL;
	enum route_audience webhooks =
		cachet ? AUDIENCE_INCIDENTS : AUDIENCE_ALL;

	if (cachet
		&& !add(reporters, &conf->cachet, AUDIENCE_ACTIONS, NULL,
			err)) {
		err_prefix(err, "cachet");
		goto fail;
	}
	if (!add_webhooks(reporters, &conf->webhooks, webhooks, err)
		|| !add_named(reporters, &conf->reporters, err))
		goto fail;
	return true;

fail:
	agent_reporters_finish(reporters);
	return false;
}

void
agent_reporters_finish(struct agent_reporters *reporters)
{
	for (size_t i = 0; i < reporters->count; i++)
		reporter_free(reporters->items[i]);
	free(reporters->items);
	*reporters = (struct agent_reporters){ 0 };
}
