/*
 * Actions on a database in memory, with time as an argument and a network that
 * does as the test says.  There are "make", with a command of its own and for
 * a user and a channel, "once", which must not be repeated, and "long".
 */
#pragma once

#include "agent/actions_internal.h"
#include "agent/base/buf.h"
#include "conf/action.h"
#include "tests/support/outbox_kit.h"

struct arena;
struct conf;

#define ACTIONS_SECRET "s3cr{t-value" /* in a header of "make" */
#define ACTIONS_TOKEN "t0ken\"-of-body" /* in the body of "make" */
#define ACTIONS_NUMBER 9081726354 /* there, too */
#define ACTIONS_REPLY "https://hooks.test/T/B/secret-place"

struct actions_sent {
	char text[96]; /* "POST https://f.test/once" */
	char key[64];
	bool authorized;
	int64_t total_ms;
	http_done_fn *done;
	void *cookie;
	bool open;
};

struct actions_scene {
	struct arena *arena;
	struct conf *conf;
	struct orders *orders;
	struct actions *actions;
	struct actions_sent sent[64];
	size_t n_sent;
	struct buf told; /* "goes_on make; done make: result; " */
	const char *secret; /* of the chat */
	bool chat; /* there is one */
	bool tells; /* and its posts arrive */
	bool patient; /* it wants to hear of the end alone */
	char reply[128];
};

extern struct actions_scene s;
extern struct conf_action actions_kit_all[];

/** For cmocka_unit_test_setup_teardown(). */
int actions_kit_set_up(void **unused);
int actions_kit_tear_down(void **unused);

/** A life of the process, and its end. */
void actions_kit_begin(void);
void actions_kit_end(void);

/** As a kill: what was not committed is gone. */
void actions_kit_restart(void);

void actions_kit_turn(void);

/** As the loop would: a turn whenever one is due. */
void actions_kit_wait(int64_t ms);

/** Ann asks for it; NULL when there is no room. */
const char *actions_kit_run(const char *text);
const char *actions_kit_run_from(const char *source, const char *text);

/** The request of this number is this one. */
struct actions_sent *actions_kit_the_call(size_t i, const char *text);

void actions_kit_answer(
	size_t i, int status, const char *headers, const char *body);

/** No answer; `sent`: the request may have arrived. */
void actions_kit_lose(size_t i, bool sent);

/** What was told since the last time. */
void actions_kit_assert_told(const char *expected);

/** The latest record. */
void actions_kit_assert_record(const char *expected);
