#include "agent/agent_sums.h"

#include "agent/agent_internal.h"
#include "agent/digests.h"
#include "agent/reminders.h"

void
agent_sums_add(struct agent *agent, const struct reporter *const *reporters,
	struct moment now)
{
	agent->digests = digests_new(&(struct digests_settings){
		.orders = agent->orders,
		.store = agent->store,
		.outbox = agent->outbox,
		.monitors = agent->monitors,
		.externals = agent->externals,
	});
	digests_set_scope(agent->digests, agent->conf, reporters,
		agent->reporters.count, now);
	agent->reminders = reminders_new(&(struct reminders_settings){
		.outbox = agent->outbox,
		.monitors = agent->monitors,
		.externals = agent->externals,
		.orders = agent->orders,
	});
	reminders_set_scope(agent->reminders, agent->conf);
}
