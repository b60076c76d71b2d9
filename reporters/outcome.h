/*
 * How a step ends, said in one line.
 */
#pragma once

#include <stdint.h>

#include "reporters/reporter.h"

/** Sets everything in `step`: `kind`, with a sentence and nothing else. */
void outcome_set(struct reporter_step *step, enum reporter_step_kind kind,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Done; `ref` is kept, "" for nothing. */
void outcome_done(struct reporter_step *step, const char *ref);

/**
 * There was no answer: a retry, since nothing else will get through either.
 * `who` begins the sentence.
 */
void outcome_no_answer(struct reporter_step *step, const char *who,
	const struct http_response *answer);

/**
 * A retry that minds Retry-After, as for 408, 425, 429 and 5xx.  `who` begins
 * the sentence.
 */
void outcome_busy(struct reporter_step *step, const char *who,
	const struct http_response *answer, int64_t now_ms);

/**
 * For a redirect that may not be followed.  `who` begins the sentence, `where`
 * is the key that should be changed.
 */
void outcome_redirect(struct reporter_step *step, enum reporter_step_kind kind,
	const char *who, const char *where, const struct http_response *answer);

/** True for 408, 425, 429 and 5xx. */
bool outcome_is_busy(int status);
