/*
 * Tellings: events that deliveries share.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/mem.h"
#include "agent/outbox_internal.h"

static void
copy_endpoint(struct arena *arena, struct event_endpoint *endpoint)
{
	endpoint->name = arena_dup(arena, endpoint->name);
	endpoint->url = arena_dup(arena, endpoint->url);
	endpoint->method = arena_dup(arena, endpoint->method);
	endpoint->titles = (struct event_titles){
		.outage = arena_dup(arena, endpoint->titles.outage),
		.performance = arena_dup(arena, endpoint->titles.performance),
		.operational = arena_dup(arena, endpoint->titles.operational),
	};
	event_copy_places(endpoint, arena);
	event_copy_known(endpoint, arena);
}

/* There may be one for each of a hundred thousand endpoints. */
static struct arena *
arena_for(const struct event *event)
{
	const struct event_endpoint *endpoint = &event->endpoint;
	const char *const texts[] = {
		event->incident,
		event->message,
		endpoint->name,
		endpoint->url,
		endpoint->method,
		endpoint->titles.outage,
		endpoint->titles.performance,
		endpoint->titles.operational,
	};
	size_t size = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		size += strlen(texts[i]) + 1;
	for (size_t i = 0; i < endpoint->n_places; i++)
		size += strlen(endpoint->places[i].reporter) + 1
			+ sizeof(struct event_place);
	return arena_new_for(size + event_size_known(endpoint));
}

struct telling *
outbox_telling_new(const struct event *event)
{
	struct telling *telling = mem_zalloc(sizeof(*telling));
	telling->refs = 1;
	telling->arena = arena_for(event);
	telling->event = *event;
	telling->event.incident = arena_dup(telling->arena, event->incident);
	telling->event.message = arena_dup(telling->arena, event->message);
	copy_endpoint(telling->arena, &telling->event.endpoint);
	list_init(&telling->link);
	return telling;
}

void
outbox_telling_drop(struct telling *telling)
{
	if (--telling->refs > 0)
		return;
	list_remove(&telling->link);
	arena_free(telling->arena);
	free(telling);
}
