/*
 * Whether an answer is as it should be.  Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern;
struct probe_watch;
struct result;

enum expect_kind {
	EXPECT_HTTP_STATUS = 0,
	EXPECT_LATENCY,
	EXPECT_REGEX,
	EXPECT_OR_STATUS, /* another range of the status rule before it */
};

struct expect_range {
	int32_t from;
	int32_t to; /* not any more */
};

/** Small, since there are several an endpoint. */
struct expect_rule {
	uint8_t kind; /* enum expect_kind */
	uint8_t incident; /* enum status: how bad it is when it is not met */
	union {
		struct expect_range range;
		int64_t threshold_us;
		struct pattern *pattern; /* until expect_finish() */
	};
};

/** What is judged. */
struct expect_seen {
	int status;
	int64_t latency_us;
	bool stalled; /* our loop was late: latency_us may be our own doing */
	const char *body;
	size_t body_len;
};

/**
 * Set status, cause and message of `result`.  The worst unmet rule wins, among
 * equals the first.  When nothing but a latency is amiss and our loop was
 * late, the status is unknown.
 */
void expect_judge(const struct expect_rule *rules, size_t n,
	const struct expect_seen *seen, struct result *result);

/**
 * Tell `watch` what became of each expectation, in their order.  `seen` is NULL
 * when there was no answer to judge.
 */
void expect_each(const struct expect_rule *rules, size_t n,
	const struct expect_seen *seen, const struct probe_watch *watch);

/** Drop the patterns of the rules. */
void expect_finish(struct expect_rule *rules, size_t n);
