/*
 * The kinds of probes and reporters that there really are, for documents.
 */
#pragma once

#include "conf/schema.h"

extern const struct conf_types kinds_types;

/** Fill the types in, and forget what the environment says. */
void kinds_prepare(void);
