#include "agent/agent_say.h"

#include "agent/agent_internal.h"
#include "agent/base/str.h"
#include "agent/outbox.h"
#include "reporters/reporter.h"

static const struct reporter *
find(const struct agent *agent, const char *name)
{
	const struct agent_reporters *reporters = &agent->reporters;
	for (size_t i = 0; i < reporters->count; i++) {
		const struct reporter *reporter = reporters->items[i];
		if (reporter->name && str_eq(reporter->name, name)
			&& reporter->type->is_chat)
			return reporter;
	}
	return NULL;
}

bool
agent_say(struct agent *agent, const char *reporter, const char *body,
	struct moment now)
{
	const struct reporter *to = find(agent, reporter);
	const struct event event = {
		.kind = EVENT_ANSWER,
		.incident = "",
		.seq = (unsigned)(now.wall_ms / 1000),
		.at_ms = now.wall_ms,
		.message = body,
		.endpoint = { .name = EVENT_OURS_ANSWER,
			.url = "",
			.method = "",
			.titles = { "", "", "" } },
	};
	if (!to)
		return false;
	outbox_announce(agent->outbox, &event, &to, 1, now);

	/* The turn of the outbox may be over already. */
	ev_async_send(agent->loop, &agent->results_wait);
	return true;
}
