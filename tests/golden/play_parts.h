/*
 * Of a golden case: the settings, the opening and the point that go in, and a
 * view that comes out.
 */
#pragma once

#include <jansson.h>

#include "reporters/reporter.h"

struct arena;
struct buf;
struct conf_chosen;
struct event;
struct event_endpoint;
struct reporter;
struct reporter_view;

/** NULL when they are no good; `out` then says why, as for users. */
const struct conf_chosen *play_settings(const char *type,
	const json_t *settings, struct arena *arena, struct buf *out);

/** By its word in a case; OPENING_NONE for any other. */
enum reporter_opening play_opening(const char *word);

/** That of the event; `given` is what is known of its metric, or NULL. */
struct reporter_point play_point(const struct event *event, const json_t *given,
	struct reporter_meter *meter);

/** Whom the mail server is told, and how: a line each; then the message. */
void play_mail(struct buf *out, const struct http_request *request);

/** A row a line; those of the endpoint are said to be ours. */
void play_view(const struct reporter *reporter,
	const struct reporter_view *view, const struct event_endpoint *endpoint,
	struct buf *out);
