/* What a problem says besides, as events have it. */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/external_internal.h"
#include "agent/model/event.h"

static const char *
or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

void
external_know(const struct problem *said, struct arena *arena,
	struct event_endpoint *endpoint)
{
	endpoint->service = or_null(said->service);
	endpoint->category = or_null(said->category);
	endpoint->account = or_null(said->account);
	endpoint->region = or_null(said->region);
	endpoint->severity = or_null(said->severity);
	if (said->n_labels == 0)
		return;
	struct event_label *labels =
		arena_alloc(arena, EVENT_LABELS_MAX * sizeof(*labels));
	size_t room = EVENT_LABELS_BYTES_MAX;
	endpoint->labels = labels;
	for (size_t i = 0; i < said->n_labels; i++) {
		const struct problem_label *label = &said->labels[i];
		size_t size = strlen(label->name) + strlen(label->value);
		if (endpoint->n_labels == EVENT_LABELS_MAX || size > room)
			continue;
		room -= size;
		labels[endpoint->n_labels++] =
			(struct event_label){ label->name, label->value };
	}
}
