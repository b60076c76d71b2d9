/*
 * What a plain scalar means: YAML 1.1, as PyYAML reads it, since that is what
 * every config.yml of cachet-url-monitor was written for.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

/** One of NULL, BOOL, INT, FLOAT and TEXT. */
enum conf_node_kind conf_scalar_kind(const char *text);

/** True for what can be said to be a BOOL by a tag: in any case. */
bool conf_scalar_is_bool_word(const char *text);

/** Of a BOOL. */
bool conf_scalar_bool(const char *text);

/** Of an INT.  False when it does not fit. */
bool conf_scalar_int(const char *text, int64_t *value);

/** Of an INT or a FLOAT; may be infinite or not a number. */
double conf_scalar_float(const char *text);

/**
 * "octal" or "base 60" for an INT or FLOAT that few would read that way, such
 * as 010 and 1:30; else NULL.
 */
const char *conf_scalar_oddity(const char *text);
