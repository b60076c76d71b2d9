/*
 * JSON as reporters send and receive it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct arena;
struct event_endpoint;
struct http_response;

/** The body as JSON, for the caller to json_decref(); NULL when it is none. */
json_t *payload_read(const struct http_response *answer);

/** Compact text of `json`, which is consumed. */
const char *payload_write(json_t *json, struct arena *arena);

/** A string; what is not UTF-8 in it becomes question marks. */
json_t *payload_text(const char *text);

/** The same, cut after `max` bytes. */
json_t *payload_text_cut(const char *text, size_t max);

/** 4, "4" and {"value": 4} are all 4. */
bool payload_number(const json_t *json, int64_t *number);

/**
 * What templates call service, category, account, region, severity, labels or
 * tags: "" where there is none, and NULL for any other key.
 */
const char *payload_known(const struct event_endpoint *endpoint,
	const char *key, struct arena *arena);
