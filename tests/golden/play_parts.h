/*
 * Of a golden case: the settings that go in, and a view that comes out.
 */
#pragma once

#include <jansson.h>

struct arena;
struct buf;
struct conf_chosen;
struct event_endpoint;
struct reporter;
struct reporter_view;

/** NULL when they are no good; `out` then says why, as for users. */
const struct conf_chosen *play_settings(const char *type,
	const json_t *settings, struct arena *arena, struct buf *out);

/** A row a line; those of the endpoint are said to be ours. */
void play_view(const struct reporter *reporter,
	const struct reporter_view *view, const struct event_endpoint *endpoint,
	struct buf *out);
