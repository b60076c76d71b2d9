#include "agent/web/metrics.h"

#include "agent/agent.h"
#include "agent/web/metrics_families.h"
#include "agent/web/metrics_text.h"

enum {
	PIECE_SIZE = 32 * 1024,
	FAMILY_SHIFT = 32, /* in `*at`, above the number of the endpoint */
};

static void
begin(const struct web_metrics_family *family, struct buf *out)
{
	web_metrics_family(out, family->name, family->type, family->help);
}

static void
add_table(const struct web_metrics_family *family, const struct agent *agent,
	struct buf *out)
{
	for (; family->name; family++) {
		begin(family, out);
		family->of_agent(family, agent, out);
	}
}

static void
add_reporters(const struct web_metrics_family *family,
	const struct agent *agent, struct buf *out)
{
	for (; family->name; family++) {
		struct web_metrics_place place = { family, out };
		begin(family, out);
		outbox_each(
			agent_view(agent).outbox, family->of_reporter, &place);
	}
}

static void
add_agent(const struct agent *agent, struct buf *out)
{
	add_table(web_metrics_of_agent, agent, out);
	add_table(web_metrics_of_inbound, agent, out);
	add_table(web_metrics_of_chat, agent, out);
	add_table(web_metrics_of_actions, agent, out);
	add_table(web_metrics_of_orders, agent, out);
	add_reporters(web_metrics_of_reporters, agent, out);
	add_table(web_metrics_of_process, agent, out);
}

/* From the endpoint of this number on, as many as a piece takes. */
static uint64_t
add_endpoints(const struct web_metrics_family *family,
	const struct monitors *monitors, uint64_t number, struct buf *out)
{
	size_t size = monitors_size(monitors);
	/* A head alone would be written once more. */
	bool alone = number == 0;
	if (number == 0)
		begin(family, out);
	for (; number < size && (alone || out->len < PIECE_SIZE); number++) {
		alone = false;
		const struct monitor *monitor =
			monitors_at(monitors, (uint32_t)number);
		if (monitor)
			family->of_endpoint(family, monitor, out);
	}
	return number;
}

/* A family must not be interrupted by another one, so each walks through all
 * endpoints. */
static bool
add_piece(struct agent *agent, uint64_t *at, struct buf *out)
{
	const struct monitors *monitors = agent_view(agent).monitors;
	uint64_t index = *at >> FAMILY_SHIFT;
	uint64_t number = *at & UINT32_MAX;
	if (*at == 0)
		add_agent(agent, out);
	while (web_metrics_of_endpoints[index].name && out->len < PIECE_SIZE) {
		number = add_endpoints(&web_metrics_of_endpoints[index],
			monitors, number, out);
		if (number >= monitors_size(monitors))
			index++, number = 0;
	}
	*at = index << FAMILY_SHIFT | number;
	return web_metrics_of_endpoints[index].name != NULL;
}

void
web_metrics_answer(const struct web_request *request, struct web_answer *answer)
{
	(void)request;
	answer->status = 200;
	answer->type = WEB_METRICS_TYPE;
	answer->piece = add_piece;
}

void
web_metrics_answer_agent(
	const struct web_request *request, struct web_answer *answer)
{
	answer->status = 200;
	answer->type = WEB_METRICS_TYPE;
	add_agent(request->agent, &answer->body);
}
