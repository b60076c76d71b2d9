/*
 * An endpoint as it is to stand in a file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum {
	CONF_DRAFT_RULES_MAX = 4,
};

struct conf_draft_pair {
	const char *key, *value; /* texts */
};

/** An expectation. */
struct conf_draft_rule {
	const char *type; /* "REGEX" */
	const char *key; /* "regex" */
	const char *value;
	bool is_text; /* else it is a value, see conf/quote.h */
	const char *incident;
};

/** NULL, 0 and false: it is left out.  In the order of the file. */
struct conf_draft_endpoint {
	const char *name, *url; /* texts; the others are values */
	const char *method;
	const struct conf_draft_pair *header;
	size_t n_header;
	bool insecure;
	const char *timeout, *on_timeout;
	struct conf_draft_rule rules[CONF_DRAFT_RULES_MAX];
	size_t n_rules;
	const char *allowed_fails;
	const char *cachet; /* a text */
	int64_t component_id, metric_id;
	const char *action; /* names, with commas between them */
	const char *public_incidents, *latency_unit, *frequency;
};

/** As lines that each begin with `margin`, the first of them with a "-". */
void conf_draft_lines(struct buf *out, const char *margin,
	const struct conf_draft_endpoint *endpoint);

/** In braces, without a line end. */
void conf_draft_braces(
	struct buf *out, const struct conf_draft_endpoint *endpoint);
