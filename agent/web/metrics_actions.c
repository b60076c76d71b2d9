/* Of actions that people have done. */
#include "agent/actions.h"
#include "agent/agent.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"

struct adding {
	const struct web_metrics_family *family;
	struct buf *out;
};

static void
on_runs(void *cookie, const struct actions_count *count)
{
	const struct adding *adding = cookie;
	for (int i = 0; i < ACTIONS_ENDS; i++) {
		struct web_metrics_sample sample =
			web_metrics_sample(adding->out, adding->family->name);
		web_metrics_label(&sample, "action", count->name);
		web_metrics_label(&sample, "outcome",
			actions_end_name((enum actions_end)i));
		web_metrics_put(&sample, count->ended[i]);
	}
}

static void
add_runs(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	struct adding adding = { family, out };
	actions_counts(agent_view(agent).actions, on_runs, &adding);
}

static void
on_running(void *cookie, const struct actions_count *count)
{
	const struct adding *adding = cookie;
	struct web_metrics_sample sample =
		web_metrics_sample(adding->out, adding->family->name);
	web_metrics_label(&sample, "action", count->name);
	web_metrics_put(&sample, count->running);
}

static void
add_running(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	struct adding adding = { family, out };
	actions_counts(agent_view(agent).actions, on_running, &adding);
}

const struct web_metrics_family web_metrics_of_actions[] = {
	{ "curlew_action_runs_total", "counter",
		"Runs of actions that are over, by action and by what came of "
		"them; uncertain is what may have been done.",
		.of_agent = add_runs },
	{ "curlew_actions_running", "gauge",
		"Runs of actions that are not over yet, by action.",
		.of_agent = add_running },
	{ 0 },
};
