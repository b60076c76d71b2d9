/*
 * For answer.c and its answer_*.c alone.
 *
 *     answer.c        one page of an answer, and what makes answers
 *     answer_say.c    its head: sentences
 *     answer_list.c   lines below it: lists, help, payloads
 *     answer_teach.c  lines of how actions are asked for
 *     answer_look.c   lines of one endpoint
 *     answer_pen.c    how things are written, here and there
 *     answer_slack.c  a page as Slack has it
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "agent/base/buf.h"
#include "agent/chat/answer.h"
#include "agent/chat/answer_texts.h"

enum {
	CHAT_NAME_MAX = 150, /* bytes, as in those below */
	CHAT_WORDS_MAX = 300, /* of what somebody said or wrote */
	CHAT_LINE_MAX = 2900, /* of one line, or of what is code */
	CHAT_HEAD_MAX = 3000,
};

struct chat_pen {
	struct words words;
	bool is_slack; /* else plain text */
	struct arena *arena;
};

struct chat_line {
	const char *text;
	enum status status; /* gives it its colour */
	bool counts; /* it is one of a list */
};

struct chat_page {
	struct chat_pen pen;
	const json_t *answer;
	struct buf head;
	struct chat_line *lines;
	size_t n;
	size_t size;
	size_t more; /* than the answer itself has */
};

/* answer_pen.c */

/** What came from outside: escaped, in one line, cut after `max` bytes. */
const char *chat_write(
	const struct chat_pen *pen, const char *text, size_t max);

/** The same of a member of a map; "" for none. */
const char *chat_member(const struct chat_pen *pen, const json_t *map,
	const char *key, size_t max);

/** A name, with a link where there is an address and it can be one. */
const char *chat_named(
	const struct chat_pen *pen, const char *name, const char *url);

/** What can be said: a command with its arguments. */
const char *chat_command(const struct chat_page *page, const char *command);

/** What is typed as it stands. */
const char *chat_quote(const struct chat_pen *pen, const char *text);

/** Its "word" as patterns have it: {vm}. */
const char *chat_word(const struct chat_pen *pen, const json_t *map);

/** By the clock of whoever reads it. */
const char *chat_time(const struct chat_pen *pen, int64_t wall_ms);

/** A moment as answers have it: 0 for none. */
int64_t chat_moment(const json_t *map, const char *key);

/** A block where columns stay columns; its lines stay lines. */
const char *chat_code(const struct chat_pen *pen, const char *text);

/** Its {} filled in with what is written already; NULL for what it has not. */
const char *chat_fill(const struct chat_pen *pen, enum chat_text text,
	const char *first, const char *second, const char *third);

const char *chat_number(const struct chat_pen *pen, int64_t number);

/* answer.c */

void chat_page_add(struct chat_page *page, enum status status, bool counts,
	const char *text);

const char *chat_text_at(const json_t *map, const char *key);
int64_t chat_number_at(const json_t *map, const char *key);
bool chat_is(const json_t *map, const char *key);
enum status chat_status_at(const json_t *map, const char *key);

/* answer_say.c */

void chat_say(struct chat_page *page);

/* answer_list.c */

void chat_list(struct chat_page *page);

/* answer_teach.c */

/** The ways of actions, in a line each. */
void chat_ways(struct chat_page *page, const json_t *rows);

/** All that can be said of each. */
void chat_teach(struct chat_page *page, const json_t *lessons);

/* answer_look.c */

/** "major outage since ... (4m 10s): Unexpected HTTP status (500); muted". */
const char *chat_look_row(const struct chat_pen *pen, const json_t *endpoint);

/** All that is known of the endpoint that was looked at. */
void chat_look(struct chat_page *page, const json_t *endpoint);

/* answer_slack.c */

json_t *chat_slack(const struct chat_page *page);
