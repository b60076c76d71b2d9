/*
 * How everything is, at one time: what a digest tells.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/model/status.h"

struct arena;

enum {
	DIGEST_ROWS_MAX = 50, /* the rest is counted */
	DIGEST_MILLION = 1000 * 1000,
};

/** One endpoint, or one that another monitor watches. */
struct digest_row {
	const char *name;
	const char *url; /* "" for none */
	enum status status;
	bool muted; /* and nobody is to be alarmed by how it is */
	int64_t since_ms; /* wall clock; 0: not known */
	int64_t uptime_ppm; /* of the period; -1: not known */
};

struct digest {
	int64_t from_ms; /* wall clock: the period, up to when it was made */
	int64_t to_ms;
	size_t total;
	size_t bad; /* of these, as in those below */
	size_t unknown;
	size_t muted; /* counted neither as bad nor as unknown */
	size_t n_rows; /* the worst of them, and the rest by name */
	struct digest_row rows[DIGEST_ROWS_MAX];
};

/** As JSON, for the caller to free. */
char *digest_encode(const struct digest *digest);

/** Missing and strange members read as nothing; strings live in `arena`.
 * False when it is no digest at all. */
bool digest_decode(
	const char *text, struct arena *arena, struct digest *digest);

/** For qsort() of struct digest_row: those that are worse come first. */
int digest_compare(const void *a, const void *b);
