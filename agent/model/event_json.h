/*
 * Events as JSON: for event.c and event_known.c, but for the text that all who
 * write JSON need.
 *
 * Missing and strange members read as nothing: an event is never lost for a
 * detail.
 */
#pragma once

#include <jansson.h>

#include "agent/model/event.h"

/** What a server sent may be in it, and JSON wants UTF-8. */
json_t *event_json_text(const char *text);

const char *event_json_text_at(
	const json_t *json, const char *key, struct arena *arena);

void event_json_add_known(json_t *json, const struct event_endpoint *endpoint);
void event_json_read_known(const json_t *json, struct arena *arena,
	struct event_endpoint *endpoint);
