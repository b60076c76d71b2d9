/*
 * Looks at what a receiver shows, and what is done when it is not as it should
 * be.
 *
 * A look is a part like any other, so that it keeps to the pace of its queue;
 * but it tells nothing, and nobody remembers it.
 */
#include "agent/outbox_internal.h"

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

static struct queue_of *
queue_to(const struct outbox *outbox, const struct reporter *reporter)
{
	return map_get(outbox->by_reporter, reporter->id);
}

/* It carries nothing, but every delivery has one. */
static struct telling *
nothing_told(void)
{
	const struct event nothing = {
		.kind = EVENT_POINT,
		.incident = "",
		.message = "",
		.endpoint = { .name = "",
			.url = "",
			.method = "",
			.titles = { "", "", "" } },
	};
	return outbox_telling_new(&nothing);
}

bool
outbox_look(struct outbox *outbox, const struct reporter *reporter,
	struct reporter_view *view, struct moment now)
{
	struct queue_of *queue = queue_to(outbox, reporter);
	if (!queue || queue->looking || !reporter->type->look)
		return false;
	struct reporter_plan plan = { .n = 1 };
	plan.parts[0].kind = PART_LOOK;
	str_copy(plan.parts[0].lane, sizeof(plan.parts[0].lane), "look");
	struct telling *telling = nothing_told();
	struct delivery *delivery =
		outbox_deliver_fleeting(queue, telling, &plan, now);
	outbox_telling_drop(telling);
	delivery->view = view;
	queue->looking = true;
	map_free(queue->touched);
	queue->touched = map_new();
	return true;
}

void
outbox_look_end(struct queue_of *queue, bool whole, const char *detail)
{
	const struct outbox_settings *settings = &queue->outbox->settings;
	queue->looking = false;
	if (settings->looked)
		settings->looked(
			settings->look_cookie, queue->reporter, whole, detail);
	/* Another one may have begun in there. */
	if (queue->looking)
		return;
	map_free(queue->touched);
	queue->touched = NULL;
}

void
outbox_doubt(const struct queue_of *queue, bool back)
{
	const struct outbox_settings *settings = &queue->outbox->settings;
	if (settings->doubt)
		settings->doubt(settings->look_cookie, queue->reporter, back);
}

static bool
is_still(const struct outbox *outbox, const struct reporter *reporter,
	const struct event *event, bool mirrors_only)
{
	const struct queue_of *queue = queue_to(outbox, reporter);
	if (!queue)
		return true;
	struct reporter_plan plan = { 0 };
	struct event seen = event_for(event, reporter->id);
	reporter->type->plan(reporter, &seen, &plan);
	for (size_t i = 0; i < plan.n; i++)
		if ((plan.parts[i].kind == PART_MIRROR || !mirrors_only)
			&& !outbox_lane_is_still(
				queue, &plan.parts[i], event->endpoint.name))
			return false;
	return true;
}

bool
outbox_is_still(const struct outbox *outbox, const struct reporter *reporter,
	const struct event *event)
{
	return is_still(outbox, reporter, event, true);
}

bool
outbox_is_told(const struct outbox *outbox, const struct reporter *reporter,
	const struct event *event)
{
	return is_still(outbox, reporter, event, false);
}

bool
outbox_is_over(const struct outbox *outbox, const struct reporter *reporter,
	const char *incident)
{
	const struct queue_of *queue = queue_to(outbox, reporter);
	return !queue
		|| (!outbox_receipt(queue, incident)
			&& !(queue->touched
				&& map_get(queue->touched, incident)));
}

const char *
outbox_ref(const struct outbox *outbox, const struct reporter *reporter,
	const char *incident)
{
	const struct queue_of *queue = queue_to(outbox, reporter);
	const struct receipt *receipt =
		queue ? outbox_receipt(queue, incident) : NULL;
	return receipt && reporter_opening_is_told(receipt->opening)
		? receipt->ref
		: NULL;
}

void
outbox_mend(struct outbox *outbox, const struct event *event,
	const struct reporter *reporter, enum reporter_mend mend, int64_t id,
	struct moment now)
{
	struct queue_of *queue = queue_to(outbox, reporter);
	if (!queue)
		return;
	char carry[REPORTER_CARRY_MAX] = "";
	struct reporter_plan plan = { .n = 1 };
	reporter->type->mend(reporter, mend, id, &plan.parts[0], carry);
	struct telling *telling = outbox_telling_new(event);
	outbox_remember(outbox, telling);
	struct delivery *delivery = outbox_deliver(queue, telling, &plan, now);
	delivery->parts[0].carry = mem_dup(carry);
	outbox_write_part(&delivery->parts[0]);
	outbox_telling_drop(telling);
}

void
outbox_adopt(struct outbox *outbox, const struct event *event,
	const struct outbox_adopter *to, size_t n, struct moment now)
{
	struct telling *telling = outbox_telling_new(event);
	outbox_remember(outbox, telling);
	for (size_t i = 0; i < n; i++) {
		struct queue_of *queue = queue_to(outbox, to[i].reporter);
		if (queue && to[i].untold)
			outbox_deliver_event(queue, telling, now);
		else if (queue)
			outbox_receipt_set(
				outbox_receipt_make(queue, event->incident),
				OPENING_TOLD, to[i].ref);
	}
	outbox_telling_drop(telling);
}
