/*
 * `expectation:` of an endpoint: from what people write to rules.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/schema.h"
#include "probes/expect.h"

struct err;
struct pattern_cache;

/** One of them, as the table fills it. */
struct expect_settings {
	const char *type;
	const char *incident;
	const struct conf_node *status_range;
	const struct conf_node *threshold;
	const char *regex;
};

/** Accepts only what expect_conf_compile() can take. */
extern const struct conf_section expect_conf_section;

/** The same question for one that does not come from a file. */
bool expect_conf_is_good(
	const struct expect_settings *settings, struct err *err);

/** How many rules the list (struct expect_settings) becomes. */
size_t expect_conf_count(const struct conf_list *list);

/** Fill them in; an empty list asks for a status of 2xx. */
void expect_conf_compile(const struct conf_list *list,
	struct pattern_cache *patterns, struct expect_rule *rules);
