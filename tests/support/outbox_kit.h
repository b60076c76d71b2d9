/*
 * The outbox against a reporter and a network that do as the test says, on a
 * database in memory, with time as an argument.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/base/rng.h"
#include "agent/outbox.h"
#include "reporters/reporter.h"

struct ledger;
struct store;

enum {
	CALLS_MAX = 256,
};

#define F_BEGIN_MS INT64_C(1795219200000) /* 2026-11-21 00:00:00 UTC */

#define MINUTE (INT64_C(60) * 1000)
#define HOUR (INT64_C(60) * MINUTE)

/** A request that was sent, and who waits for its answer. */
struct call {
	char text[96]; /* "open shop" */
	int64_t at_ms; /* monotonic */
	http_done_fn *done;
	void *cookie;
	bool cancelled;
};

struct outbox_fixture {
	struct store *store;
	struct ledger *ledger;
	struct outbox *outbox;
	struct rng rng;
	struct moment now;
	struct call calls[CALLS_MAX];
	size_t n_calls;
	int64_t next_ms;
	enum status mirror;
	bool disk_full;
	int64_t window_ms; /* of the metric; 0: each point by itself */
	bool adds_up;
	int64_t latency_us; /* of what is announced */
	bool as_one; /* the reporter tells what is over with its opening */
	bool is_chat; /* the reporter is */
	unsigned incident; /* with the length of the name, which one it is */
	unsigned seq; /* is added to that of events */
	struct reporter_limit limit; /* of the reporter */
	const char *token; /* NULL: there is none, if one is needed */
	const char *refused; /* the last token that was; NULL: none yet */
	char news[512]; /* one letter each: t told, r retry, x expired ... */
};

extern struct outbox_fixture f;

/** For cmocka_unit_test_setup_teardown(). */
int outbox_kit_set_up(void **unused);
int outbox_kit_tear_down(void **unused);

/** Another life of the process, on the same database. */
void outbox_kit_restart(void);

/** What the reporter is told stays there to be read. */
void outbox_kit_keep_record(bool tells_late);

/** The reporter tells several events in one message, if need be, and does not
 * mind a repeat. */
void outbox_kit_be_a_chat(unsigned company_max, struct bucket_limit limit);

/** It. */
const struct reporter *outbox_kit_reporter(void);

/** The reporter goes. */
void outbox_kit_remove(void);

/** From now on the reporter needs a token: f.token, once that is set. */
void outbox_kit_need_token(void);

/** There is another one. */
void outbox_kit_new_token(const char *token);

void outbox_kit_turn(void);
void outbox_kit_wait(int64_t ms);

/** An event of the endpoint; `url` "both" asks for a mirror as well, "metric"
 * for a point before. */
void outbox_kit_announce(
	enum event_kind kind, const char *name, const char *url);

/** The status is the answer's meaning, see the kit; 0: the answer is lost. */
void outbox_kit_answer(size_t call, int status);

/** "HTTP/1.1 429 No\r\nRetry-After: 7\r\n" */
void outbox_kit_answer_with(size_t call, int status, const char *headers);
void outbox_kit_assert_call(size_t call, const char *text);

const struct outbox_stats *outbox_kit_stats(void);
