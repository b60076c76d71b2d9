#include "agent/agent_roster.h"

#include "agent/agent_internal.h"
#include "agent/sight.h"
#include "agent/workers.h"
#include "conf/conf.h"
#include "probes/probe.h"
#include "reporters/reporter.h"

void
agent_roster_count(struct agent *agent)
{
	struct sight_scope scope = {
		.endpoints = monitors_count(agent->monitors),
		.blind_after_ms = agent->conf->blind_after_ms,
		.reporters =
			(const struct reporter *const *)agent->reporters.items,
		.n_reporters = agent->reporters.count,
	};
	sight_set_scope(agent->sight, &scope);
}

void
agent_roster_take_out(
	struct agent *agent, struct monitor *monitor, struct moment now)
{
	struct worker_task gone = agent_run_task(monitor);
	sight_forget(agent->sight, monitor->number);
	monitors_remove(agent->monitors, monitor, now);
	workers_remove(agent->workers, &gone, 1);
	agent_roster_count(agent);
}

void
agent_roster_put_in(struct agent *agent, const struct conf_endpoint *endpoint)
{
	struct probe_target target =
		agent_target_of(endpoint, agent->conf->arena);
	struct worker_task added = agent_run_task(
		monitors_add(agent->monitors, endpoint, agent->conf, &target));
	workers_add(agent->workers, &added, 1);
	agent_roster_count(agent);
}
