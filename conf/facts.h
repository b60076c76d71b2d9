/*
 * What there is to know of a key besides its help, each fact as a label and a
 * text for people.
 */
#pragma once

#include "conf/outline.h"

/** Both are borrowed until it returns. */
typedef void conf_fact_fn(void *cookie, const char *label, const char *text);

/**
 * Nothing for what is no key.  In this order, each only where it applies:
 * value, required or default, when empty, also, environment, fills in (once a
 * word), secret, new.
 */
void conf_facts(
	const struct conf_entry *entry, conf_fact_fn *tell, void *cookie);

/** A length of time as a user would write it: 500ms, 30s, 5m, 366d. */
const char *conf_duration_text(double ms, struct arena *arena);
