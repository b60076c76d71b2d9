/*
 * Complaints, gathered until all are known, then told in file order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/schema.h"
#include "conf/yaml.h"

enum {
	CONF_COMPLAINTS_MAX = 1000, /* of errors, and of warnings */
};

struct conf_complaints;

struct conf_complaints *conf_complaints_new(void);

/** NULL is allowed and does nothing. */
void conf_complaints_free(struct conf_complaints *complaints);

/**
 * `path` says where in the document, "" for the document as a whole.  The same
 * sentence about the same key and place is kept once: an anchor that a thousand
 * endpoints share is wrong once.
 */
void conf_complaints_add(struct conf_complaints *complaints,
	enum conf_severity severity, struct conf_mark mark, const char *path,
	const char *sentence);

/** Errors so far, those included that are not kept. */
size_t conf_complaints_errors(const struct conf_complaints *complaints);

/** True when more of that kind will only be counted. */
bool conf_complaints_full(
	const struct conf_complaints *complaints, enum conf_severity severity);

/** Tell all of them, each with the name of the file in front. */
void conf_complaints_tell(struct conf_complaints *complaints, const char *file,
	conf_complain_fn *complain, void *cookie);
