/*
 * The kinds of probes and reporters that there really are, for documents.
 */
#pragma once

#include "conf/schema.h"

extern const struct conf_types kinds_types;

/** Fill the types in, and forget what the environment says. */
void kinds_prepare(void);

/** Adds "error: ..." or "warning: ...", a line, to the struct buf. */
void kinds_complain(
	void *buf, enum conf_severity severity, const char *message);

/** A file for documents, while the suite is open. */
extern char kinds_path[];

/** For cmocka: around a suite.  Prepares, too. */
int kinds_open(void **unused);
int kinds_close(void **unused);
