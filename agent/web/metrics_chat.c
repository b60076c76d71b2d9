/* Of chats: what comes to their doors. */
#include "agent/agent.h"
#include "agent/doors.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"

static void
add_requests(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	const struct doors *doors = agent_view(agent).doors;
	for (size_t i = 0; i < doors->count; i++) {
		for (int k = 0; k < DOOR_OUTCOMES; k++) {
			const struct door *door = &doors->items[i];
			struct web_metrics_sample sample =
				web_metrics_sample(out, family->name);
			web_metrics_label(&sample, "chat", door->name);
			web_metrics_label(&sample, "outcome",
				doors_outcome_name((enum door_outcome)k));
			web_metrics_put(&sample, door->requests[k]);
		}
	}
}

const struct web_metrics_family web_metrics_of_chat[] = {
	{ "curlew_chat_requests_total", "counter",
		"Requests of chats, by door and outcome; what is ignored was "
		"not meant for us, or was said before.",
		.of_agent = add_requests },
	{ 0 },
};
