/*
 * What an event is in the words of a language.
 *
 * English is what the rest of the agent speaks, so a title of `messages:` and
 * the sentence that a probe gave stay as they are.  In the other languages the
 * titles that nobody changed are translated; what a user wrote, and what a
 * server or another monitor said, is told in the words in which it came.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/model/event.h"
#include "conf/schema.h"

struct arena;
struct err;
struct zone;

enum words_language {
	WORDS_EN = 0,
	WORDS_KO,
	WORDS_ZH,
};

enum {
	WORDS_LANGUAGES = WORDS_ZH + 1,
	WORDS_FACTS_MAX = 12,
};

/** What `language` may be: en, ko, zh. */
extern const struct conf_choice words_languages[];

/** What stands in front of a fact. */
enum words_label {
	WORDS_STATUS = 0,
	WORDS_CAUSE,
	WORDS_LATENCY,
	WORDS_SERVICE, /* and what else another monitor said */
	WORDS_CATEGORY,
	WORDS_ACCOUNT,
	WORDS_REGION,
	WORDS_SEVERITY,
	WORDS_SINCE, /* when it began, of what is not over */
	WORDS_BEGAN, /* and of what is */
	WORDS_LASTED,
	WORDS_ADDRESS,
};

enum {
	WORDS_LABELS = WORDS_ADDRESS + 1,
};

/** How one receiver is spoken to. */
struct words {
	int language; /* enum words_language */
	const struct zone *zone; /* its clocks; NULL: UTC */
};

struct words_fact {
	enum words_label label;
	const char *value;
};

/**
 * With the clocks of `time_zone`, which live in the arena; NULL for UTC.
 * False, with `err` set, when there are no such.
 */
bool words_choose(struct words *words, int language, const char *time_zone,
	struct arena *arena, struct err *err);

/** "Status". */
const char *words_label(int language, enum words_label label);

/** "partial outage". */
const char *words_status(int language, enum status status);

/** "connect timeout"; "" for CAUSE_NONE. */
const char *words_cause(int language, enum cause cause);

/** "4m 10s": at most two units. */
const char *words_length(int language, int64_t ms, struct arena *arena);

/** By the receiver's clocks as they stand then: "2026-11-20 23:14:05", with UTC
 * where they show just that. */
const char *words_time(
	const struct words *words, int64_t wall_ms, struct arena *arena);

/** One line: "shop is unavailable", "shop is no longer monitored", "shop is
 * unavailable: still down after 2h 10m". */
const char *words_title(
	int language, const struct event *event, struct arena *arena);

/**
 * What was seen: the event's message.  "" when there is none, and when the
 * title says it already.
 */
const char *words_message(const struct event *event);

/**
 * Where the time of the last look went: "DNS 1 ms, connect 2 ms, TLS 31 ms,
 * first byte 270 ms, body 8 ms"; "" when that is not known.
 */
const char *words_phases(
	int language, const struct event *event, struct arena *arena);

/** What a button says: "Acknowledge". */
const char *words_acknowledge(int language);

/** Above a list of so many: "3 changes". */
const char *words_changes(int language, size_t n, struct arena *arena);

/**
 * All in a line or so: "shop is unavailable: Unexpected HTTP status (500)",
 * "shop is operational; it was down for 4m 10s".
 */
const char *words_sentence(
	int language, const struct event *event, struct arena *arena);

/**
 * What else there is to say, in the order of enum words_label; how many there
 * are.
 */
size_t words_facts(const struct words *words, const struct event *event,
	struct arena *arena, struct words_fact facts[static WORDS_FACTS_MAX]);
