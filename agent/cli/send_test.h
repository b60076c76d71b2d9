/*
 * `curlew send-test`: one made-up outage and its end, by the real way.
 *
 *     send_test.c        the verb: whom, and what is shown
 *     send_test_carry.c  one reporter carries both, as the outbox would
 *     send_test_text.c   the record, for people
 *     send_test_token.c  the token that it takes
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct agent_home;
struct arena;
struct cover;
struct err;
struct ev_loop;
struct http_client;

struct cli_send_test {
	const struct agent_home *home; /* the reporter and its settings */
	struct cover *cover;
	bool system_resolver;
};

/**
 * Tells the outage, and if that was taken its end; what shows things to the
 * public is to take them back then.  What was sent and answered,
 * all secrets covered, for the caller to json_decref(); NULL when it could not
 * even begin.  "taken" in it says whether all of it was.
 */
json_t *cli_send_test_carry(const struct cli_send_test *test, struct err *err);

/** `*token` is in the arena, or NULL where none is needed.  False: there is
 * none. */
bool cli_send_test_token(const struct cli_send_test *test, struct ev_loop *loop,
	struct http_client *http, struct arena *arena, const char **token,
	struct err *err);

/** On stdout. */
void cli_send_test_print(const json_t *record, bool colours);
