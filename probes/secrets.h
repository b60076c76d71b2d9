/*
 * What an endpoint's requests hold that is for its server alone: should the
 * server say it again, nobody else is shown it.  Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct http_conf;

/** Whether a header of this name, or a field, usually has a secret in it. */
bool secrets_is_name(const char *name, size_t len);

/**
 * The same text with each secret of these settings covered: user and password,
 * the values of the query, and headers whose name says so, whole and in pieces.
 * Takes `text`, which came from malloc() or is NULL; the caller frees what it
 * returns, which is no longer than it was.
 */
char *secrets_cover(char *text, const struct http_conf *settings);
