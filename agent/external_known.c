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

static const char *
or_empty(const char *text)
{
	return text ? text : "";
}

void
external_recall(const struct external_problem *problem, struct arena *arena,
	struct problem *said)
{
	struct event_endpoint known = { 0 };
	event_decode_known(problem->known, arena, &known);
	*said = (struct problem){
		.state = PROBLEM_DOWN,
		.subject = problem->subject->name,
		.identity = problem->identity,
		.delivery = "",
		.status = problem->status,
		.severity = or_empty(known.severity),
		.title = problem->title,
		.text = "",
		.link = problem->where,
		.service = or_empty(known.service),
		.category = or_empty(known.category),
		.account = or_empty(known.account),
		.region = or_empty(known.region),
	};
	said->labels = arena_alloc(
		arena, (known.n_labels + 1) * sizeof(*said->labels));
	for (size_t i = 0; i < known.n_labels; i++)
		said->labels[said->n_labels++] =
			(struct problem_label){ known.labels[i].name,
				known.labels[i].value };
}
