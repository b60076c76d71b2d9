/*
 * The screen of `curlew demo`: a line a change, and on a terminal a live line
 * below them.  For any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct agent;
struct demo_show;
struct event;
struct monitor;

struct demo_show *cli_show_new(void);

/** Takes the live line away. */
void cli_show_end(struct demo_show *show);

/** NULL is allowed and does nothing. */
void cli_show_free(struct demo_show *show);

/** The clock starts at 0 now. */
void cli_show_start(struct demo_show *show);

/** Since cli_show_start(). */
int64_t cli_show_elapsed_ms(const struct demo_show *show);

/** What the world does. */
void cli_show_world(struct demo_show *show, const char *text);

/** One probe: shown when it saw trouble, or good, that is not believed yet. */
void cli_show_result(struct demo_show *show, const struct monitor *monitor);

void cli_show_event(struct demo_show *show, const struct event *event);

/** The receiver got this; `key` is X-Curlew-Delivery, or NULL. */
void cli_show_received(
	struct demo_show *show, const char *body, const char *key);

/** A delivery that did not go well. */
void cli_show_trouble(struct demo_show *show, const char *detail);

/** Draw the live line anew. */
void cli_show_live(struct demo_show *show, const struct agent *agent);

struct demo_counts {
	unsigned opened, changed, closed, received;
};

struct demo_counts cli_show_counts(struct demo_show *show);
