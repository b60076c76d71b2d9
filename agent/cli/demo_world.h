/*
 * The world of `curlew demo`, on loopback: a shop that is in a mood, a home
 * page that is always well, and a receiver of webhooks.
 */
#pragma once

struct demo_show;
struct demo_world;
struct err;

enum demo_mood {
	DEMO_HEALTHY = 0,
	DEMO_SLOW, /* answers after 600 ms */
	DEMO_WRONG, /* answers 200, but not with the page */
	DEMO_DOWN, /* hangs up without an answer */
};

/** What the receiver gets is shown in `show`, which must outlive the world. */
struct demo_world *cli_world_open(struct demo_show *show, struct err *err);

/** NULL is allowed and does nothing. */
void cli_world_close(struct demo_world *world);

/** From any thread. */
void cli_world_set(struct demo_world *world, enum demo_mood mood);

/** "127.0.0.1:43210". */
const char *cli_world_where(const struct demo_world *world);
