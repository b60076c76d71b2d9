/*
 * The text format of Prometheus, version 0.0.4, line by line.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"

struct histogram;

#define WEB_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/** Once a family, before its samples, which follow one another. */
void web_metrics_family(
	struct buf *out, const char *name, const char *type, const char *help);

/** A sample as it is written: name, labels, then one of web_metrics_put*(). */
struct web_metrics_sample {
	struct buf *out;
	size_t start;
	bool has_labels;
};

struct web_metrics_sample web_metrics_sample(struct buf *out, const char *name);

/** Any text will do for the value: what is not UTF-8 becomes U+FFFD. */
void web_metrics_label(
	struct web_metrics_sample *sample, const char *name, const char *value);

/* These end a sample.  What does not fit is left out as a whole. */
void web_metrics_put(const struct web_metrics_sample *sample, uint64_t value);

/** In seconds, from microseconds and from milliseconds. */
void web_metrics_put_us(const struct web_metrics_sample *sample, int64_t us);
void web_metrics_put_ms(const struct web_metrics_sample *sample, int64_t ms);

/**
 * The samples of a histogram of microseconds, in seconds; `label` with its
 * value is in each, or is NULL.
 */
void web_metrics_histogram(struct buf *out, const char *name, const char *label,
	const char *value, const struct histogram *histogram);
