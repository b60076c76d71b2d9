/*
 * What the readers of requests share.  Only agent/inbound/ and agent/chat/
 * include this.
 *
 * Missing and strange members read as "" or 0: an alert is never lost for a
 * detail.
 */
#pragma once

#include <jansson.h>

#include "agent/inbound/inbound.h"

/**
 * Add a problem that says nothing yet.  Borrowed until the next one.  There is
 * room for INBOUND_PROBLEMS_MAX; beyond that it is NULL.
 */
struct problem *inbound_add(struct inbound_answer *answer);

/** Add a label, unless it has no value. */
void inbound_label(struct inbound_answer *answer, struct problem *problem,
	const char *name, const char *value);

/** Every string in this map as a label. */
void inbound_labels(
	struct inbound_answer *answer, struct problem *problem, json_t *map);

void inbound_accept(struct inbound_answer *answer);

/** `why` is a sentence without anything that they sent. */
void inbound_refuse(struct inbound_answer *answer, int status, const char *why);

/** NULL when it is no JSON; to be json_decref()ed. */
json_t *inbound_json(const char *text, size_t len);

/** A form, or a query, as a map of strings; of repeated names the last. */
json_t *inbound_form(const char *text, size_t len);

/** JSON, a form, or a query with GET; NULL, and refused, when it is neither. */
json_t *inbound_map(
	const struct inbound_request *request, struct inbound_answer *answer);

/** The member at "a.b.c"; NULL when there is none. */
json_t *inbound_at(const json_t *json, const char *path);

/** A string, number or boolean there, as text; "" for anything else. */
const char *inbound_text(
	struct arena *arena, const json_t *json, const char *path);

/** The first that is not "". */
const char *inbound_first(const char *const *texts, size_t n);
#define INBOUND_FIRST(...) \
	inbound_first((const char *const[]){ __VA_ARGS__ }, \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/** A moment in any of the ways in which senders write one; 0 for none. */
int64_t inbound_time(const char *text);
int64_t inbound_time_at(
	struct arena *arena, const json_t *json, const char *path);

/** How bad something is, in the words of any sender; MAJOR_OUTAGE for none. */
enum status inbound_severity(const char *word);

/** A plain notice of what we have no shape for. */
void inbound_plain(struct inbound_answer *answer, const json_t *json,
	const char *title, const char *text);

/** What AWS puts into EventBridge, and through it into SNS. */
void inbound_aws(struct inbound_answer *answer, const json_t *event);

/** True when this is such an event. */
bool inbound_aws_is(const json_t *event);

/** The message of a CloudWatch alarm in SNS. */
void inbound_cloudwatch(struct inbound_answer *answer, const json_t *message);
bool inbound_cloudwatch_is(const json_t *message);
